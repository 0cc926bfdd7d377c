import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../../local/aws-error.ts';
import {
  attachBus,
  CUSTOMER,
  createSource,
  DAY,
  entry,
  FakeClock,
  QUEUE,
  type Setup,
  SOURCE,
  START,
  sendToQueue,
  setUp,
} from './harness.ts';

/** Another cloud from the first one's snapshot, by way of JSON. */
function revived(cloud: Setup, at = cloud.clock.time): Setup {
  const clock = new FakeClock();
  clock.time = at;
  return setUp({ clock, restore: JSON.parse(JSON.stringify(cloud.cloud.snapshot())) });
}

describe('a snapshot', () => {
  it('brings back sources, buses, policies, rules, targets and tags', async () => {
    const before = setUp();
    await createSource(before);
    await createSource(before, `${SOURCE}-pending`);
    await attachBus(before);
    await sendToQueue(before, SOURCE);
    await before.customer('PutPermission', { Action: 'events:PutEvents', Principal: '*', StatementId: 'all' });
    await before.customer('CreateEventBus', { Name: 'orders', Tags: [{ Key: 'k', Value: 'v' }] });
    const after = revived(before, START + 6 * DAY);
    for (const [operation, input] of [
      ['ListEventSources', {}],
      ['ListEventBuses', {}],
      ['ListRules', { EventBusName: SOURCE }],
      ['ListTargetsByRule', { Rule: 'all', EventBusName: SOURCE }],
      ['ListTagsForResource', { ResourceARN: `arn:aws:events:eu-west-1:${CUSTOMER.account}:event-bus/orders` }],
    ] as const)
      expect(await after.customer(operation, input)).toEqual(await before.customer(operation, input));
    await after.partner('PutPartnerEvents', { Entries: [entry()] });
    await after.clock.settled();
    expect(after.delivered).toMatchObject([{ arn: QUEUE }]);
    await after.clock.pass(DAY);
    expect(await after.customer('ListEventSources')).toMatchObject({
      EventSources: [{ Name: SOURCE, State: 'ACTIVE' }],
    });
  });

  it('brings back what waits for a retry, which is due when it was due', async () => {
    const before = setUp();
    await createSource(before);
    await attachBus(before);
    await sendToQueue(before, SOURCE);
    before.failures.push(new AwsError('ServiceUnavailable', 'Try again', 503));
    await before.partner('PutPartnerEvents', { Entries: [entry()] });
    await before.clock.settled();
    const after = revived(before, START + 400);
    await after.clock.pass(599);
    expect(after.delivered).toEqual([]);
    await after.clock.pass(1);
    await after.clock.settled();
    expect(after.delivered).toMatchObject([{ arn: QUEUE }]);
  });

  it('is the only thing that can be restored', () => {
    expect(() => setUp({ restore: { version: 0 } })).toThrow('snapshot()');
  });
});

describe('onChange', () => {
  it('is called after each change, with the change in the snapshot', async () => {
    const seen: string[] = [];
    const cloud: Setup = setUp({ onChange: () => seen.push(JSON.stringify(cloud.cloud.snapshot())) });
    await createSource(cloud);
    expect(seen.at(-1)).toContain('PENDING');
    await attachBus(cloud);
    expect(seen.at(-1)).toContain('ACTIVE');
    await cloud.customer('PutPermission', { Action: 'events:PutEvents', Principal: '*', StatementId: 'all' });
    expect(seen.at(-1)).toContain('"Sid":"all"');
  });

  it('is called for an event that is taken, which is in the snapshot until it is delivered, and not by reading', async () => {
    const waiting: number[] = [];
    const cloud: Setup = setUp({
      onChange: () => waiting.push((cloud.cloud.snapshot() as { waiting: unknown[] }).waiting.length),
    });
    await createSource(cloud);
    await attachBus(cloud);
    await sendToQueue(cloud, SOURCE);
    waiting.length = 0;
    await cloud.customer('ListEventSources');
    await cloud.customer('DescribeEventBus');
    await cloud.partner('PutPartnerEvents', { Entries: [entry()] });
    expect(waiting).toEqual([1]);
    await cloud.clock.settled();
    expect(cloud.delivered).toHaveLength(1);
    expect(waiting).toEqual([1, 0]);
  });

  it('is called when a look finds that a source has expired', async () => {
    const cloud = setUp();
    await createSource(cloud);
    await cloud.clock.pass(7 * DAY);
    const before = cloud.changes();
    await cloud.customer('ListEventSources');
    expect(cloud.changes()).toBe(before + 1);
  });
});
