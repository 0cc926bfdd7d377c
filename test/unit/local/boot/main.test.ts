import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

/** Runs `npm start`'s program with these ports, until it ends. */
async function run(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, ['local/main.ts', ...args], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output: output.trim() };
}

async function takenPort(): Promise<string> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return String(typeof address === 'object' ? address?.port : '');
}

test('npm start names the variable to change when a port is taken', async () => {
  const port = await takenPort();
  for (const [variable, other] of [
    ['PORT', 'AWS_PORT'],
    ['AWS_PORT', 'PORT'],
  ] as const) {
    const { code, output } = await run({ [variable]: port, [other]: '0' });
    expect([code, output]).toEqual([1, `Port ${port} is taken: set ${variable} to a free one`]);
  }
});

test('npm start refuses what is no port, and explains itself', async () => {
  const { code, output } = await run({ PORT: 'http' });
  expect([code, output]).toEqual([1, 'PORT=http is no port: use a number up to 65535']);
  expect(await run({}, '--help')).toMatchObject({ code: 0, output: expect.stringContaining('--data DIR') });
  const { code: misused, output: usage } = await run({}, '--date', 'here');
  expect(misused).toBe(2);
  expect(usage).toMatch(/^Unknown option '--date'\n\nnpm start/);
});

test('npm start names the folder in which it cannot keep anything', async () => {
  const { code, output } = await run({}, '--data', 'README.md');
  expect(code).toBe(2);
  expect(output).toMatch(/^--data README\.md is no folder to write to: EEXIST/);
});
