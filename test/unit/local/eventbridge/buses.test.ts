import { beforeEach, describe, expect, it } from 'vitest';
import { attachBus, CUSTOMER, createSource, refusal, type Setup, SOURCE, START, STRANGER, setUp } from './harness.ts';

const arnOf = (name: string) => `arn:aws:events:eu-west-1:${CUSTOMER.account}:event-bus/${name}`;

let cloud: Setup;
beforeEach(() => {
  cloud = setUp();
});

describe('event buses', () => {
  it('are created, described, listed and deleted', async () => {
    expect(await cloud.customer('CreateEventBus', { Name: 'orders', Description: 'of the shop' })).toEqual({
      EventBusArn: arnOf('orders'),
      Description: 'of the shop',
    });
    const times = { CreationTime: START / 1000, LastModifiedTime: START / 1000 };
    const orders = { Name: 'orders', Arn: arnOf('orders'), Description: 'of the shop', ...times };
    expect(await cloud.customer('DescribeEventBus', { Name: 'orders' })).toEqual(orders);
    expect(await cloud.customer('DescribeEventBus', { Name: arnOf('orders') })).toEqual(orders);
    expect(await cloud.customer('ListEventBuses')).toEqual({
      EventBuses: [{ Name: 'default', Arn: arnOf('default'), ...times }, orders],
    });
    await cloud.customer('DeleteEventBus', { Name: 'orders' });
    expect(await refusal(cloud.customer('DescribeEventBus', { Name: 'orders' }))).toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Event bus orders does not exist.',
    });
  });

  it('of partners have the name and the ARN of their source', async () => {
    await createSource(cloud);
    expect(await attachBus(cloud)).toEqual({ EventBusArn: arnOf(SOURCE) });
    expect(await cloud.customer('ListEventBuses', { NamePrefix: 'aws.partner' })).toMatchObject({
      EventBuses: [{ Name: SOURCE, Arn: arnOf(SOURCE) }],
    });
  });

  it('belong to one account and Region', async () => {
    await cloud.customer('CreateEventBus', { Name: 'orders' });
    for (const caller of [STRANGER, { ...CUSTOMER, region: 'us-east-1' }])
      expect((await refusal(cloud.cloud.handle('DescribeEventBus', { Name: 'orders' }, caller))).code).toBe(
        'ResourceNotFoundException',
      );
    expect((await refusal(cloud.cloud.handle('DescribeEventBus', { Name: arnOf('orders') }, STRANGER))).code).toBe(
      'ResourceNotFoundException',
    );
  });

  it('are out of reach by the ARN of another Region', async () => {
    const elsewhere = { ...CUSTOMER, region: 'us-east-1' };
    await cloud.cloud.handle('CreateEventBus', { Name: 'orders' }, elsewhere);
    const Name = arnOf('orders').replace('eu-west-1', 'us-east-1');
    expect((await refusal(cloud.customer('DescribeEventBus', { Name }))).code).toBe('ResourceNotFoundException');
    expect(await cloud.cloud.handle('DescribeEventBus', { Name }, elsewhere)).toMatchObject({ Arn: Name });
  });

  it.each([
    ['a partner name without its source', { Name: SOURCE }, "EventBus name starting with 'aws.' is not valid."],
    [
      'a partner name with another source',
      { Name: SOURCE, EventSourceName: `${SOURCE}2` },
      "EventBus name starting with 'aws.' is not valid.",
    ],
    [
      'a name of its own for a source',
      { Name: 'mine', EventSourceName: SOURCE },
      expect.stringContaining('must be the same'),
    ],
    ['a slash in a custom name', { Name: 'a/b' }, expect.stringContaining("'/'")],
    ['a blank in the name', { Name: 'a b' }, expect.stringContaining('regular expression')],
  ])('cannot have %s', async (_, input, message) => {
    expect(await refusal(cloud.customer('CreateEventBus', input))).toMatchObject({
      code: 'ValidationException',
      message,
    });
  });

  it('need a source that exists', async () => {
    expect(await refusal(attachBus(cloud))).toMatchObject({
      code: 'ResourceNotFoundException',
      message: `Event source ${SOURCE} does not exist.`,
    });
  });

  it.each([['orders'], ['default']])('exist once: %s', async (Name) => {
    await cloud.customer('CreateEventBus', { Name: 'orders' });
    expect(await refusal(cloud.customer('CreateEventBus', { Name }))).toMatchObject({
      code: 'ResourceAlreadyExistsException',
      message: `Event bus ${Name} already exists.`,
    });
  });

  it('cannot be deleted while they have rules, nor can the default bus', async () => {
    await cloud.customer('CreateEventBus', { Name: 'orders' });
    await cloud.customer('PutRule', { Name: 'all', EventBusName: 'orders', EventPattern: '{"source":["x"]}' });
    expect((await refusal(cloud.customer('DeleteEventBus', { Name: 'orders' }))).message).toBe(
      "EventBus can't be deleted since it has rules.",
    );
    expect((await refusal(cloud.customer('DeleteEventBus', { Name: 'default' }))).message).toBe(
      'Cannot delete event bus default.',
    );
    expect(await cloud.customer('DeleteEventBus', { Name: 'nobody' })).toEqual({});
  });

  it('are at most a hundred in an account', async () => {
    for (let n = 0; n < 100; n += 1) await cloud.customer('CreateEventBus', { Name: `bus-${n}` });
    expect(await refusal(cloud.customer('CreateEventBus', { Name: 'one-more' }))).toMatchObject({
      code: 'LimitExceededException',
      message: 'The requested resource exceeds the maximum number allowed.',
    });
  });
});

