import { beforeEach, describe, expect, it } from 'vitest';
import {
  attachBus,
  CUSTOMER,
  createSource,
  entry,
  QUEUE,
  refusal,
  type Setup,
  SOURCE,
  STRANGER,
  setUp,
} from './harness.ts';

const PATTERN = '{"source":["shop"]}';
const arnOf = (path: string) => `arn:aws:events:eu-west-1:${CUSTOMER.account}:rule/${path}`;
const EVERY_MINUTE = { Name: 'tick', ScheduleExpression: 'rate(1 minute)' };

let cloud: Setup;
beforeEach(async () => {
  cloud = setUp();
  await cloud.customer('CreateEventBus', { Name: 'orders' });
});

const putRule = (more: Record<string, unknown> = {}) =>
  cloud.customer('PutRule', { Name: 'r', EventPattern: PATTERN, ...more });
const putTargets = (...Targets: unknown[]) => cloud.customer('PutTargets', { Rule: 'r', Targets });

describe('rules', () => {
  it('have an ARN with the bus in it, but for the default bus', async () => {
    await createSource(cloud);
    await attachBus(cloud);
    expect(await putRule()).toEqual({ RuleArn: arnOf('r') });
    expect(await putRule({ EventBusName: 'orders' })).toEqual({ RuleArn: arnOf('orders/r') });
    expect(await putRule({ EventBusName: SOURCE })).toEqual({ RuleArn: arnOf(`${SOURCE}/r`) });
  });

  it('are described, listed and deleted', async () => {
    await putRule({ EventBusName: 'orders', Description: 'd', RoleArn: 'arn:role' });
    const view = {
      Name: 'r',
      Arn: arnOf('orders/r'),
      EventPattern: PATTERN,
      State: 'ENABLED',
      Description: 'd',
      RoleArn: 'arn:role',
      EventBusName: 'orders',
    };
    expect(await cloud.customer('DescribeRule', { Name: 'r', EventBusName: 'orders' })).toEqual({
      ...view,
      CreatedBy: CUSTOMER.account,
    });
    expect(await cloud.customer('ListRules', { EventBusName: 'orders', NamePrefix: 'r' })).toEqual({ Rules: [view] });
    expect(await cloud.customer('ListRules')).toEqual({ Rules: [] });
    await cloud.customer('DeleteRule', { Name: 'r', EventBusName: 'orders' });
    expect(await cloud.customer('DeleteRule', { Name: 'r', EventBusName: 'orders' })).toEqual({});
    expect(await refusal(cloud.customer('DescribeRule', { Name: 'r', EventBusName: 'orders' }))).toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Rule r does not exist on EventBus orders.',
    });
  });

  it('are replaced by another PutRule, which keeps their targets and tags', async () => {
    await putRule({ Description: 'old', Tags: [{ Key: 'k', Value: 'v' }] });
    await putTargets({ Id: 'q', Arn: QUEUE });
    await putRule({ EventPattern: '{"source":["other"]}' });
    const described = await cloud.customer('DescribeRule', { Name: 'r' });
    expect(described).toMatchObject({ EventPattern: '{"source":["other"]}' });
    expect(described).not.toHaveProperty('Description');
    expect(await cloud.customer('ListTargetsByRule', { Rule: 'r' })).toEqual({ Targets: [{ Id: 'q', Arn: QUEUE }] });
    expect(await cloud.customer('ListTagsForResource', { ResourceARN: arnOf('r') })).toEqual({
      Tags: [{ Key: 'k', Value: 'v' }],
    });
  });

  it('cannot be deleted while they have targets', async () => {
    await putRule();
    await putTargets({ Id: 'q', Arn: QUEUE });
    expect((await refusal(cloud.customer('DeleteRule', { Name: 'r' }))).message).toBe(
      "Rule can't be deleted since it has targets.",
    );
  });

  it.each([
    [
      'without pattern and schedule',
      { EventPattern: undefined },
      'ValidationException',
      'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    ],
    [
      'with an invalid pattern',
      { EventPattern: '{"source":"shop"}' },
      'InvalidEventPatternException',
      'Event pattern is not valid. Reason: "source" must be an object or an array',
    ],
    [
      'with an unknown state',
      { State: 'ON' },
      'ValidationException',
      expect.stringContaining("Value 'ON' at 'state' failed to satisfy constraint: Member must satisfy enum value set"),
    ],
    [
      'with a long name',
      { Name: 'n'.repeat(65) },
      'ValidationException',
      expect.stringContaining('length less than or equal to 64'),
    ],
    ['with a slash in the name', { Name: 'a/b' }, 'ValidationException', expect.stringContaining('regular expression')],
    [
      'on a bus that does not exist',
      { EventBusName: 'nobody' },
      'ResourceNotFoundException',
      'Event bus nobody does not exist.',
    ],
    [
      'with a schedule on a custom bus',
      { EventBusName: 'orders', ScheduleExpression: 'rate(1 minute)' },
      'ValidationException',
      'ScheduleExpression is supported only on the default event bus.',
    ],
  ])('are refused %s', async (_, more, code, message) => {
    expect(await refusal(putRule(more))).toMatchObject({ code, message });
  });

  it('on the bus of another account are out of reach', async () => {
    const EventBusName = `arn:aws:events:eu-west-1:${CUSTOMER.account}:event-bus/orders`;
    const call = cloud.cloud.handle('PutRule', { Name: 'r', EventPattern: PATTERN, EventBusName }, STRANGER);
    expect((await refusal(call)).code).toBe('ResourceNotFoundException');
  });

  it('are at most 300 on a bus', async () => {
    for (let n = 0; n < 300; n += 1) await putRule({ Name: `r${n}` });
    expect((await refusal(putRule({ Name: 'one-more' }))).code).toBe('LimitExceededException');
    expect(await putRule({ Name: 'r7' })).toEqual({ RuleArn: arnOf('r7') });
    expect(await putRule({ EventBusName: 'orders' })).toEqual({ RuleArn: arnOf('orders/r') });
  });

  it('match nothing while they are disabled', async () => {
    await putRule();
    await putTargets({ Id: 'q', Arn: QUEUE });
    const put = async () => {
      await cloud.customer('PutEvents', { Entries: [{ Source: 'shop', DetailType: 't', Detail: '{}' }] });
      await cloud.clock.settled();
      return cloud.delivered.length;
    };
    await cloud.customer('DisableRule', { Name: 'r' });
    expect(await cloud.customer('DescribeRule', { Name: 'r' })).toMatchObject({ State: 'DISABLED' });
    expect(await put()).toBe(0);
    await cloud.customer('EnableRule', { Name: 'r' });
    expect(await put()).toBe(1);
  });

  it('get only the events that their pattern matches, as it is at that moment', async () => {
    await putRule();
    await putTargets({ Id: 'q', Arn: QUEUE });
    const put = (Source: string) =>
      cloud.customer('PutEvents', { Entries: [{ Source, DetailType: 't', Detail: '{}' }] });
    await put('shop');
    await put('other');
    await putRule({ EventPattern: '{"source":["other"]}' });
    await put('shop');
    await put('other');
    await cloud.clock.settled();
    expect(cloud.delivered.map(({ input }) => JSON.parse(input).source)).toEqual(['shop', 'other']);
  });

  it('of a partner bus work again when the deleted source is created and activated anew', async () => {
    await createSource(cloud);
    await attachBus(cloud);
    await putRule({ EventBusName: SOURCE, EventPattern: JSON.stringify({ source: [SOURCE] }) });
    await cloud.customer('PutTargets', { Rule: 'r', EventBusName: SOURCE, Targets: [{ Id: 'q', Arn: QUEUE }] });
    await cloud.partner('DeletePartnerEventSource', { Name: SOURCE, Account: CUSTOMER.account });
    await createSource(cloud);
    await cloud.customer('ActivateEventSource', { Name: SOURCE });
    await cloud.partner('PutPartnerEvents', { Entries: [entry()] });
    await cloud.clock.settled();
    expect(cloud.delivered).toMatchObject([{ ruleArn: arnOf(`${SOURCE}/r`) }]);
  });
});

