import type Stripe from 'stripe';
import type { Collector, Platform } from './platform.ts';

export type EventDestination = Stripe.V2.Core.EventDestination;

let names = 0;

/** Creates an amazon_eventbridge destination of the seeded customer. */
export const createDestination = (
  platform: Platform,
  changes: Partial<Stripe.V2.Core.EventDestinationCreateParams> = {},
  region = 'us-east-1',
  key = platform.seed.test_key,
): Promise<EventDestination> =>
  platform.stripe(key).v2.core.eventDestinations.create({
    name: `Destination ${++names}`,
    type: 'amazon_eventbridge',
    event_payload: 'snapshot',
    enabled_events: ['customer.created'],
    amazon_eventbridge: { aws_account_id: platform.seed.customer_account_id, aws_region: region },
    ...changes,
  });

export const sourceOf = (destination: EventDestination): string =>
  destination.amazon_eventbridge?.aws_event_source_arn?.split(':event-source/')[1] ?? '';

/** A destination whose source is associated and known to be active, and what its customer receives. */
export async function createActiveDestination(
  platform: Platform,
  changes: Partial<Stripe.V2.Core.EventDestinationCreateParams> = {},
  region = 'us-east-1',
  key = platform.seed.test_key,
): Promise<{ destination: EventDestination; collector: Collector }> {
  const destination = await createDestination(platform, changes, region, key);
  const collector = await associate(platform, destination, region);
  await untilActive(platform, destination, key);
  return { destination, collector };
}

/** One round of the tracker; on a machine so busy that its call timed out, another. What is pending would only hold events. */
async function untilActive({ cloud, request }: Platform, { id }: EventDestination, key: string): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await cloud.clock.advance(61_000);
    const { body } = await request('GET', `/v2/core/event_destinations/${id}`, { key });
    if (body.amazon_eventbridge.aws_event_source_status === 'active') return;
  }
  throw new Error(`The event source of ${id} did not become active`);
}

export async function associate(
  platform: Platform,
  destination: EventDestination,
  region = 'us-east-1',
): Promise<Collector> {
  const customer = platform.customer(region);
  await customer.associate(sourceOf(destination));
  return customer.collect(sourceOf(destination));
}

/** Publishes a snapshot event; its id. */
export async function publish(
  platform: Platform,
  type = 'customer.created',
  object: object = { id: 'cus_1' },
  key = platform.seed.publish_key,
): Promise<string> {
  const { status, body } = await platform.request('POST', '/v1/events', {
    key,
    body: { type, data: { object } },
  });
  if (status !== 200) throw new Error(`Publishing answered ${status}: ${JSON.stringify(body)}`);
  return body.id;
}

export interface ShownDelivery {
  readonly event_destination: string;
  readonly status: string;
  readonly reason: string | null;
  readonly held_by: string | null;
  readonly next_attempt: string | null;
  readonly attempts: readonly {
    number: number;
    created: string;
    outcome: string;
    aws_error_code: string | null;
    manual: boolean;
    failure_reason: string | null;
    http_status: number | null;
    message: string | null;
  }[];
}

/** The deliveries of an event as the API shows them. */
export async function deliveriesOf(platform: Platform, event: string, key?: string): Promise<ShownDelivery[]> {
  const { body } = await platform.request('GET', `/v2/core/events/${event}/deliveries`, key ? { key } : {});
  return body.data;
}
