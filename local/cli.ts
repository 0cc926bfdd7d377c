import { existsSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseArguments, UsageError } from './arguments.ts';
import { Fields } from './fields.ts';
import { ENV_FILE } from './quickstart.ts';

const USAGE = `npm run local -- <command>

  advance 3d             moves time (90s, 15m, 2h30m, 3d); what falls due on the way happens in its order
  status                 the time, queues that hold something, functions that ran
  logs [function]        the newest lines of the functions, or of the one whose name contains the word
  kill <function>        ends its sandboxes at once, as a crash would

  --json                 prints the answer as it came`;

function endpoint(): string {
  if (process.env.AWS_ENDPOINT_URL) return process.env.AWS_ENDPOINT_URL;
  const env = existsSync(ENV_FILE) ? readFileSync(ENV_FILE, 'utf8') : '';
  return /^export AWS_ENDPOINT_URL=(.+)$/m.exec(env)?.[1] ?? 'http://127.0.0.1:4566';
}

/** By node:http, because `fetch` gives up after five minutes, and a month of virtual time can take longer. */
async function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const outgoing = request(`${endpoint()}/_local/${path}`, { method }).end(body && JSON.stringify(body));
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    outgoing.on('response', resolve).on('error', reject),
  ).catch(() => {
    throw new Error(`The embedded cloud does not answer on ${endpoint()}: run \`npm start\` first`);
  });
  const answer: unknown = JSON.parse(await text(response));
  if (response.statusCode !== 200) throw new Error(new Fields(answer, 'answer').string('message'));
  return answer;
}

interface Command {
  /** How many arguments it needs, and takes. */
  readonly takes: readonly [least: number, most: number];
  readonly run: (argument: string) => Promise<unknown>;
  readonly print: (answer: unknown) => void;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  advance: {
    takes: [1, 1],
    run: (by) => ask('POST', 'advance', { by }),
    print: (answer) => console.log(`It is ${new Fields(answer, 'status').string('now')}`),
  },
  status: { takes: [0, 0], run: () => ask('GET', 'status'), print: printStatus },
  logs: {
    takes: [0, 1],
    run: (name) => ask('GET', `logs${name && `?function=${encodeURIComponent(name)}`}`),
    print: (answer) => {
      for (const line of new Fields({ lines: answer }, 'logs').listOfFields('lines')) {
        console.log(`${line.string('time')} ${line.string('function')} ${line.string('line')}`);
      }
    },
  },
  kill: {
    takes: [1, 1],
    run: (name) => ask('POST', `functions/${encodeURIComponent(name)}/kill`),
    print: () => console.log('Killed'),
  },
};

function printStatus(answer: unknown): void {
  const status = new Fields(answer, 'status');
  console.log(`It is ${status.string('now')} (${status.string('clock')})`);
  const holding = status
    .listOfFields('queues')
    .filter((queue) => ['visible', 'inFlight', 'delayed'].some((count) => queue.number(count) > 0));
  const ran = status.listOfFields('functions').filter((lambda) => lambda.number('invocations') > 0);
  if (holding.length > 0) console.table(holding.map(({ values }) => values));
  if (ran.length > 0) console.table(ran.map(({ values }) => values));
}

/** Throws UsageError if there is no such command, or not with so many arguments. */
function commandOf([name, ...given]: readonly string[]): Command {
  if (name === undefined) throw new UsageError('Say what to do.');
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(`There is no command '${name}'.`);
  const [least, most] = command.takes;
  if (given.length < least) throw new UsageError(`'${name}' needs an argument.`);
  if (given.length > most) throw new UsageError(`'${name}' takes ${most === 0 ? 'no argument' : 'one argument'}.`);
  return command;
}

try {
  const { positionals, values } = parseArguments({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const command = commandOf(positionals);
  const answer = await command.run(positionals[1] ?? '');
  if (values.json) console.log(JSON.stringify(answer, null, 2));
  else command.print(answer);
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
