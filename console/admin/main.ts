import { parseArgs } from 'node:util';
import { commands, usage } from './commands.ts';

/**
 * The operator's CLI: accounts, their connections and erasure, keys, rejected events, pauses, limits and partitions of deliveries, dead
 * letters; straight in the service's tables, with the AWS credentials of whoever runs it. EVENT_DESTINATIONS_STAGE or --stage
 * names the deployment (default: dev).
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
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
  },
});

// The tables' names follow from the stage, so that no output of a deployment has to be looked up.
process.env.REGISTRY_TABLE = `event-destinations-${values.stage}-registry`;
process.env.LEDGER_TABLE = `event-destinations-${values.stage}-ledger`;

const name = positionals.slice(0, 2).join(' ');
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command || values.help) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
try {
  const result = await command({ ...values, argument: positionals[2] });
  if (result !== undefined) console.log(JSON.stringify(result, null, values.json ? 0 : 2));
} catch (error) {
  console.error(`event-destinations admin: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
