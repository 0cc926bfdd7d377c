import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Clock } from '../../../../local/clock.ts';
import type { FunctionConfig } from '../../../../local/lambda/function-config.ts';
import { Lambda } from '../../../../local/lambda/lambda.ts';
import type { LogLine } from '../../../../local/lambda/sandbox.ts';
import { DEFAULT_SANDBOXES } from '../../../../local/lambda/sandbox-pool.ts';
import { functionOf } from './functions.ts';

let clock: Clock;
let lambda: Lambda;
let lines: LogLine[];

beforeEach(() => {
  clock = new Clock({ frozenAt: Date.UTC(2026, 0, 1) });
  lines = [];
  lambda = new Lambda({ clock, log: (line) => lines.push(line) });
});

afterEach(async () => {
  await lambda.close();
  clock.close();
});

function deploy(source: string, overrides: Partial<FunctionConfig> = {}) {
  lambda.register(functionOf(source, overrides));
  return (payload: unknown = {}) => lambda.invoke('fn', payload, { requestId: 'r-1' });
}

/** Waits for a line of output: the sign that the handler has come so far. */
async function logged(text: string): Promise<void> {
  while (!lines.some(({ line }) => line === text)) await sleep(5);
}

const failure = (errorType: string, errorMessage: unknown) => ({
  functionError: 'Unhandled',
  payload: expect.objectContaining({ errorType, errorMessage }),
});

