import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { assembly, boot, echo, lambdaFunction } from './assembly.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run local -- …` against what answers at that URL. */
const local = (AWS_ENDPOINT_URL: string, ...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, AWS_ENDPOINT_URL };
    execFile(process.execPath, ['local/cli.ts', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

const NOWHERE = 'http://127.0.0.1:9';

test.each([
  [[], 'Say what to do.'],
  [['stats'], "There is no command 'stats'."],
  [['constructor'], "There is no command 'constructor'."],
  [['advance'], "'advance' needs an argument."],
  [['kill'], "'kill' needs an argument."],
  [['advance', '3d', '4h'], "'advance' takes one argument."],
  [['status', 'queues'], "'status' takes no argument."],
  [['advance', '-1d'], "Unknown option '-1'"],
])('npm run local -- %j is told what is wrong with it, and how it is used', async (args, problem) => {
  const { code, stdout, stderr } = await local(NOWHERE, ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.split('\n\n')[0]).toBe(problem);
  expect(stderr).toContain('npm run local -- <command>');
});

test('npm run local says what to do when nothing answers', async () => {
  const problem = `The embedded cloud does not answer on ${NOWHERE}: run \`npm start\` first\n`;
  expect(await local(NOWHERE, 'status')).toEqual({ code: 1, stdout: '', stderr: problem });
});

test('npm run local names functions as their folders are named, or by a part of the name', async () => {
  const names = ['x-dev-api-Api0A1B2C3D', 'x-dev-api-EventSources0A1B2C3D', 'x-dev-api-Events0A1B2C3D'];
  const functions = Object.fromEntries(names.map((name, n) => [`Function${n}`, lambdaFunction(name)]));
  const handlers = Object.fromEntries(names.map((name) => [name, echo()]));
  const { cloud } = await boot(assembly(functions, handlers));
  const problemWith = async (name: string) => (await local(cloud.awsUrl, 'logs', name)).stderr;
  for (const name of ['api', 'events', 'event-sources', 'urces']) expect(await problemWith(name)).toBe('');
  expect(await problemWith('event')).toBe("'event' is more than one function: say which of event-sources, events\n");
  expect(await problemWith('x')).toContain("'x' is more than one function");
  expect(await problemWith('nobody')).toBe("There is no function 'nobody': say which of api, event-sources, events\n");
  expect(await local(cloud.awsUrl, 'kill', 'events')).toEqual({ code: 0, stdout: 'Killed\n', stderr: '' });
});
