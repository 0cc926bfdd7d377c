import type { Collector, Envelope, Platform } from './platform.ts';

/** What a destination of the platform's has received so far, found again by the object that an event is about. */
export class Inbox {
  readonly #platform: Platform;
  readonly #collector: Collector;
  readonly #envelopes: Envelope[] = [];

  constructor(platform: Platform, collector: Collector) {
    this.#platform = platform;
    this.#collector = collector;
  }

  async about(object: string): Promise<Envelope[]> {
    // Queues wait a little for a batch to fill.
    await this.#platform.cloud.clock.advance(5_000);
    this.#envelopes.push(...(await this.#collector.received()));
    return this.#envelopes.filter(
      ({ detail }) => detail.data?.object.id === object || detail.related_object?.id === object,
    );
  }
}

export interface Inboxes {
  /** Snapshot events of the account itself. */
  readonly self: Inbox;
  /** Snapshot events of connected accounts. */
  readonly accounts: Inbox;
  /** Thin events of both. */
  readonly thin: Inbox;
}

/** Associated destinations for all events, which the service knows to be active. */
export async function openInboxes(platform: Platform): Promise<Inboxes> {
  const inboxes = {
    self: await openInbox(platform, { event_payload: 'snapshot', events_from: ['@self'] }),
    accounts: await openInbox(platform, { event_payload: 'snapshot', events_from: ['@accounts'] }),
    thin: await openInbox(platform, { event_payload: 'thin', events_from: ['@self', '@accounts'] }),
  };
  await platform.cloud.clock.advance(2 * 60_000);
  return inboxes;
}

async function openInbox(platform: Platform, kind: { event_payload: string; events_from: string[] }): Promise<Inbox> {
  const amazon_eventbridge = { aws_account_id: platform.seed.customer_account_id, aws_region: 'us-east-1' };
  const { body } = await platform.request('POST', '/v2/core/event_destinations', {
    body: { name: 'Inbox', type: 'amazon_eventbridge', enabled_events: ['*'], amazon_eventbridge, ...kind },
  });
  const source = `aws.partner/example.com/${body.id}`;
  await platform.customer().associate(source);
  return new Inbox(platform, await platform.customer().collect(source));
}

/** An event as the API has it. */
export const retrieveEvent = (
  { request }: Platform,
  path: string,
  id: string,
  options: { key?: string; headers?: Record<string, string> } = {},
) => request('GET', `${path}/${id}`, options);