describe('permissions', () => {
  const policy = async (Name = 'default'): Promise<unknown> => {
    const bus: { Policy?: string } = Object(await cloud.customer('DescribeEventBus', { Name }));
    return bus.Policy === undefined ? undefined : JSON.parse(bus.Policy);
  };
  const grant = (StatementId: string, Principal: string) =>
    cloud.customer('PutPermission', { Action: 'events:PutEvents', Principal, StatementId });
  const statement = (Sid: string, Principal: unknown) => ({
    Sid,
    Effect: 'Allow',
    Principal,
    Action: 'events:PutEvents',
    Resource: arnOf('default'),
  });

  it('are statements of the policy that the bus shows, one for each id', async () => {
    await grant('a', STRANGER.account);
    await grant('b', STRANGER.account);
    await grant('a', '*');
    expect(await policy()).toEqual({
      Version: '2012-10-17',
      Statement: [statement('b', { AWS: `arn:aws:iam::${STRANGER.account}:root` }), statement('a', '*')],
    });
  });

  it('are removed one by one or all together', async () => {
    for (const id of ['a', 'b', 'c']) await grant(id, '*');
    await cloud.customer('RemovePermission', { StatementId: 'b' });
    expect(await policy()).toMatchObject({ Statement: [{ Sid: 'a' }, { Sid: 'c' }] });
    expect(await refusal(cloud.customer('RemovePermission', { StatementId: 'b' }))).toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Statement with the provided id does not exist.',
    });
    await cloud.customer('RemovePermission', { RemoveAllPermissions: true });
    expect(await policy()).toBeUndefined();
  });

  it('can be one whole policy', async () => {
    const whole = { Version: '2012-10-17', Statement: [statement('x', '*')] };
    await cloud.customer('PutPermission', { Policy: JSON.stringify(whole) });
    expect(await policy()).toEqual(whole);
  });

  it('carry a condition', async () => {
    const Condition = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' };
    await cloud.customer('PutPermission', {
      Action: 'events:PutEvents',
      Principal: '*',
      StatementId: 'org',
      Condition,
    });
    expect(await policy()).toMatchObject({
      Statement: [{ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    });
  });

  it.each([
    [{ Policy: 'nonsense' }, 'ValidationException'],
    [{ Action: 'events:PutEvents' }, 'ValidationException'],
    [{ Policy: JSON.stringify({ Statement: [{ Sid: 'x'.repeat(11_000) }] }) }, 'PolicyLengthExceededException'],
    [
      { EventBusName: 'nobody', Action: 'events:PutEvents', Principal: '*', StatementId: 'a' },
      'ResourceNotFoundException',
    ],
  ])('are refused: %#', async (input, code) => {
    expect((await refusal(cloud.customer('PutPermission', input))).code).toBe(code);
  });
});

describe('tags', () => {
  const TAGS = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ];

  it.each([
    ['a bus', arnOf('orders')],
    ['the default bus', arnOf('default')],
    ['a rule', `arn:aws:events:eu-west-1:${CUSTOMER.account}:rule/orders/all`],
  ])('are put on %s, changed, listed and removed', async (_, ResourceARN) => {
    await cloud.customer('CreateEventBus', { Name: 'orders' });
    await cloud.customer('PutRule', { Name: 'all', EventBusName: 'orders', EventPattern: '{"source":["x"]}' });
    await cloud.customer('TagResource', { ResourceARN, Tags: TAGS });
    await cloud.customer('TagResource', { ResourceARN, Tags: [{ Key: 'b', Value: '3' }] });
    expect(await cloud.customer('ListTagsForResource', { ResourceARN })).toEqual({
      Tags: [TAGS[0], { Key: 'b', Value: '3' }],
    });
    await cloud.customer('UntagResource', { ResourceARN, TagKeys: ['a', 'unknown'] });
    expect(await cloud.customer('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [{ Key: 'b', Value: '3' }] });
  });

  it('come with a new bus and a new rule', async () => {
    await cloud.customer('CreateEventBus', { Name: 'orders', Tags: TAGS });
    await cloud.customer('PutRule', { Name: 'all', EventPattern: '{"source":["x"]}', Tags: TAGS });
    for (const ResourceARN of [arnOf('orders'), `arn:aws:events:eu-west-1:${CUSTOMER.account}:rule/all`])
      expect(await cloud.customer('ListTagsForResource', { ResourceARN })).toEqual({ Tags: TAGS });
  });

  it.each([
    [`arn:aws:events:eu-west-1:${CUSTOMER.account}:rule/nobody`, 'Rule nobody does not exist on EventBus default.'],
    [arnOf('nobody'), 'Event bus nobody does not exist.'],
  ])('need a resource that exists: %s', async (ResourceARN, message) => {
    for (const operation of ['TagResource', 'UntagResource', 'ListTagsForResource'])
      expect(await refusal(cloud.customer(operation, { ResourceARN, Tags: [], TagKeys: [] }))).toMatchObject({
        message,
      });
  });
});
