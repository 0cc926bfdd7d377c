import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import {
  associate,
  createActiveDestination,
  createDestination,
  deliveriesOf,
  publish,
  sourceOf,
} from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { publishMany } from '../support/retries.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let platform: Platform;
const clock = () => platform.cloud.clock;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
afterEach(() => platform.cloud.eventbridge.faults.clear());

describe('an event for an active destination', () => {
  it('arrives in the envelope of the document', async () => {
    const { destination, collector } = await createActiveDestination(platform, {}, 'eu-west-1');
    const object = { id: 'cus_1', object: 'customer', name: 'Jenny “Ünïcode” Rosen' };
    const event = await publish(platform, 'customer.created', object);
    const publishedAt = clock().now();
    await clock().advance(2000);
    const source = sourceOf(destination);
    expect(source).toBe(`aws.partner/example.com/${destination.id}`);
    expect(await collector.received()).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        'detail-type': 'customer.created',
        source,
        account: '123456789012',
        time: `${new Date(publishedAt).toISOString().slice(0, 19)}Z`,
        region: 'eu-west-1',
        resources: [`arn:aws:events:eu-west-1::event-source/${source}`],
        detail: {
          id: event,
          object: 'event',
          api_version: null,
          created: Math.floor(publishedAt / 1000),
          data: { object },
          livemode: false,
          pending_webhooks: 0,
          request: { id: null, idempotency_key: null },
          type: 'customer.created',
        },
      },
    ]);
    expect(await deliveriesOf(platform, event)).toEqual([
      expect.objectContaining({
        event_destination: destination.id,
        status: 'delivered',
        held_by: null,
        next_attempt: null,
      }),
    ]);
  });

  it('goes to every destination that matches and to no other', async () => {
    const exact = await createActiveDestination(platform, { enabled_events: ['invoice.paid'] });
    const every = await createActiveDestination(platform, { enabled_events: ['*'] });
    const other = await createActiveDestination(platform, { enabled_events: ['invoice.voided'] });
    const thin = await createActiveDestination(platform, { event_payload: 'thin', enabled_events: ['*'] });
    const event = await publish(platform, 'invoice.paid');
    await clock().advance(2000);
    for (const { collector } of [exact, every])
      expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
    for (const { collector } of [other, thin]) expect(await collector.received()).toEqual([]);
    for (const { destination } of [every, thin]) await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it('of sixty at once takes calls of up to twenty entries, and a large one does not displace the others', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['charge.updated'] });
    const before = platform.cloud.eventbridge.counts.get('PutPartnerEvents') ?? 0;
    const events = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        publish(platform, 'charge.updated', { id: `ch_${index}`, text: index % 20 === 0 ? 'x'.repeat(200_000) : '' }),
      ),
    );
    await clock().advance(5000);
    const received = await collector.received();
    expect(received.map(({ detail }) => detail.id).sort()).toEqual([...events].sort());
    const calls = (platform.cloud.eventbridge.counts.get('PutPartnerEvents') ?? 0) - before;
    expect(calls).toBeLessThanOrEqual(30);
  });
});