describe('a handler that fails', () => {
  it('answers with the name, the message and the trace of what it threw', async () => {
    const invoke = deploy(`
      class TeapotError extends Error { name = 'TeapotError' }
      export const handler = async () => { throw new TeapotError('short and stout'); }`);
    const result = await invoke();
    expect(result).toEqual(failure('TeapotError', 'short and stout'));
    expect(result.payload).toMatchObject({
      trace: ['TeapotError: short and stout', expect.stringMatching(/at handler \(file:.*index\.mjs:3:/)],
    });
  });

  it('answers with the type of a thrown value that is no Error', async () => {
    const invoke = deploy('export const handler = () => { throw "a string"; }');
    expect(await invoke()).toEqual({
      functionError: 'Unhandled',
      payload: { errorType: 'string', errorMessage: 'a string', trace: [] },
    });
  });

  it('keeps its sandbox', async () => {
    const invoke = deploy(`
      let runs = 0;
      export const handler = async () => { runs += 1; if (runs === 1) throw new Error('once'); return runs; }`);
    await invoke();
    expect(await invoke()).toEqual({ payload: 2 });
    expect(lambda.counts.get('fn')).toMatchObject({ invocations: 2, errors: 1, coldStarts: 1 });
  });

  it('answers with an error where its result has no JSON', async () => {
    const invoke = deploy('export const handler = async () => 1n');
    expect(await invoke()).toEqual(failure('Error', 'Unable to stringify response body'));
  });
});

describe('a sandbox that dies', () => {
  const dying = (statement: string) => `
    let runs = 0;
    export const handler = async ({ die }) => {
      runs += 1;
      if (die) { ${statement}; await new Promise(() => setInterval(() => {}, 1000)); }
      return runs;
    }`;

  it.each([
    ['process.exit(0)', 'Runtime.ExitError', 'RequestId: r-1 Error: Runtime exited without providing a reason'],
    ['process.exit(7)', 'Runtime.ExitError', 'RequestId: r-1 Error: Runtime exited with error: exit status 7'],
    ['setTimeout(() => { throw new TypeError("late"); }, 1)', 'TypeError', 'late'],
    ['Promise.reject(new Error("nobody"))', 'Runtime.UnhandledPromiseRejection', 'Error: nobody'],
  ])('by %s fails the invocation, and the next one gets a new sandbox', async (statement, errorType, errorMessage) => {
    const invoke = deploy(dying(statement));
    expect(await invoke({ die: false })).toEqual({ payload: 1 });
    expect(await invoke({ die: true })).toEqual(failure(errorType, errorMessage));
    expect(await invoke({ die: false })).toEqual({ payload: 1 });
    expect(lambda.counts.get('fn')).toMatchObject({ coldStarts: 2 });
  });

  it('by using up its memory fails the invocation', async () => {
    const invoke = deploy(
      'export const handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})); }',
      {
        memoryMb: 16,
      },
    );
    expect(await invoke()).toEqual(
      failure('Runtime.ExitError', 'RequestId: r-1 Error: Runtime exited with error: signal: killed'),
    );
  });

  it('by its time-out says so, in real time whatever the clock', async () => {
    const invoke = deploy('export const handler = async ({ hang }) => { while (hang); return "well"; }', {
      timeoutSeconds: 2,
    });
    expect(await invoke({ hang: true })).toEqual(
      failure('Sandbox.Timedout', '2026-01-01T00:00:00.000Z r-1 Task timed out after 2.00 seconds'),
    );
    expect(await invoke({ hang: false })).toEqual({ payload: 'well' });
  });
});

describe('kill', () => {
  it('ends running invocations at once, even busy loops, and later ones run in new sandboxes', async () => {
    const invoke = deploy(
      'export const handler = async ({ loop }) => { console.log("running"); while (loop); return "well"; }',
    );
    const running = invoke({ loop: true });
    await logged('running');
    await lambda.kill('fn');
    expect(await running).toEqual(
      failure('Runtime.ExitError', 'RequestId: r-1 Error: Runtime exited with error: signal: killed'),
    );
    expect(await invoke({ loop: false })).toEqual({ payload: 'well' });
  });

  it('frees the reserved concurrency before it returns', async () => {
    const invoke = deploy(
      'export const handler = async ({ hang }) => { console.log("running"); if (hang) await new Promise(() => {}); }',
      {
        reservedConcurrency: 1,
      },
    );
    const running = invoke({ hang: true });
    await logged('running');
    const killed = lambda.kill('fn');
    expect(await invoke({ hang: false })).toEqual({ payload: null });
    expect(await running).toMatchObject({ functionError: 'Unhandled' });
    await killed;
  });

  it('lets invocations that wait for a sandbox go on', async () => {
    const invoke = deploy(
      'export const handler = async ({ hang }) => { console.log("running"); if (hang) await new Promise(() => {}); return 1; }',
    );
    const hanging = Array.from({ length: DEFAULT_SANDBOXES }, () => invoke({ hang: true }));
    const waiting = invoke({ hang: false });
    await logged('running');
    await lambda.kill('fn');
    expect(await waiting).toEqual({ payload: 1 });
    for (const result of await Promise.all(hanging)) expect(result).toMatchObject({ functionError: 'Unhandled' });
  });
});

describe('a bundle that cannot start', () => {
  it.each([
    ['whose top level throws', 'throw new RangeError("no config")', 'RangeError', 'no config'],
    ['that exits', 'process.exit(1)', 'Runtime.ExitError', expect.stringContaining('exit status 1')],
    [
      'that does not parse',
      'export const handler = (',
      'Runtime.UserCodeSyntaxError',
      expect.stringContaining('SyntaxError'),
    ],
    ['that imports what is not there', 'import "ghost"', 'Runtime.ImportModuleError', expect.stringContaining('ghost')],
    [
      'without the handler',
      'export const other = 1',
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    [
      'whose handler takes a callback, even an async one',
      'export const handler = async (event, context, callback) => 1',
      'Runtime.CallbackHandlerDeprecated',
      expect.stringContaining('callback-based'),
    ],
  ])('%s fails every invocation', async (_, source, errorType, errorMessage) => {
    const invoke = deploy(source);
    for (let run = 0; run < 2; run += 1) expect(await invoke()).toEqual(failure(errorType, errorMessage));
  });

  it('because its file is missing says which', async () => {
    const invoke = deploy('', { handler: 'other.handler' });
    expect(await invoke()).toEqual(failure('Runtime.ImportModuleError', expect.stringContaining("'other'")));
  });
});
