import { beforeEach, describe, expect, it } from 'vitest';
import {
  attachBus,
  CUSTOMER,
  createSource,
  DAY,
  entry,
  PARTNER,
  refusal,
  type Setup,
  SOURCE,
  START,
  STRANGER,
  sendToQueue,
  setUp,
} from './harness.ts';

const ARN = `arn:aws:events:eu-west-1::event-source/${SOURCE}`;
const NAMED = { Name: SOURCE };
const OWNED = { Name: SOURCE, Account: CUSTOMER.account };

let cloud: Setup;
beforeEach(() => {
  cloud = setUp();
});

const customerSees = () => cloud.customer('DescribeEventSource', NAMED);
const partnerSees = () => cloud.partner('ListPartnerEventSourceAccounts', { EventSourceName: SOURCE });
const pendingUntil = (ms: number) => ({ State: 'PENDING', ExpirationTime: ms / 1000 });

async function expectGoneForPartner() {
  expect(await refusal(cloud.partner('DescribePartnerEventSource', NAMED))).toMatchObject({
    code: 'ResourceNotFoundException',
  });
  expect(await refusal(partnerSees())).toMatchObject({ message: `Event source ${SOURCE} does not exist.` });
  expect(await cloud.partner('PutPartnerEvents', { Entries: [entry()] })).toMatchObject({ FailedEntryCount: 1 });
}

async function expectGoneForBoth() {
  await expectGoneForPartner();
  expect(await refusal(customerSees())).toMatchObject({ code: 'ResourceNotFoundException' });
  expect(await cloud.customer('ListEventSources')).toEqual({ EventSources: [] });
}

async function expectPending(untilMs: number) {
  expect(await partnerSees()).toEqual({
    PartnerEventSourceAccounts: [{ Account: CUSTOMER.account, CreationTime: START / 1000, ...pendingUntil(untilMs) }],
  });
  expect(await customerSees()).toMatchObject(pendingUntil(untilMs));
  expect(await cloud.partner('PutPartnerEvents', { Entries: [entry()] })).toMatchObject({ FailedEntryCount: 0 });
  await cloud.clock.settled();
  expect(cloud.delivered).toEqual([]);
}

async function expectActive() {
  expect(await partnerSees()).toEqual({
    PartnerEventSourceAccounts: [{ Account: CUSTOMER.account, CreationTime: expect.any(Number), State: 'ACTIVE' }],
  });
  expect(await customerSees()).not.toHaveProperty('ExpirationTime');
  expect(await cloud.partner('PutPartnerEvents', { Entries: [entry()] })).toMatchObject({ FailedEntryCount: 0 });
  await cloud.clock.settled();
  expect(cloud.delivered.splice(0)).toHaveLength(1);
}

async function becomeActive() {
  await createSource(cloud);
  await attachBus(cloud);
  await sendToQueue(cloud, SOURCE);
}

async function dropRules() {
  await cloud.customer('RemoveTargets', { Rule: 'all', EventBusName: SOURCE, Ids: ['queue'] });
  await cloud.customer('DeleteRule', { Name: 'all', EventBusName: SOURCE });
}

describe('a source without a bus', () => {
  it('is PENDING for seven days once the partner has created it', async () => {
    expect(await createSource(cloud)).toEqual({ EventSourceArn: ARN });
    expect(await cloud.partner('DescribePartnerEventSource', NAMED)).toEqual({ Arn: ARN, Name: SOURCE });
    expect(await customerSees()).toEqual({
      Arn: ARN,
      Name: SOURCE,
      CreatedBy: 'aws.partner/example.com',
      CreationTime: START / 1000,
      ...pendingUntil(START + 7 * DAY),
    });
    await expectPending(START + 7 * DAY);
  });

  it('is still there one millisecond before it expires and gone at that instant', async () => {
    await createSource(cloud);
    await cloud.clock.pass(7 * DAY - 1);
    await expectPending(START + 7 * DAY);
    await cloud.clock.pass(1);
    await expectGoneForBoth();
  });

  it('can be created anew after it expired', async () => {
    await createSource(cloud);
    await cloud.clock.pass(8 * DAY);
    await createSource(cloud);
    expect(await customerSees()).toMatchObject(pendingUntil(START + 15 * DAY));
  });

  it('is gone for both when the partner deletes it', async () => {
    await createSource(cloud);
    await cloud.partner('DeletePartnerEventSource', OWNED);
    await expectGoneForBoth();
  });

  it('becomes ACTIVE when the customer creates the bus', async () => {
    await becomeActive();
    await expectActive();
  });

  it('cannot be activated before there is a bus', async () => {
    await createSource(cloud);
    expect(await refusal(cloud.customer('ActivateEventSource', NAMED))).toMatchObject({
      code: 'ResourceNotFoundException',
      message: `Event source ${SOURCE} or event bus ${SOURCE} does not exist.`,
    });
  });

  it('gets no longer life from being deactivated', async () => {
    await createSource(cloud);
    await cloud.clock.pass(DAY);
    await cloud.customer('DeactivateEventSource', NAMED);
    await expectPending(START + 7 * DAY);
  });
});