describe('an event for a pending source', () => {
  it('is held, shown as held, and delivered within a minute of the association', async () => {
    const destination = await createDestination(platform);
    const events = [await publish(platform), await publish(platform)];
    const puts = platform.cloud.eventbridge.counts.get('PutPartnerEvents') ?? 0;
    await platform.skip(6 * HOUR);
    for (const event of events)
      expect(
        (await deliveriesOf(platform, event)).filter(({ event_destination }) => event_destination === destination.id),
      ).toEqual([
        expect.objectContaining({ status: 'pending', held_by: 'source_pending', next_attempt: null, attempts: [] }),
      ]);
    // AWS accepts what is put to a pending source and drops it, so nothing may be put.
    const source = sourceOf(destination);
    const collector = await associate(platform, destination);
    await clock().advance(61_000);
    const received = await collector.received();
    expect(received.map(({ detail }) => detail.id).sort()).toEqual([...events].sort());
    expect(received.every((envelope) => envelope.source === source)).toBe(true);
    expect(platform.cloud.eventbridge.counts.get('PutPartnerEvents')).toBeGreaterThan(puts);
  });

  it('is released a minute’s worth at a time, however many they are, and no faster than its limit', async () => {
    const count = 150;
    const destination = await createDestination(platform, { enabled_events: ['drained.held'] });
    await platform.admin(
      'deliveries',
      'limit',
      '--destination',
      destination.id,
      '--account',
      platform.seed.account,
      '--per-second',
      '1',
    );
    await publishMany(platform, { count, type: 'drained.held', livemode: false });
    await clock().advance(10_000);
    const collector = await associate(platform, destination);
    const perMinute: number[] = [];
    const received = new Set<string>();
    for (let waited = 0; waited < 5; waited += 1) {
      await clock().advance(MINUTE);
      const arrived = (await collector.received()).map(({ detail }) => detail.id);
      perMinute.push(arrived.length);
      for (const id of arrived) received.add(id);
    }
    expect(received.size).toBe(count);
    expect(perMinute.reduce((sum, arrived) => sum + arrived, 0)).toBe(count);
    // By a second each, and what a batch waits for.
    expect(Math.max(...perMinute), perMinute.join()).toBeLessThanOrEqual(65);
  });

  it('is canceled, with the reason, when the source expires, and the destination is disabled', async () => {
    const destination = await createDestination(platform, { enabled_events: ['payout.paid'] });
    const event = await publish(platform, 'payout.paid');
    await platform.skip(7 * 24 * HOUR);
    await clock().advance(5 * MINUTE);
    expect(await deliveriesOf(platform, event)).toEqual([
      expect.objectContaining({ status: 'canceled', reason: 'no_aws_event_source_exists', held_by: null }),
    ]);
    expect(await platform.stripe().v2.core.eventDestinations.retrieve(destination.id)).toMatchObject({
      status: 'disabled',
      status_details: { disabled: { reason: 'no_aws_event_source_exists' } },
      amazon_eventbridge: { aws_event_source_status: 'deleted' },
    });
    const later = await publish(platform, 'payout.paid');
    await clock().advance(2000);
    expect(await deliveriesOf(platform, later)).toEqual([expect.objectContaining({ status: 'skipped' })]);
  });
});

describe('a failing attempt', () => {
  it('of one entry delays that delivery alone, until it succeeds', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['refund.created'] });
    platform.cloud.eventbridge.faults.injectEntryFault({
      match: ({ Detail }) => String(Detail).includes('re_bad'),
      code: 'InvalidArgument',
      message: 'This entry is to blame',
      times: 2,
    });
    const bad = await publish(platform, 'refund.created', { id: 're_bad' });
    const good = await publish(platform, 'refund.created', { id: 're_good' });
    await clock().advance(2000);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([good]);
    const [delivery] = await deliveriesOf(platform, bad);
    expect(delivery).toMatchObject({
      event_destination: destination.id,
      status: 'pending',
      attempts: [
        { number: 1, outcome: 'failed', aws_error_code: 'InvalidArgument', message: 'This entry is to blame' },
      ],
    });
    const due = Date.parse(delivery?.next_attempt ?? '');
    expect(due - clock().now()).toBeGreaterThan(4 * MINUTE);
    await platform.skip(due - clock().now() - 1000);
    expect(await collector.received()).toEqual([]);
    await platform.skip(3 * HOUR);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([bad]);
    const [ended] = await deliveriesOf(platform, bad);
    expect(ended).toMatchObject({ status: 'delivered', next_attempt: null });
    expect(ended?.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'succeeded'],
    ]);
    // The second attempt came when the delivery said that it would.
    expect(Math.abs(Date.parse(ended?.attempts[1]?.created ?? '') - due)).toBeLessThanOrEqual(2000);
  });

  it('fails for good after three retries in test mode', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['dispute.created'] });
    platform.cloud.eventbridge.faults.injectEntryFault({
      match: () => true,
      code: 'InvalidArgument',
      message: 'No',
      times: 100,
    });
    const event = await publish(platform, 'dispute.created');
    await platform.skip(6 * HOUR);
    expect(await collector.received()).toEqual([]);
    const [delivery] = await deliveriesOf(platform, event);
    expect(delivery).toMatchObject({ status: 'failed', reason: 'retries_exhausted', next_attempt: null });
    expect(delivery?.attempts).toHaveLength(4);
  });

  it('of ours is not charged to the destination: throttled calls come again and leave no attempt', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['topup.created'] });
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'PutPartnerEvents',
      times: 6,
      error: new AwsError('ThrottlingException', 'Rate exceeded'),
    });
    const event = await publish(platform, 'topup.created');
    await clock().advance(2000);
    expect(await deliveriesOf(platform, event)).toEqual([expect.objectContaining({ status: 'pending', attempts: [] })]);
    await clock().advance(10 * MINUTE);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
    const [delivery] = await deliveriesOf(platform, event);
    expect(delivery?.attempts).toHaveLength(1);
  });

  it('of a whole call is blamed on the one entry that AWS does not take', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['plan.created'] });
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'PutPartnerEvents',
      times: 1,
      error: new AwsError('ValidationException', 'Something in here is wrong'),
    });
    const events = await Promise.all(
      [1, 2, 3, 4].map((index) => publish(platform, 'plan.created', { id: `plan_${index}` })),
    );
    await clock().advance(2000);
    expect((await collector.received()).map(({ detail }) => detail.id).sort()).toEqual([...events].sort());
  });
});

