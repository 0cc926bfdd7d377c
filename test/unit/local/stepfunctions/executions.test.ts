import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../local/aws-error.ts';
import { CALLER, FUNCTION, MACHINE, machineArn, START, Stage } from './machines.ts';

const DAY = 24 * 3600_000;

const WAITING = {
  Wait: { Type: 'Wait', TimestampPath: '$.until', Next: 'Task' },
  Task: { Type: 'Task', Resource: FUNCTION, End: true },
};
const until = (ms: number) => ({ until: new Date(START + ms).toISOString() });

let changes: number;
let stage: Stage;
beforeEach(() => {
  changes = 0;
  stage = new Stage({ onChange: () => (changes += 1) });
  stage.register(WAITING);
});
afterEach(() => stage.close());

const start = (input: object) => stage.call('StartExecution', { stateMachineArn: MACHINE, ...input });

describe('StartExecution', () => {
  it('names the execution, and gives it a name where there is none', async () => {
    const started = await start({ name: 'ed_1-slot', input: JSON.stringify(until(DAY)) });
    expect(started).toEqual({
      executionArn: 'arn:aws:states:eu-west-1:111111111111:execution:retry:ed_1-slot',
      startDate: START / 1000,
    });
    expect((await start({})).executionArn).toMatch(/:execution:retry:[0-9a-f-]{36}$/);
  });

  it('with the name and input of a running execution gives that one, and starts nothing', async () => {
    const input = JSON.stringify(until(DAY));
    const first = await start({ name: 'slot', input });
    await stage.clock.advance(5_000);
    expect(await start({ name: 'slot', input })).toEqual(first);
    await stage.clock.advance(DAY);
    expect(stage.calls).toHaveLength(1);
    expect(stage.sfn.counts(MACHINE).executions).toBe(1);
  });

  it('with the name of a running execution and another input is refused', async () => {
    await start({ name: 'slot', input: JSON.stringify(until(DAY)) });
    await expect(start({ name: 'slot', input: '{}' })).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
      statusCode: 400,
      message: "Execution Already Exists: 'arn:aws:states:eu-west-1:111111111111:execution:retry:slot'",
    });
  });

  it('with the name of an ended execution is refused for 90 days, whatever the input', async () => {
    const input = JSON.stringify(until(0));
    await start({ name: 'slot', input });
    await stage.clock.advance(89 * DAY);
    await expect(start({ name: 'slot', input })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await stage.clock.advance(2 * DAY);
    await expect(start({ name: 'slot', input })).resolves.toMatchObject({ startDate: START / 1000 + 91 * 24 * 3600 });
  });

  it.each([
    ['a name over 80 characters', { name: 'x'.repeat(81) }, 'ValidationException'],
    ['a name with a slash', { name: 'a/b' }, 'InvalidName'],
    ['a name with a space', { name: 'a b' }, 'InvalidName'],
    ['a name with a colon', { name: 'a:b' }, 'InvalidName'],
    ['an input that is no JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['an input over 256 KiB', { input: JSON.stringify('x'.repeat(262_144)) }, 'ValidationException'],
    ['a machine that does not exist', { stateMachineArn: machineArn('ghost') }, 'StateMachineDoesNotExist'],
  ])('with %s is refused', async (_, input, code) => {
    await expect(start(input)).rejects.toMatchObject({ code, statusCode: 400 });
    expect(stage.sfn.counts(MACHINE).executions).toBe(0);
  });

  it('takes 80 characters, and what destinations and slots are named after', async () => {
    await expect(start({ name: `ed_test_${'x'.repeat(60)}-2026.01_A` })).resolves.toBeDefined();
    await expect(start({ name: 'x'.repeat(80) })).resolves.toBeDefined();
  });

  it('of an Express machine may repeat a name', async () => {
    stage.register({ Pass: { Type: 'Pass', End: true } }, { name: 'fast', type: 'EXPRESS' });
    const input = { stateMachineArn: machineArn('fast'), name: 'same' };
    const first = await start(input);
    expect(first.executionArn).toMatch(/:express:fast:same:[0-9a-f-]{36}$/);
    expect(await start(input)).not.toEqual(first);
  });

  it('of another account is refused', async () => {
    const other = { ...CALLER, account: '222222222222' };
    await expect(stage.call('StartExecution', { stateMachineArn: MACHINE }, other)).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
  });
});

describe('StopExecution', () => {
  it('aborts a waiting execution: nothing runs any more, and the name stays used', async () => {
    const executionArn = await stage.start(until(DAY), 'slot');
    await stage.clock.advance(1_000);
    const stopped = await stage.call('StopExecution', { executionArn, error: 'Operator', cause: 'enough' });
    expect(stopped).toEqual({ stopDate: START / 1000 + 1 });
    await stage.clock.advance(2 * DAY);
    expect(stage.calls).toEqual([]);
    expect(await stage.describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough' });
    await expect(stage.start(until(DAY), 'slot')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  });

  it('ends an execution that waits for its next try, without another one', async () => {
    stage.answer = () => ({ functionError: 'Unhandled', payload: { errorType: 'Error', errorMessage: 'always' } });
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 60, MaxAttempts: 1e6, BackoffRate: 1 }];
    stage.register({ Task: { Type: 'Task', Resource: FUNCTION, Retry, End: true } });
    const executionArn = await stage.start();
    await stage.clock.advance(90_000);
    await stage.call('StopExecution', { executionArn });
    await stage.clock.advance(DAY);
    expect(stage.callTimes).toEqual([0, 60]);
  });

  it('lets a running function end, and changes nothing of what has ended', async () => {
    const answer = Promise.withResolvers<{ payload: string }>();
    stage.answer = () => answer.promise;
    const executionArn = await stage.start(until(0));
    await stage.clock.advance(0, { whileBusy: true });
    await stage.call('StopExecution', { executionArn });
    answer.resolve({ payload: 'late' });
    await stage.clock.advance(1_000);
    expect(await stage.call('StopExecution', { executionArn, error: 'again' })).toEqual({ stopDate: START / 1000 });
    const described = await stage.describe(executionArn);
    expect(described).toMatchObject({ status: 'ABORTED' });
    expect(described).not.toHaveProperty('output');
    expect(described).not.toHaveProperty('error');
  });
});

