import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../local/aws-error.ts';
import { Lambda } from '../../../../local/lambda/lambda.ts';
import { functionOf } from '../lambda/functions.ts';
import { FUNCTION, MACHINE, START, Stage } from './machines.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.close());

const task = (more: Record<string, unknown> = {}) => ({
  Type: 'Task',
  Resource: FUNCTION,
  ...(more.Next === undefined && { End: true }),
  ...more,
});

describe('waiting', () => {
  it('ends at its timestamp in virtual time, and is not busy', async () => {
    stage.register({ Wait: { Type: 'Wait', TimestampPath: '$.until', Next: 'Task' }, Task: task() });
    const execution = await stage.start({ until: new Date(START + 8 * HOUR).toISOString() });
    await stage.clock.advance(8 * HOUR - 1);
    expect(stage.clock.busy).toBe(0);
    expect(stage.calls).toEqual([]);
    expect(await stage.describe(execution)).toMatchObject({ status: 'RUNNING', startDate: START / 1000 });
    await stage.clock.advance(1);
    expect(stage.callTimes).toEqual([8 * 3600]);
    expect(await stage.describe(execution)).toMatchObject({ status: 'SUCCEEDED', stopDate: START / 1000 + 8 * 3600 });
  });

  it('goes on at once where its time has passed', async () => {
    stage.register({ Wait: { Type: 'Wait', TimestampPath: '$.until', Next: 'Task' }, Task: task() });
    await stage.start({ until: '2020-01-01T00:00:00Z' });
    await stage.clock.settled();
    expect(stage.callTimes).toEqual([0]);
  });

  it('may last longer than the 24.8 days of a real timer', async () => {
    stage.register({ Wait: { Type: 'Wait', Seconds: 40 * 24 * 3600, Next: 'Task' }, Task: task() });
    await stage.start();
    await stage.clock.advance(39 * DAY);
    expect(stage.calls).toEqual([]);
    await stage.clock.advance(DAY);
    expect(stage.callTimes).toEqual([40 * 24 * 3600]);
  });
});

