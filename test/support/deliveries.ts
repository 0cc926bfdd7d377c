import type { ReceivedMessage } from '../../shared/aws/received-message.ts';
import { registry } from '../../shared/aws/table.ts';
import type { DeliveryMessage } from '../../shared/deliveries/message.ts';
import { destinationKey, type WebhookDestination } from '../../shared/destinations/destination.ts';
import type { DeliveringType } from '../../shared/destinations/type.ts';
import { webhookEndpoint } from '../../shared/destinations/webhook-endpoint/index.ts';
import { packContent } from '../../shared/events/codec.ts';
import { insertEvent } from '../../shared/events/store.ts';
import { newId, timeOf } from '../../shared/ids.ts';
import { webhookDestination } from './webhook-destination.ts';

/** A webhook endpoint in the Registry, and nothing more. */
export async function storedDestination(changes: Partial<WebhookDestination> = {}): Promise<WebhookDestination> {
  const destination = { ...webhookDestination(Date.now()), ...changes };
  await registry().put({ ...destinationKey(destination), ...destination });
  return destination;
}

/** An event's id of that time, ms. */
export const eventAt = (at: number) => newId('evt', false, at);

/** The message of its first attempt, as dispatch sends it. */
export const messageOf = ({ id, account }: WebhookDestination, event: string, event_type: string): DeliveryMessage => ({
  ...{ v: 1, event, event_type, account, event_shard: 0, destination: id, owner: account },
  ...{ livemode: false, attempt: 1 },
});

/** Its event, without which there is nothing to attempt. */
export function record({ event: id, account, livemode, event_type }: DeliveryMessage) {
  const content = { type: event_type, data: { object: {} } };
  const event = { id, account, livemode, created: timeOf(id), payload: 'snapshot' as const, content };
  return insertEvent({ event, destinations: [] }, packContent(content), 0);
}

/** As it comes out of its queue the first time. */
export const received = (message: DeliveryMessage): ReceivedMessage => ({
  ...{ id: message.event, body: JSON.stringify(message), receiptHandle: message.event },
  ...{ receiveCount: 1, sentAt: Date.now(), seenBefore: false },
});

/** Webhooks of which all fail but those of one type of event. */
export const receiverOf = (eventType: string): DeliveringType => ({
  ...webhookEndpoint,
  attempt: async (requests) =>
    requests.map(({ event }) =>
      event.content.type === eventType
        ? { kind: 'succeeded', durationMs: 1 }
        : { kind: 'failed', reason: 'HTTP 500', message: '', durationMs: 1 },
    ),
  afterFailure: async () => undefined,
});
