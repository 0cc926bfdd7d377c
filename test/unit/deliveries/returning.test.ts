import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeouts } from '../../../infra/timeouts.ts';
import type { Cloud } from '../../../local/cloud.ts';
import { registry } from '../../../shared/aws/table.ts';
import { delivered } from '../../../shared/deliveries/delivery.ts';
import { returnFallback } from '../../../shared/deliveries/fallback.ts';
import { recordPut } from '../../../shared/deliveries/puts.ts';
import { deliveryKey, findDelivery, recordDelivery } from '../../../shared/deliveries/store.ts';
import { destinationKey, type EventBridgeDestination } from '../../../shared/destinations/destination.ts';
import { findDestination } from '../../../shared/destinations/store.ts';
import { newId } from '../../../shared/ids.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { newSource } from '../../../shared/sources/source.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/time.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { webhookDestination } from '../../support/webhook-destination.ts';

let cloud: Cloud;
beforeAll(async () => {
  ({ cloud } = await startEmbeddedAws());
  process.env.DELIVERIES_EVENTBRIDGE_QUEUE_URL = process.env.DELIVERIES_WEBHOOK_QUEUE_URL;
});
afterAll(() => cloud?.close());

/** A destination whose source fell back; the range ends when AWS said so. */
async function fallenBack(until: number): Promise<EventBridgeDestination> {
  const { webhook_endpoint: _, type: __, ...common } = webhookDestination(until - HOUR);
  const destination: EventBridgeDestination = {
    ...common,
    type: 'amazon_eventbridge',
    amazon_eventbridge: { aws_account_id: '123456789012', aws_region: 'us-east-1' },
    source: {
      ...newSource(`aws.partner/example.com/${common.id}`, until - HOUR),
      state: 'PENDING',
      fallback: { from: until - MINUTE, until },
    },
  };
  await registry().put({ ...destinationKey(destination), ...destination });
  return destination;
}

/** Its event's first attempt was a success that was recorded at that instant, so long after the event. */
async function put({ id }: EventBridgeDestination, at: number, after: number): Promise<string> {
  const event = newId('evt', false, at - after);
  const key = deliveryKey(id, event, ONE_SHARD);
  const attempt = { number: 1, at, outcome: 'succeeded', duration_ms: 1 } as const;
  await recordPut({ destination: id, event, at, first: true });
  await recordDelivery(key, undefined, delivered({ event, event_type: 'a', destination: id }, undefined, attempt));
  return event;
}

describe('the return of what was put to a source that had lost its event bus', () => {
  // The tracker writes what it saw at the end of its life at the latest; who read ACTIVE just before has a life of his own.
  const latest = timeouts.trackSources.toMilliseconds() + timeouts.deliver.toMilliseconds() - SECOND;

  it('takes in what was put by who read ACTIVE until the tracker wrote what it had seen long before', async () => {
    const destination = await fallenBack(Date.now() - HOUR);
    const { until = 0 } = destination.source.fallback ?? {};
    const events = [
      await put(destination, until + latest, SECOND),
      await put(destination, until + latest, 10 * MINUTE),
    ];
    await returnFallback(destination);
    for (const event of events)
      expect(await findDelivery(deliveryKey(destination.id, event, ONE_SHARD))).toMatchObject({
        status: 'pending',
        held_by: 'source_pending',
      });
  });

  it('begins when none of them can be alive any more', async () => {
    const destination = await fallenBack(Date.now() - latest);
    await returnFallback(destination);
    expect(await findDestination(destination)).toMatchObject({ source: { fallback: destination.source.fallback } });
  });
});