describe('an ACTIVE source', () => {
  beforeEach(becomeActive);

  it('does not expire', async () => {
    await cloud.clock.pass(365 * DAY);
    await expectActive();
  });

  it('is PENDING again, with seven new days, when the customer deletes the bus', async () => {
    await cloud.clock.pass(10 * DAY);
    await dropRules();
    await cloud.customer('DeleteEventBus', NAMED);
    await expectPending(START + 17 * DAY);
    await cloud.clock.pass(7 * DAY);
    await expectGoneForBoth();
  });

  it('is PENDING with its bus when the customer deactivates it, and ACTIVE again when it activates it', async () => {
    await cloud.customer('DeactivateEventSource', NAMED);
    await expectPending(START + 7 * DAY);
    await cloud.customer('ActivateEventSource', NAMED);
    await expectActive();
  });

  it('stays ACTIVE when it is activated once more', async () => {
    await cloud.customer('ActivateEventSource', NAMED);
    await expectActive();
  });

  it('is DELETED for the customer, whose bus stays, when the partner deletes it', async () => {
    await cloud.clock.pass(DAY);
    await cloud.partner('DeletePartnerEventSource', OWNED);
    await expectGoneForPartner();
    const deleted = {
      Arn: ARN,
      Name: SOURCE,
      CreatedBy: 'aws.partner/example.com',
      CreationTime: START / 1000,
      State: 'DELETED',
    };
    expect(await customerSees()).toEqual(deleted);
    expect(await cloud.customer('ListEventSources')).toEqual({ EventSources: [deleted] });
    expect(await cloud.customer('DescribeEventBus', NAMED)).toMatchObject({ Name: SOURCE });
  });
});

describe('a PENDING source with a bus', () => {
  beforeEach(async () => {
    await becomeActive();
    await cloud.customer('DeactivateEventSource', NAMED);
  });

  it('is DELETED for the customer after seven days', async () => {
    await cloud.clock.pass(7 * DAY);
    await expectGoneForPartner();
    expect(await customerSees()).toMatchObject({ State: 'DELETED' });
  });

  it('is DELETED for the customer when the partner deletes it', async () => {
    await cloud.partner('DeletePartnerEventSource', OWNED);
    await expectGoneForPartner();
    expect(await customerSees()).toMatchObject({ State: 'DELETED' });
  });

  it('stays PENDING, with seven new days, when the customer deletes the bus', async () => {
    await cloud.clock.pass(6 * DAY);
    await dropRules();
    await cloud.customer('DeleteEventBus', NAMED);
    await expectPending(START + 13 * DAY);
  });
});

describe('a DELETED source', () => {
  beforeEach(async () => {
    await becomeActive();
    await cloud.partner('DeletePartnerEventSource', OWNED);
  });

  it('can neither be activated nor deactivated', async () => {
    for (const operation of ['ActivateEventSource', 'DeactivateEventSource'])
      expect(await refusal(cloud.customer(operation, NAMED))).toMatchObject({ code: 'InvalidStateException' });
  });

  it('is PENDING with the bus still there when the partner creates it again, until the customer activates it', async () => {
    await createSource(cloud);
    await expectPending(START + 7 * DAY);
    expect(await refusal(attachBus(cloud))).toMatchObject({ code: 'ResourceAlreadyExistsException' });
    await cloud.customer('ActivateEventSource', NAMED);
    await expectActive();
  });

  it('is DELETED still for its customer when the partner gives the name to another account', async () => {
    await cloud.partner('CreatePartnerEventSource', { Name: SOURCE, Account: STRANGER.account });
    expect(await customerSees()).toMatchObject({ State: 'DELETED' });
    expect(await cloud.cloud.handle('DescribeEventSource', NAMED, STRANGER)).toMatchObject({ State: 'PENDING' });
  });

  it('is gone when the customer deletes the bus', async () => {
    await dropRules();
    await cloud.customer('DeleteEventBus', NAMED);
    await expectGoneForBoth();
  });
});

describe('what others see', () => {
  it('shows a source only to the account it is shared with, in its Region', async () => {
    await createSource(cloud);
    const elsewhere = { ...CUSTOMER, region: 'us-east-1' };
    for (const caller of [STRANGER, PARTNER, elsewhere]) {
      expect((await refusal(cloud.cloud.handle('DescribeEventSource', NAMED, caller))).code).toBe(
        'ResourceNotFoundException',
      );
      expect(await cloud.cloud.handle('ListEventSources', {}, caller)).toEqual({ EventSources: [] });
    }
    expect(
      (await refusal(cloud.cloud.handle('CreateEventBus', { ...NAMED, EventSourceName: SOURCE }, STRANGER))).code,
    ).toBe('ResourceNotFoundException');
  });

  it('refuses a name that is taken in the Region, whoever took it, and allows it in another Region', async () => {
    await createSource(cloud);
    expect(
      await refusal(cloud.partner('CreatePartnerEventSource', { Name: SOURCE, Account: STRANGER.account })),
    ).toMatchObject({
      code: 'ResourceAlreadyExistsException',
    });
    expect(await cloud.cloud.handle('CreatePartnerEventSource', OWNED, { ...PARTNER, region: 'us-east-1' })).toEqual({
      EventSourceArn: `arn:aws:events:us-east-1::event-source/${SOURCE}`,
    });
  });
});
