import type { SQSRecord } from 'aws-lambda';
import { receiveCount } from '../aws/batch.ts';
import type { Key } from '../aws/table.ts';
import type { Destination } from '../destinations/destination.ts';
import { findDeliveryShards, findDestinations } from '../destinations/store.ts';
import { unpackContent } from '../events/codec.ts';
import type { Event } from '../events/event.ts';
import { eventKey, findEvents } from '../events/store.ts';
import { payloadOf } from '../events/types.ts';
import { timeOf } from '../ids.ts';
import type { ShardHistory } from '../shards.ts';
import { logger } from '../telemetry.ts';
import { SECOND } from '../time.ts';
import { admission, type CancelReason, type Delivery, decide, type HeldBy } from './delivery.ts';
import { type DeliveryMessage, destinationOf, parseDeliveryMessage } from './message.ts';
import { deliveryKey, findDeliveries, nameOf } from './store.ts';

/** What is known about a message: the destination as it is now, and the delivery where it had to be read. */
export interface Known {
  readonly record: SQSRecord;
  readonly message: DeliveryMessage;
  readonly key: Key;
  readonly shards: ShardHistory;
  readonly delivery?: Delivery | undefined;
}

type Task =
  | { readonly task: 'attempt'; readonly destination: Destination; readonly event: Event }
  | { readonly task: 'hold'; readonly heldBy: HeldBy }
  | { readonly task: 'cancel'; readonly reason: CancelReason }
  | { readonly task: 'follow'; readonly delivery: Delivery }
  | { readonly task: 'wait'; readonly due: number }
  | { readonly task: 'acknowledge' };

export type Job = Known & Task;
export type JobOf<Name extends Task['task']> = Known & Extract<Task, { task: Name }>;

/** Reads everything that decides about the messages, strongly, and decides. What cannot be read is given back. */
export async function loadJobs(records: readonly SQSRecord[]): Promise<{ jobs: Job[]; unreadable: SQSRecord[] }> {
  const { parsed, unreadable } = parseAll(records);
  const destinations = await findDestinations(parsed.map(({ message }) => destinationOf(message)));
  const located = await Promise.all(
    parsed.map(async ({ record, message }) => {
      const shards = await findDeliveryShards(destinationOf(message), destinations.get(message.destination));
      return { record, message, shards, key: deliveryKey(message.destination, message.event, shards) };
    }),
  );
  const deliveries = await findDeliveries(located.filter(mustBeRead).map(({ key }) => key));
  const known = located.map((one): Known => ({ ...one, delivery: deliveries.get(nameOf(one.key)) }));
  const events = await loadEvents(known.filter(({ message }) => message.content === undefined));
  return { jobs: known.map((one) => ({ ...one, ...taskOf(one, destinations, events) })), unreadable };
}

/** Only the first receipt of the message that dispatch sent first can know, without looking, that nothing happened yet. */
const mustBeRead = ({ record, message }: Pick<Known, 'record' | 'message'>): boolean =>
  message.again === true || receiveCount(record) > 1;

function parseAll(records: readonly SQSRecord[]) {
  const parsed: Pick<Known, 'record' | 'message'>[] = [];
  const unreadable: SQSRecord[] = [];
  for (const record of records) {
    try {
      parsed.push({ record, message: parseDeliveryMessage(record.body) });
    } catch (error) {
      logger.error('A message on the deliveries queue cannot be read', {
        messageId: record.messageId,
        error: error as Error,
      });
      unreadable.push(record);
    }
  }
  return { parsed, unreadable };
}

async function loadEvents(jobs: readonly Known[]): Promise<Map<string, Event>> {
  const keys = jobs.map(({ message }) => eventKey({ ...message, id: message.event }, message.event_shard));
  const recorded = await findEvents(keys);
  return new Map([...recorded].map(([id, { event }]) => [id, event]));
}

function taskOf(known: Known, destinations: Map<string, Destination>, events: Map<string, Event>): Task {
  const { message, delivery } = known;
  const decision = decide(message.attempt, delivery);
  if (decision === 'follow' && delivery) return { task: 'follow', delivery };
  if (decision !== 'attempt') return { task: 'acknowledge' };
  if (message.due !== undefined && Date.now() < message.due - SECOND) return { task: 'wait', due: message.due };
  const destination = destinations.get(message.destination);
  const admitted = admission(destination);
  if ('cancel' in admitted) return { task: 'cancel', reason: admitted.cancel };
  if ('hold' in admitted) return { task: 'hold', heldBy: admitted.hold };
  const event = eventOf(message) ?? events.get(message.event);
  if (!destination || !event) {
    logger.error('The event of a delivery has expired', { event: message.event, destination: message.destination });
    return { task: 'acknowledge' };
  }
  return { task: 'attempt', destination, event };
}

function eventOf({ event: id, event_type, account, livemode, content }: DeliveryMessage): Event | undefined {
  if (content === undefined) return undefined;
  return {
    id,
    account,
    livemode,
    created: timeOf(id),
    payload: payloadOf(event_type),
    content: unpackContent(Buffer.from(content, 'base64')),
  } as Event;
}