describe('a Task', () => {
  it('by ARN gets the input and gives the payload', async () => {
    stage.register({ Task: task({ ResultPath: '$.result' }) });
    stage.answer = () => ({ payload: { more: true } });
    const execution = await stage.start({ slot: 1 });
    await stage.clock.settled();
    expect(stage.calls).toEqual([{ at: START, functionName: FUNCTION, payload: { slot: 1 } }]);
    expect(JSON.parse((await stage.describe(execution)).output)).toEqual({ slot: 1, result: { more: true } });
  });

  it('by lambda:invoke gets the Payload and gives the whole answer', async () => {
    const Parameters = { FunctionName: FUNCTION, 'Payload.$': '$' };
    stage.register({ Task: task({ Resource: 'arn:aws:states:::lambda:invoke', Parameters }) });
    stage.answer = () => ({ payload: { more: false } });
    const execution = await stage.start({ slot: 1 });
    await stage.clock.settled();
    expect(stage.calls).toMatchObject([{ functionName: FUNCTION, payload: { slot: 1 } }]);
    const output = JSON.parse((await stage.describe(execution)).output);
    expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', Payload: { more: false } });
  });

  it('knows its execution and machine through the context object', async () => {
    const Parameters = {
      'name.$': '$$.Execution.Name',
      'machine.$': '$$.StateMachine.Name',
      'at.$': '$$.Execution.StartTime',
    };
    stage.register({ Task: task({ Parameters }) });
    await stage.start({}, 'ed_1-slot');
    await stage.clock.settled();
    expect(stage.calls).toMatchObject([
      { payload: { name: 'ed_1-slot', machine: 'retry', at: new Date(START).toISOString() } },
    ]);
  });

  it('is retried at its intervals, in virtual time', async () => {
    stage.register({
      Task: task({
        Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 60, BackoffRate: 2, MaxAttempts: 5 }],
      }),
    });
    stage.answer = (_, attempt) =>
      attempt < 4
        ? { functionError: 'Unhandled', payload: { errorType: 'Runtime.ExitError', errorMessage: 'killed' } }
        : { payload: 'done' };
    const execution = await stage.start();
    await stage.clock.advance(HOUR);
    expect(stage.callTimes).toEqual([0, 60, 180, 420]);
    expect(await stage.describe(execution)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(stage.sfn.counts(MACHINE)).toEqual({ executions: 1, transitions: 4 });
  });

  it.each([
    ['TooManyRequestsException', 'Lambda.TooManyRequestsException'],
    ['ServiceException', 'Lambda.ServiceException'],
  ])('that Lambda refuses with %s fails with %s', async (code, error) => {
    stage.register({
      Task: task({ Retry: [{ ErrorEquals: [error], IntervalSeconds: 1 }] }),
    });
    stage.answer = (_, attempt) => {
      if (attempt === 1) throw new AwsError(code, 'not now', 429);
      return { payload: {} };
    };
    const execution = await stage.start();
    await stage.clock.advance(2_000);
    expect(stage.callTimes).toEqual([0, 1]);
    expect(await stage.describe(execution)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that fails for good can be caught, else fails the execution with its Error and Cause', async () => {
    const payload = { errorType: 'TeapotError', errorMessage: 'short', trace: [] };
    stage.answer = () => ({ functionError: 'Unhandled', payload });
    stage.register({
      Task: task({ Catch: [{ ErrorEquals: ['TeapotError'], ResultPath: '$.error', Next: 'Caught' }] }),
      Caught: { Type: 'Pass', End: true },
    });
    const caught = await stage.start({ a: 1 });
    await stage.clock.settled();
    expect(JSON.parse((await stage.describe(caught)).output)).toEqual({
      a: 1,
      error: { Error: 'TeapotError', Cause: JSON.stringify(payload) },
    });
    stage.register({ Task: task() });
    const failed = await stage.start();
    await stage.clock.settled();
    expect(await stage.describe(failed)).toMatchObject({
      status: 'FAILED',
      error: 'TeapotError',
      cause: JSON.stringify(payload),
    });
  });

  it('without TimeoutSeconds has none worth mentioning, as on AWS', async () => {
    const answer = Promise.withResolvers<{ payload: string }>();
    stage.register({ Task: task() });
    stage.answer = () => answer.promise;
    const execution = await stage.start();
    await stage.clock.advance(10 * DAY, { whileBusy: true });
    expect(await stage.describe(execution)).toMatchObject({ status: 'RUNNING' });
    answer.resolve({ payload: 'late' });
    await stage.clock.settled();
    expect(await stage.describe(execution)).toMatchObject({ status: 'SUCCEEDED', output: '"late"' });
  });

  it('is cut at its TimeoutSeconds', async () => {
    stage.register({ Task: task({ TimeoutSeconds: 60 }) });
    stage.answer = () => new Promise(() => {});
    const execution = await stage.start();
    await stage.clock.advance(60_000, { whileBusy: true });
    expect(await stage.describe(execution)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('runs in a real sandbox, while no virtual time passes', async () => {
    const lambda = new Lambda({ clock: stage.clock, log: () => {} });
    lambda.register(
      functionOf(
        'export const handler = async (e) => { await new Promise((r) => setTimeout(r, 30)); return [e, Date.now()]; }',
        { name: 'release' },
      ),
    );
    const real = new Stage({ clock: stage.clock, lambda });
    real.register({ Wait: { Type: 'Wait', Seconds: 3600, Next: 'Task' }, Task: task() });
    const execution = await real.start({ slot: 1 });
    await stage.clock.advance(2 * HOUR);
    expect(JSON.parse((await real.describe(execution)).output)).toEqual([{ slot: 1 }, START + HOUR]);
    real.close();
    await lambda.close();
  });
});

it('loops over Choice and Wait for virtual days, and counts every state and retry', async () => {
  stage.register({
    Wait: { Type: 'Wait', Seconds: 4 * 3600, Next: 'Task' },
    Task: task({ Next: 'More' }),
    More: { Type: 'Choice', Choices: [{ Variable: '$.more', BooleanEquals: true, Next: 'Wait' }], Default: 'Done' },
    Done: { Type: 'Succeed' },
  });
  stage.answer = (_, attempt) => ({ payload: { more: attempt < 18 } });
  const execution = await stage.start();
  await stage.clock.advance(3 * DAY);
  expect(stage.callTimes).toEqual(Array.from({ length: 18 }, (_, i) => (i + 1) * 4 * 3600));
  expect(await stage.describe(execution)).toMatchObject({ status: 'SUCCEEDED' });
  expect(stage.sfn.counts(MACHINE)).toEqual({ executions: 1, transitions: 3 * 18 + 1 });
});

it("an execution over the machine's TimeoutSeconds is TIMED_OUT, and its tasks are tried no more", async () => {
  stage.register(
    { Task: task({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 60, BackoffRate: 1, MaxAttempts: 1e6 }] }) },
    { definition: { TimeoutSeconds: 150 } },
  );
  stage.answer = () => ({ functionError: 'Unhandled', payload: { errorType: 'Error', errorMessage: 'always' } });
  const execution = await stage.start();
  await stage.clock.advance(HOUR);
  expect(stage.callTimes).toEqual([0, 60, 120]);
  expect(await stage.describe(execution)).toMatchObject({ status: 'TIMED_OUT', stopDate: START / 1000 + 150 });
});

it('a Map runs its items, and their tasks through Lambda', async () => {
  stage.register({
    Map: { Type: 'Map', ItemsPath: '$.items', ItemProcessor: { StartAt: 'Each', States: { Each: task() } }, End: true },
  });
  stage.answer = (payload) => ({ payload: Number(payload) * 2 });
  const execution = await stage.start({ items: [1, 2, 3] });
  await stage.clock.settled();
  expect(await stage.describe(execution)).toMatchObject({ output: '[2,4,6]' });
});

it('a definition that the interpreter cannot run is refused when it is registered', () => {
  expect(() => stage.register({ Task: task() }, { definition: { QueryLanguage: 'JSONata' } })).toThrow(/JSONPath only/);
  expect(() => stage.register({ Task: task({ Resource: 'arn:aws:states:::sqs:sendMessage' }) })).toThrow(/only Lambda/);
  expect(() => stage.register({ Task: task({ Next: 'Nowhere' }) })).toThrow(/invalid/);
});