describe('a destination that is deleted', () => {
  it('ends what waits for it, and takes its event source away', async () => {
    const destination = await createDestination(platform, { enabled_events: ['card.created'] });
    const event = await publish(platform, 'card.created');
    await clock().advance(2000);
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
    await clock().advance(2 * MINUTE);
    expect(await deliveriesOf(platform, event)).toEqual([
      expect.objectContaining({ status: 'canceled', reason: 'destination_deleted' }),
    ]);
    const { EventSources = [] } = await platform.customer().listSources();
    expect(EventSources.map(({ Name }) => Name)).not.toContain(sourceOf(destination));
  });
});

describe('the status', () => {
  it('follows the source: active, pending again when the bus goes, unknown while AWS cannot be asked', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['a.b'] }, 'eu-central-1');
    const status = async () =>
      (await platform.stripe().v2.core.eventDestinations.retrieve(destination.id)).amazon_eventbridge
        ?.aws_event_source_status;
    expect(await status()).toBe('active');
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'ListPartnerEventSourceAccounts',
      region: 'eu-central-1',
      times: 1000,
      error: new AwsError('InternalException', 'The Region is in trouble', 500),
    });
    await clock().advance(6 * MINUTE);
    expect(await status()).toBe('unknown');
    platform.cloud.eventbridge.faults.clear();
    await clock().advance(2 * MINUTE);
    expect(await status()).toBe('active');
    await platform.customer('eu-central-1').deleteBus(sourceOf(destination));
    await clock().advance(6 * MINUTE);
    expect(await status()).toBe('pending');
  });

  it('is asked of AWS by DescribeEventSource where the account is the service’s own', async () => {
    const destination = await createDestination(platform, {
      amazon_eventbridge: { aws_account_id: '000000000000', aws_region: 'us-west-2' },
    });
    const before = platform.cloud.eventbridge.counts.get('DescribeEventSource') ?? 0;
    await platform.customer('us-west-2', '000000000000').associate(sourceOf(destination));
    await clock().advance(61_000);
    expect(await platform.stripe().v2.core.eventDestinations.retrieve(destination.id)).toMatchObject({
      amazon_eventbridge: { aws_event_source_status: 'active' },
    });
    expect(platform.cloud.eventbridge.counts.get('DescribeEventSource')).toBeGreaterThan(before);
  });

  it('of a stale reading is refreshed by the read itself', async () => {
    const destination = await createDestination(platform, { enabled_events: ['c.d'] });
    await clock().advance(30_000);
    await platform.customer().associate(sourceOf(destination));
    platform.cloud.lambda.beforeInvoke = (name) => {
      if (name.includes('Track')) throw new AwsError('TooManyRequestsException', 'The tracker is down', 429);
    };
    await clock().advance(5 * MINUTE);
    const read = await platform.stripe().v2.core.eventDestinations.retrieve(destination.id);
    platform.cloud.lambda.beforeInvoke = undefined;
    expect(read.amazon_eventbridge?.aws_event_source_status).toBe('active');
  });
});
