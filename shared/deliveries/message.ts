import * as z from 'zod/mini';
import type { OutgoingMessage } from '../aws/queue.ts';
import type { Destination, DestinationRef } from '../destinations/destination.ts';
import type { RecordedDestination } from '../events/store.ts';
import type { Delivery, Head } from './delivery.ts';
import { ownWebhooks } from './undelivered.ts';

/** A message carries its event if all of it is under this; else the event is read from the Ledger. SQS bills by 64 KB. */
const MAX_BYTES_WITH_CONTENT = 48 * 1024;

/** What travels on a deliveries queue. `v` is the schema's version: messages of an older deployment are still under way. */
export const DeliveryMessage = z.object({
  v: z.literal(1),
  event: z.string(),
  event_type: z.string(),
  /** The account in which the event happened, and the shard of its partition: where the event is. */
  account: z.string(),
  event_shard: z.number(),
  destination: z.string(),
  /** The destination's account. */
  owner: z.string(),
  livemode: z.boolean(),
  /** The attempt that this message asks for. */
  attempt: z.number(),
  /** A manual attempt is asked for: its id. `attempt` is 0 then, for which an older deployment does nothing. */
  manual: z.optional(z.string()),
  /** Of a manual attempt: a bulk resend asks for it, and an open circuit breaker holds it. */
  bulk: z.optional(z.literal(true)),
  /** It goes out although the circuit breaker is open: its outcome says whether the destination is well again. */
  probe: z.optional(z.literal(true)),
  /** Its destination's rate limit has counted it: it goes out when it is due, and is not counted again. */
  turn: z.optional(z.literal(true)),
  /** Not before this instant, ms: a delay longer than SQS knows is waited for in several steps. */
  due: z.optional(z.number()),
  /** How often AWS has refused the attempt that it asks for, until it was sent. */
  refusals: z.optional(z.number()),
  /** Not the message that dispatch sent first: its delivery has to be read before anything is done. */
  again: z.optional(z.literal(true)),
  /** To a webhook endpoint: how many of the owner's the event is meant for, if it is not the only one. */
  webhooks: z.optional(z.number()),
  /** The event's content, packed, base64. */
  content: z.optional(z.string()),
  /** With the content: the publisher's, if there is one. */
  traceparent: z.optional(z.string()),
});
export type DeliveryMessage = z.infer<typeof DeliveryMessage>;

export const parseDeliveryMessage = (body: string): DeliveryMessage => DeliveryMessage.parse(JSON.parse(body));

/** Undefined for what is none, or of a version that this one cannot read. */
export function tryParseDeliveryMessage(body: string): DeliveryMessage | undefined {
  try {
    return parseDeliveryMessage(body);
  } catch {
    return undefined;
  }
}

export function toQueue(message: DeliveryMessage, delaySeconds?: number): OutgoingMessage {
  const withContent = JSON.stringify(message);
  const body = withContent.length <= MAX_BYTES_WITH_CONTENT ? withContent : JSON.stringify(withoutContent(message));
  return { body, group: message.destination, ...(delaySeconds && { delaySeconds }) };
}

/** Without what is read from the Ledger instead: for a message that is kept, or too large. */
export function withoutContent<Message extends DeliveryMessage>(message: Message) {
  const { content: _content, traceparent: _traceparent, ...kept } = message;
  return kept;
}

/** What the message to a webhook endpoint says of the owner's others. Others than those say nothing. */
export function webhooksFor(
  { type, account }: Pick<Destination, 'type' | 'account'>,
  all: readonly RecordedDestination[],
): Pick<DeliveryMessage, 'webhooks'> {
  const webhooks = type === 'webhook_endpoint' ? all.filter(ownWebhooks(account)).length : 0;
  return webhooks > 1 ? { webhooks } : {};
}

/** What a delivery is recorded under. Where the event is, is kept only where the owner does not say it. */
export const headOf = ({ event, event_type, destination, account, event_shard, owner }: DeliveryMessage): Head => ({
  event,
  event_type,
  destination,
  ...((account !== owner || event_shard !== 0) && { origin: { account, shard: event_shard } }),
});

/** The message for the next attempt of a recorded delivery. Its event is read from the Ledger. */
export const messageOfRecord = (
  { event, event_type, origin, next }: Pick<Delivery, 'event' | 'event_type' | 'origin' | 'next'>,
  { id: destination, account: owner, livemode }: DestinationRef,
): DeliveryMessage => ({
  v: 1,
  event,
  event_type,
  account: origin?.account ?? owner,
  event_shard: origin?.shard ?? 0,
  destination,
  owner,
  livemode,
  attempt: next,
  again: true,
});

/** Who asks for one attempt wants it now, breaker or not. */
export const isWantedNow = ({ manual, bulk }: DeliveryMessage): boolean => manual !== undefined && !bulk;

export const destinationOf = (message: DeliveryMessage): DestinationRef => ({
  id: message.destination,
  account: message.owner,
  livemode: message.livemode,
});
