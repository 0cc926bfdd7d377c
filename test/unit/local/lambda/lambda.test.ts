import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../local/aws-error.ts';
import { Clock } from '../../../../local/clock.ts';
import type { FunctionConfig } from '../../../../local/lambda/function-config.ts';
import { Lambda } from '../../../../local/lambda/lambda.ts';
import type { LogLine } from '../../../../local/lambda/sandbox.ts';
import { DEFAULT_SANDBOXES } from '../../../../local/lambda/sandbox-pool.ts';
import { functionOf } from './functions.ts';

const START = Date.UTC(2026, 0, 1);

let clock: Clock;
let lambda: Lambda;
let lines: LogLine[];

beforeEach(() => {
  clock = new Clock({ frozenAt: START });
  lines = [];
  lambda = new Lambda({ clock, log: (line) => lines.push(line) });
});

afterEach(async () => {
  await lambda.close();
  clock.close();
});

/** Registers a function with this source and overrides, and returns how to invoke it. */
function deploy(source: string, overrides: Partial<FunctionConfig> = {}) {
  const config = functionOf(source, overrides);
  lambda.register(config);
  return (payload: unknown = {}) => lambda.invoke(config.name, payload);
}

describe('an invocation', () => {
  it('answers with what the handler returns, as JSON would carry it', async () => {
    const invoke = deploy('export const handler = async (event) => ({ got: event, when: new Date(0), no: undefined })');
    expect(await invoke({ a: [1] })).toEqual({ payload: { got: { a: [1] }, when: '1970-01-01T00:00:00.000Z' } });
  });

  it('answers null where the handler returns nothing', async () => {
    const invoke = deploy('export const handler = async () => {}');
    expect(await invoke()).toEqual({ payload: null });
  });

  it('finds the function by name, by ARN and by qualified ARN', async () => {
    deploy('export const handler = async () => 1');
    const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:fn';
    for (const name of ['fn', arn, `${arn}:live`]) {
      expect(lambda.has(name)).toBe(true);
      expect(await lambda.invoke(name, {})).toEqual({ payload: 1 });
    }
  });

  it('is refused for a function that does not exist', async () => {
    expect(lambda.has('ghost')).toBe(false);
    await expect(lambda.invoke('ghost', {})).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      statusCode: 404,
    });
  });

  it('is refused when its payload is over 6 MB', async () => {
    const invoke = deploy('export const handler = async () => 1');
    await expect(invoke('x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({ code: 'RequestTooLargeException' });
  });

  it('fails when its response is over 6 MB', async () => {
    const invoke = deploy('export const handler = async () => "x".repeat(6 * 1024 * 1024 + 200)', { memoryMb: 512 });
    expect(await invoke()).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });

  it('gives the handler the context of AWS', async () => {
    const invoke = deploy(
      'export const handler = async (e, context) => ({ ...context, left: context.getRemainingTimeInMillis() })',
      {
        timeoutSeconds: 20,
      },
    );
    const { payload } = await invoke();
    expect(payload).toMatchObject({
      functionName: 'fn',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:fn',
      memoryLimitInMB: '128',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      logGroupName: '/aws/lambda/fn',
      logStreamName: expect.stringMatching(/^2026\/01\/01\/\[\$LATEST\][0-9a-f]{32}$/),
      left: expect.toSatisfy((left: number) => left > 0 && left <= 20_000),
    });
  });

  it('can be delayed or refused by a test', async () => {
    const invoke = deploy('export const handler = async () => 1');
    lambda.beforeInvoke = (name) => {
      throw new AwsError('ServiceException', `no ${name} today`, 500);
    };
    await expect(invoke()).rejects.toMatchObject({ code: 'ServiceException', message: 'no fn today' });
    lambda.beforeInvoke = undefined;
    expect(await invoke()).toEqual({ payload: 1 });
  });
});

