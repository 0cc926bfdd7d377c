import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
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

async function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const url = `${endpoint()}/_local/${path}`;
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) }).catch(() => {
    throw new Error(`The embedded cloud does not answer on ${endpoint()}: run \`npm start\` first`);
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(new Fields(answer, 'answer').string('message'));
  return answer;
}

type Command = { readonly run: (argument: string) => Promise<unknown>; readonly print: (answer: unknown) => void };

const COMMANDS: Readonly<Record<string, Command>> = {
  advance: {
    run: (by) => ask('POST', 'advance', { by }),
    print: (answer) => console.log(`It is ${new Fields(answer, 'status').string('now')}`),
  },
  status: { run: () => ask('GET', 'status'), print: printStatus },
  logs: {
    run: (name) => ask('GET', `logs${name && `?function=${encodeURIComponent(name)}`}`),
    print: (answer) => {
      for (const line of new Fields({ lines: answer }, 'logs').listOfFields('lines')) {
        console.log(`${line.string('time')} ${line.string('function')} ${line.string('line')}`);
      }
    },
  },
  kill: {
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

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
const command = COMMANDS[positionals[0] ?? ''];
if (!command || (positionals[0] === 'advance' && !positionals[1])) {
  console.log(USAGE);
  process.exit(2);
}
try {
  const answer = await command.run(positionals[1] ?? '');
  if (values.json) console.log(JSON.stringify(answer, null, 2));
  else command.print(answer);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