describe('schedules', () => {
  it('are for somebody else to fire; the rule sends a Scheduled Event to its targets', async () => {
    await cloud.customer('PutRule', EVERY_MINUTE);
    await cloud.customer('PutTargets', { Rule: 'tick', Targets: [{ Id: 'q', Arn: QUEUE }] });
    const arn = arnOf('tick');
    const rule = { arn, name: 'tick', ...CUSTOMER, scheduleExpression: 'rate(1 minute)' };
    expect(cloud.cloud.scheduledRules()).toEqual([{ ...rule, enabled: true }]);
    cloud.cloud.fire(arn);
    await cloud.clock.settled();
    expect(cloud.delivered.map(({ input }) => JSON.parse(input))).toEqual([
      {
        version: '0',
        id: expect.any(String),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: CUSTOMER.account,
        time: '2026-11-21T10:00:00Z',
        region: 'eu-west-1',
        resources: [arn],
        detail: {},
      },
    ]);
  });

  it('do not fire while the rule is disabled, and match no events', async () => {
    await cloud.customer('PutRule', { ...EVERY_MINUTE, State: 'DISABLED' });
    await cloud.customer('PutTargets', { Rule: 'tick', Targets: [{ Id: 'q', Arn: QUEUE }] });
    expect(cloud.cloud.scheduledRules()).toMatchObject([{ enabled: false }]);
    cloud.cloud.fire(arnOf('tick'));
    await cloud.customer('EnableRule', { Name: 'tick' });
    await cloud.customer('PutEvents', { Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] });
    await cloud.clock.settled();
    expect(cloud.delivered).toEqual([]);
    expect(() => cloud.cloud.fire(arnOf('nobody'))).toThrow('does not exist');
  });

  it.each([
    'rate(1 minute)',
    'rate(10 minutes)',
    'rate(12 hours)',
    'cron(0 10 * * ? *)',
    'cron(0/5 8-17 ? * MON-FRI *)',
    'cron(15 10 ? * 6L 2002-2005)',
    'cron(0 2 ? * SAT#3 *)',
  ])('may be %s', async (ScheduleExpression) => {
    expect(await cloud.customer('PutRule', { Name: 's', ScheduleExpression })).toEqual({ RuleArn: arnOf('s') });
  });

  it.each([
    'rate(10 seconds)',
    'rate(1 minutes)',
    'rate(10 minute)',
    'rate(0 minutes)',
    'rate(-10 minutes)',
    'rate( 10 minutes )',
    'rate()',
    'cron(INVALID)',
    'cron(0 dummy ? * MON-FRI *)',
    'cron(0 1 * * * *)',
  ])('may not be %s', async (ScheduleExpression) => {
    expect((await refusal(cloud.customer('PutRule', { Name: 's', ScheduleExpression }))).message).toBe(
      'Parameter ScheduleExpression is not valid.',
    );
  });
});

