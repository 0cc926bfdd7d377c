import { parseArgs } from 'node:util';
import { commands, takesArgument, usage } from './commands.ts';

/**
 * The operator's CLI: accounts, their connections and erasure, keys, rejected events, pauses, limits and partitions of deliveries, dead
 * letters; straight in the service's tables, with the AWS credentials of whoever runs it. EVENT_DESTINATIONS_STAGE or --stage
 * names the deployment (default: dev).
 */
const OPTIONS = {
  stage: { type: 'string', default: process.env.EVENT_DESTINATIONS_STAGE ?? 'dev' },
  account: { type: 'string' },
  platform: { type: 'string' },
  name: { type: 'string' },
  mode: { type: 'string', default: 'test' },
  publish: { type: 'boolean', default: false },
  'any-account': { type: 'boolean', default: false },
  days: { type: 'string', default: '1' },
  until: { type: 'string' },
  all: { type: 'boolean', default: false },
  region: { type: 'string' },
  destination: { type: 'string' },
  requests: { type: 'string' },
  events: { type: 'string' },
  'per-second': { type: 'string' },
  confirm: { type: 'string' },
  unlimited: { type: 'boolean', default: false },
  shards: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What AWS says of a table or queue that is not there does not name it; it is all of a stage that is missing. */
const NOT_THERE = ['ResourceNotFoundException', 'QueueDoesNotExist'];

const { positionals, values } = parseCommandLine();

// The tables' names follow from the stage, so that no output of a deployment has to be looked up.
process.env.REGISTRY_TABLE = `event-destinations-${values.stage}-registry`;
process.env.LEDGER_TABLE = `event-destinations-${values.stage}-ledger`;

const [noun, verb, argument, ...others] = positionals;
const name = [noun, verb].filter(Boolean).join(' ');
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (!command) misused(name === '' ? 'Say what to do' : `There is no command '${name}'`);
const surplus = takesArgument.has(name) ? others[0] : argument;
if (surplus !== undefined) misused(`'${name}' takes no further argument: '${surplus}'`);
try {
  const result = await command({ ...values, argument });
  if (result !== undefined) console.log(JSON.stringify(result, null, values.json ? 0 : 2));
} catch (error) {
  console.error(`event-destinations admin: ${problemOf(error)}`);
  process.exit(1);
}

function parseCommandLine() {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What node says further is of arguments that begin with a dash, and of a way to quote them that npm does not pass on.
    misused(error.message.split('. To specify')[0] ?? '');
  }
}

function misused(problem: string): never {
  console.error(`event-destinations admin: ${problem}\n\n${usage}`);
  process.exit(2);
}

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!NOT_THERE.includes(error.name)) return error.message;
  return `There is no stage '${values.stage}' in this AWS account and Region (${error.message}): see --stage, your credentials and AWS_REGION`;
}