describe('describing and listing', () => {
  it('shows a running execution as AWS does', async () => {
    const executionArn = await stage.start(until(DAY), 'slot');
    expect(await stage.describe(executionArn)).toEqual({
      executionArn,
      stateMachineArn: MACHINE,
      name: 'slot',
      status: 'RUNNING',
      startDate: START / 1000,
      input: JSON.stringify(until(DAY)),
      inputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
    });
    await expect(stage.describe(`${executionArn}x`)).rejects.toMatchObject({ code: 'ExecutionDoesNotExist' });
  });

  it('lists executions newest first, by status and page by page', async () => {
    for (const name of ['a', 'b', 'c']) await stage.start(until(DAY), name);
    await stage.start(until(0), 'done');
    await stage.clock.settled();
    const list = (input: object) => stage.call('ListExecutions', { stateMachineArn: MACHINE, ...input });
    const names = (page: { executions: { name: string }[] }) => page.executions.map(({ name }) => name);
    expect(names(await list({}))).toEqual(['done', 'c', 'b', 'a']);
    expect(names(await list({ statusFilter: 'SUCCEEDED' }))).toEqual(['done']);
    const page = await list({ statusFilter: 'RUNNING', maxResults: 2 });
    expect(names(page)).toEqual(['c', 'b']);
    const last = await list({ statusFilter: 'RUNNING', maxResults: 2, nextToken: page.nextToken });
    expect(names(last)).toEqual(['a']);
    expect(last).not.toHaveProperty('nextToken');
  });

  it('shows the machines of the caller', async () => {
    const { stateMachines } = await stage.call('ListStateMachines', {});
    expect(stateMachines).toEqual([
      { stateMachineArn: MACHINE, name: 'retry', type: 'STANDARD', creationDate: START / 1000 },
    ]);
    expect(await stage.call('ListStateMachines', {}, { ...CALLER, region: 'us-east-1' })).toEqual({
      stateMachines: [],
    });
    const { definition } = await stage.call('DescribeStateMachine', { stateMachineArn: MACHINE });
    expect(JSON.parse(definition)).toMatchObject({ StartAt: 'Wait', States: WAITING });
  });

  it('knows no other operation', async () => {
    await expect(stage.call('StartSyncExecution', {})).rejects.toMatchObject({ code: 'UnknownOperationException' });
  });
});

describe('an injected fault', () => {
  const error = new AwsError('ThrottlingException', 'Rate exceeded');

  it('meets as many calls as it says, and nothing happens in them', async () => {
    stage.sfn.injectFault({ operation: 'StartExecution', error, times: 2 });
    for (let i = 0; i < 2; i += 1) await expect(start({ name: 'slot' })).rejects.toBe(error);
    expect(stage.sfn.snapshot().executions).toEqual([]);
    await expect(start({ name: 'slot' })).resolves.toBeDefined();
  });

  it('may hide what has happened', async () => {
    stage.sfn.injectFault({ operation: 'StartExecution', error, when: 'after' });
    await expect(stage.start(until(DAY), 'slot')).rejects.toBe(error);
    expect(stage.sfn.snapshot().executions).toMatchObject([{ name: 'slot', status: 'RUNNING' }]);
  });
});

describe('a snapshot', () => {
  it('lets running executions go on after a restart, at the times they waited for', async () => {
    await stage.start(until(2 * DAY), 'waiting');
    await stage.start(until(0), 'done');
    await stage.clock.advance(DAY);
    const snapshot = JSON.parse(JSON.stringify(stage.sfn.snapshot()));
    stage.close();

    stage = new Stage({ restore: snapshot, startAt: START + DAY });
    stage.register(WAITING);
    await stage.clock.advance(DAY - 1);
    expect(stage.calls).toEqual([]);
    await expect(stage.start(until(0), 'done')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await stage.clock.advance(1);
    expect(stage.callTimes).toEqual([2 * 24 * 3600]);
    const { executions } = await stage.call('ListExecutions', { stateMachineArn: MACHINE });
    expect(executions).toMatchObject([
      { name: 'done', status: 'SUCCEEDED' },
      { name: 'waiting', status: 'SUCCEEDED', startDate: START / 1000 },
    ]);
  });

  it('is worth taking after every start and end', async () => {
    await stage.start(until(DAY));
    expect(changes).toBe(1);
    await stage.clock.advance(DAY);
    expect(changes).toBe(2);
  });

  it('keeps executions RUNNING over a close', async () => {
    await stage.start(until(DAY));
    stage.sfn.close();
    await stage.clock.advance(2 * DAY);
    expect(stage.calls).toEqual([]);
    expect(stage.sfn.snapshot().executions).toMatchObject([{ status: 'RUNNING' }]);
  });
});