describe('a sandbox', () => {
  it("sees the function's environment and nothing of the parent's", async () => {
    const invoke = deploy('export const handler = async () => ({ ...process.env })', { environment: { TABLE: 't' } });
    const { payload } = await invoke();
    expect(payload).toMatchObject({
      TABLE: 't',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      _HANDLER: 'index.handler',
    });
    expect(payload).not.toHaveProperty('PATH');
  });

  it('keeps its module state, and is reused most recently used first', async () => {
    const invoke = deploy(`
      let runs = 0;
      export const handler = async ({ ms }) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return ++runs;
      }`);
    const slow = invoke({ ms: 100 });
    expect(await Promise.all([slow, invoke({ ms: 0 })])).toEqual([{ payload: 1 }, { payload: 1 }]);
    for (const run of [2, 3, 4]) expect(await invoke({ ms: 0 })).toEqual({ payload: run });
    expect(lambda.counts.get('fn')).toMatchObject({ invocations: 5, coldStarts: 2, errors: 0 });
  });

  it('follows the virtual clock, already while its bundle is imported', async () => {
    const invoke = deploy('const born = Date.now(); export const handler = async () => [born, Date.now(), new Date()]');
    const iso = (instant: number) => new Date(instant).toISOString();
    expect(await invoke()).toEqual({ payload: [START, START, iso(START)] });
    await clock.advance(90_000);
    expect(await invoke()).toEqual({ payload: [START, START + 90_000, iso(START + 90_000)] });
  });

  it('lets no virtual time pass while it runs, from the moment of the call', async () => {
    const invoke = deploy(`
      export const handler = async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return Date.now();
      }`);
    const invoked = invoke();
    expect(clock.busy).toBe(1);
    await clock.advance(60_000);
    expect(await invoked).toEqual({ payload: START });
    expect(clock.busy).toBe(0);
  });
});

describe('concurrency', () => {
  const slow = `
    export const handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return 'done';
    }`;

  it('is refused above the reserved one', async () => {
    const invoke = deploy(slow, { reservedConcurrency: 1 });
    const first = invoke();
    await expect(invoke()).rejects.toMatchObject({ code: 'TooManyRequestsException', statusCode: 429 });
    expect(await first).toEqual({ payload: 'done' });
    expect(await invoke()).toEqual({ payload: 'done' });
    expect(lambda.counts.get('fn')).toMatchObject({ invocations: 2, throttles: 1 });
  });

  it('waits for a free sandbox where none is reserved, and time stands still meanwhile', async () => {
    const invoke = deploy(slow);
    const all = Array.from({ length: 12 }, () => invoke());
    expect(clock.busy).toBe(12);
    await clock.settled();
    expect(await Promise.all(all)).toEqual(Array(12).fill({ payload: 'done' }));
    expect(lambda.counts.get('fn')).toMatchObject({ invocations: 12, coldStarts: DEFAULT_SANDBOXES });
  });
});

describe('output', () => {
  it('is given line by line, with its request, before the invocation resolves', async () => {
    deploy(`
      console.log('during init');
      export const handler = async () => {
        console.log(JSON.stringify({ _aws: {} }));
        console.error('two\\nlines');
        process.stdout.write('no end');
      }`);
    await lambda.invoke('fn', {}, { requestId: 'r-1' });
    expect(lines.map(({ line }) => line)).toEqual(['during init', '{"_aws":{}}', 'two', 'lines', 'no end']);
    expect(new Set(lines.map(({ functionName, requestId }) => `${functionName} ${requestId}`))).toEqual(
      new Set(['fn r-1']),
    );
  });

  it('is not lost when the sandbox crashes right after it', async () => {
    const invoke = deploy('export const handler = async () => { console.log("last words"); process.exit(3); }');
    await invoke();
    expect(lines.map(({ line }) => line)).toEqual(['last words']);
  });
});

describe('billing', () => {
  it('counts init and run, each invocation rounded up', async () => {
    const invoke = deploy('export const handler = async () => new Promise((resolve) => setTimeout(resolve, 20))');
    await invoke();
    const first = lambda.counts.get('fn')?.billedMs ?? 0;
    await invoke();
    const second = (lambda.counts.get('fn')?.billedMs ?? 0) - first;
    expect(Number.isInteger(first)).toBe(true);
    expect(lambda.counts.get('fn')?.initMs).toBeGreaterThan(0);
    expect(first).toBeGreaterThan(lambda.counts.get('fn')?.initMs ?? 0);
    expect(second).toBeGreaterThanOrEqual(20);
  });
});
