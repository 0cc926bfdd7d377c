import { beforeEach, describe, expect, it } from 'vitest';
import { CUSTOMER, inputs, refusal, type Setup, SOURCE, STRANGER, sendToQueue, setUp } from './harness.ts';

const BUS = 'orders';
const BUS_ARN = `arn:aws:events:eu-west-1:${CUSTOMER.account}:event-bus/${BUS}`;
const event = (more: Record<string, unknown> = {}) => ({
  Source: 'shop.orders',
  DetailType: 'created',
  Detail: '{"n":1}',
  EventBusName: BUS,
  ...more,
});

let cloud: Setup;
beforeEach(async () => {
  cloud = setUp();
  await cloud.customer('CreateEventBus', { Name: BUS });
  await sendToQueue(cloud, BUS);
});

const put = (...entries: unknown[]) => cloud.customer('PutEvents', { Entries: entries });
const accepted = { FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] };

describe('the bus of an entry', () => {
  it.each([
    ['its name', BUS],
    ['its ARN', BUS_ARN],
  ])('is found by %s', async (_, EventBusName) => {
    expect(await put(event({ EventBusName, TraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793' }))).toEqual(
      accepted,
    );
    await cloud.clock.settled();
    expect(inputs(cloud)).toMatchObject([{ source: 'shop.orders', account: CUSTOMER.account, detail: { n: 1 } }]);
  });

  it('is the default bus where none is given', async () => {
    await sendToQueue(cloud, 'default');
    await put(event({ EventBusName: undefined }));
    await cloud.clock.settled();
    expect(cloud.delivered).toMatchObject([{ ruleArn: `arn:aws:events:eu-west-1:${CUSTOMER.account}:rule/all` }]);
  });

  it.each([['nobody'], [BUS_ARN.replace(BUS, 'nobody')], [BUS_ARN.replace('eu-west-1', 'us-east-1')]])(
    'may be missing: the event is accepted and dropped (%s)',
    async (EventBusName) => {
      expect(await put(event({ EventBusName }))).toEqual(accepted);
      await cloud.clock.settled();
      expect(cloud.delivered).toEqual([]);
    },
  );

  it('cannot be a partner bus', async () => {
    expect((await refusal(put(event({ EventBusName: SOURCE })))).message).toContain(
      "at 'entries.1.member.eventBusName'",
    );
  });
});

describe('the bus of another account', () => {
  const puts = (more: Record<string, unknown> = {}) =>
    cloud.cloud.handle('PutEvents', { Entries: [event({ EventBusName: BUS_ARN, ...more })] }, STRANGER);
  const allow = (statement: Record<string, unknown>) =>
    cloud.customer('PutPermission', {
      EventBusName: BUS,
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: STRANGER.account },
            Action: 'events:PutEvents',
            Resource: BUS_ARN,
            ...statement,
          },
        ],
      }),
    });
  const denied = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'AccessDeniedException' }] };

  it('denies the entry unless its policy allows it', async () => {
    expect(await puts()).toMatchObject(denied);
  });

  it('takes the entry from an account with permission, and shows who sent it', async () => {
    await cloud.customer('PutPermission', {
      EventBusName: BUS,
      Action: 'events:PutEvents',
      Principal: STRANGER.account,
      StatementId: 's',
    });
    expect(await puts()).toEqual(accepted);
    await cloud.clock.settled();
    expect(inputs(cloud)).toMatchObject([{ account: STRANGER.account }]);
  });

  it.each([
    ['everybody', { Principal: '*' }],
    ['the root of the account', { Principal: { AWS: `arn:aws:iam::${STRANGER.account}:root` } }],
    ['all of the actions', { Action: ['events:*'] }],
    ['all of the resources', { Resource: '*' }],
    ['the source of the event', { Condition: { StringEquals: { 'events:source': 'shop.orders' } } }],
  ])('is opened by a statement for %s', async (_, statement) => {
    await allow(statement);
    expect(await puts()).toEqual(accepted);
  });

  it.each([
    ['another account', { Principal: { AWS: CUSTOMER.account } }],
    ['another action', { Action: 'events:PutRule' }],
    ['another bus', { Resource: `${BUS_ARN}-2` }],
    ['another source', { Condition: { StringEquals: { 'events:source': 'shop.returns' } } }],
    ['an organization, which nobody can see here', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    ['its denial', { Effect: 'Deny' }],
  ])('is not opened by a statement for %s', async (_, statement) => {
    await allow(statement);
    expect(await puts()).toMatchObject(denied);
  });
});

describe('entries fail singly', () => {
  it.each([
    ['Source', 'InvalidArgument'],
    ['DetailType', 'InvalidArgument'],
    ['Detail', 'InvalidArgument'],
  ])('without a %s, even if it is the only entry', async (name, ErrorCode) => {
    expect(await put(event({ [name]: undefined }))).toEqual({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode, ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.` }],
    });
  });

  it('from a source that belongs to AWS', async () => {
    expect(await put(event({ Source: 'aws.ec2' }), event())).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }, { EventId: expect.any(String) }],
    });
  });
});

it('refuses eleven entries and more than 1 MB', async () => {
  expect((await refusal(put(...Array.from({ length: 11 }, () => event())))).code).toBe('ValidationException');
  expect(await put(event({ Detail: JSON.stringify({ x: 'x'.repeat(1_000_000) }) }))).toEqual(accepted);
  expect((await refusal(put(event({ Detail: JSON.stringify({ x: 'x'.repeat(1_048_576) }) })))).message).toBe(
    'Total size of the entries in the request is over the limit.',
  );
});