describe('targets', () => {
  beforeEach(() => putRule());

  it('are put, replaced by id, listed and removed', async () => {
    const done = { FailedEntryCount: 0, FailedEntries: [] };
    expect(await putTargets({ Id: 'a', Arn: QUEUE, InputPath: '$.detail' }, { Id: 'b', Arn: QUEUE })).toEqual(done);
    await putTargets({ Id: 'a', Arn: QUEUE, KinesisParameters: { PartitionKeyPath: '$.id' } });
    expect(await cloud.customer('ListTargetsByRule', { Rule: 'r' })).toEqual({
      Targets: [
        { Id: 'a', Arn: QUEUE, KinesisParameters: { PartitionKeyPath: '$.id' } },
        { Id: 'b', Arn: QUEUE },
      ],
    });
    expect(await cloud.customer('ListRuleNamesByTarget', { TargetArn: QUEUE })).toEqual({ RuleNames: ['r'] });
    expect(await cloud.customer('RemoveTargets', { Rule: 'r', Ids: ['a', 'b', 'c'] })).toEqual(done);
    expect(await cloud.customer('ListRuleNamesByTarget', { TargetArn: QUEUE })).toEqual({ RuleNames: [] });
  });

  it('are listed page by page', async () => {
    await putTargets(...['a', 'b', 'c'].map((Id) => ({ Id, Arn: QUEUE })));
    const first: { NextToken?: string } = Object(await cloud.customer('ListTargetsByRule', { Rule: 'r', Limit: 2 }));
    expect(first).toMatchObject({ Targets: [{ Id: 'a' }, { Id: 'b' }] });
    expect(await cloud.customer('ListTargetsByRule', { Rule: 'r', Limit: 2, NextToken: first.NextToken })).toEqual({
      Targets: [{ Id: 'c', Arn: QUEUE }],
    });
  });

  it('end with a page that has no token, even a full one', async () => {
    await putTargets(...['a', 'b'].map((Id) => ({ Id, Arn: QUEUE })));
    expect(await cloud.customer('ListTargetsByRule', { Rule: 'r', Limit: 2 })).not.toHaveProperty('NextToken');
  });

  it('are at most five of a rule and a hundred of a call', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => ({ Id: `t${n}`, Arn: QUEUE }));
    expect((await refusal(putTargets(...many(6)))).code).toBe('LimitExceededException');
    await putTargets(...many(5));
    expect((await refusal(putTargets({ Id: 'one-more', Arn: QUEUE }))).code).toBe('LimitExceededException');
    await putTargets({ Id: 't3', Arn: QUEUE });
    expect((await refusal(putTargets(...many(101)))).code).toBe('ValidationException');
  });

  it.each([
    [
      'two kinds of input',
      { InputPath: '$', Input: '1' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target t.',
    ],
    ['an input that is no JSON', { Input: 'text' }, 'JSON syntax error in input for target t.'],
    [
      'an unknown placeholder',
      { InputTransformer: { InputTemplate: '"<nobody>"' } },
      'InputTemplate for target t contains invalid placeholder nobody.',
    ],
    [
      'a template without quotes',
      { InputTransformer: { InputTemplate: 'hello' } },
      expect.stringContaining('Invalid InputTemplate for target t'),
    ],
    [
      'a template that is broken JSON',
      { InputTransformer: { InputTemplate: '{"a":' } },
      expect.stringContaining('Invalid InputTemplate for target t'),
    ],
    [
      'a reserved variable',
      { InputTransformer: { InputPathsMap: { aws: '$' }, InputTemplate: '"x"' } },
      expect.stringContaining('reserved'),
    ],
    ['a path that is none', { InputPath: 'detail' }, expect.stringContaining('not a valid JSON path')],
    ['an id with a blank', { Id: 'a b' }, expect.stringContaining("at 'targets.1.member.id'")],
    [
      'too many retries',
      { RetryPolicy: { MaximumRetryAttempts: 186 } },
      expect.stringContaining("at 'targets.1.member.retryPolicy.maximumRetryAttempts'"),
    ],
  ])('are refused with %s', async (_, more, message) => {
    expect(await refusal(putTargets({ Id: 't', Arn: QUEUE, ...more }))).toMatchObject({
      code: 'ValidationException',
      message,
    });
  });

  it('need a rule', async () => {
    expect(
      (await refusal(cloud.customer('PutTargets', { Rule: 'nobody', Targets: [{ Id: 'a', Arn: QUEUE }] }))).message,
    ).toBe('Rule nobody does not exist on EventBus default.');
  });
});

describe('TestEventPattern', () => {
  const Event = JSON.stringify({ id: '1', account: '1', source: 'shop', time: 't', region: 'r', 'detail-type': 'd' });

  it('tells whether the pattern matches the event', async () => {
    expect(await cloud.customer('TestEventPattern', { EventPattern: PATTERN, Event })).toEqual({ Result: true });
    expect(await cloud.customer('TestEventPattern', { EventPattern: '{"source":["x"]}', Event })).toEqual({
      Result: false,
    });
  });

  it.each(['plain text', '["list"]', '{"source":"shop"}'])('refuses an event that is none: %s', async (event) => {
    expect((await refusal(cloud.customer('TestEventPattern', { EventPattern: PATTERN, Event: event }))).message).toBe(
      'Parameter Event is not valid.',
    );
  });
});
