import type { ReceivedMessage } from '../aws/received-message.ts';
import { type Item, type Key, nameOf } from '../aws/table.ts';
import { findDeliveryShards } from '../destinations/tombstone.ts';
import type { AttemptRequest } from '../destinations/type.ts';
import { unpackEvent } from '../events/codec.ts';
import { eventKey, findEventItems, toRecordedEvent } from '../events/store.ts';
import type { Health } from '../health/health.ts';
import type { Pause } from '../health/pauses.ts';
import { findStandings, GONE, type Standing } from '../health/standing.ts';
import type { ShardHistory } from '../shards.ts';
import { logger } from '../telemetry.ts';
import { SECOND } from '../time.ts';
import { type Admission, admission } from './admission.ts';
import { type Delivery, decide, type EndReason, type HeldBy } from './delivery.ts';
import { type DeliveryMessage, destinationOf, isWantedNow, parseDeliveryMessage } from './message.ts';
import { deliveryKey, findDeliveries } from './store.ts';
import { ownWebhooks } from './undelivered.ts';

/** What is known about a message: where its delivery is, and what that says where it had to be read. */
export interface Known {
  readonly received: ReceivedMessage;
  readonly message: DeliveryMessage;
  readonly key: Key;
  readonly shards: ShardHistory;
  /** The destination's. */
  readonly health: Health;
  readonly pauses: readonly Pause[];
  readonly delivery?: Delivery | undefined;
}

type Task =
  | ({ readonly task: 'attempt' } & AttemptRequest)
  | { readonly task: 'hold'; readonly heldBy: HeldBy }
  | { readonly task: 'end'; readonly status: 'canceled' | 'failed'; readonly reason: EndReason }
  | { readonly task: 'follow'; readonly delivery: Delivery }
  | { readonly task: 'wait'; readonly due: number }
  | { readonly task: 'acknowledge' };

export type Job = Known & Task;
export type JobOf<Name extends Task['task']> = Known & Extract<Task, { task: Name }>;

export interface Jobs {
  readonly jobs: readonly Job[];
  /** Messages that this version cannot read: they come again, perhaps to one that can. */
  readonly unreadable: readonly ReceivedMessage[];
}

/** Reads everything that decides about the messages, strongly, and decides. */
export async function loadJobs(messages: readonly ReceivedMessage[]): Promise<Jobs> {
  const unreadable: ReceivedMessage[] = [];
  const parsed = readEach(
    messages.map((received) => ({ received })),
    unreadable,
    ({ received }) => ({ received, message: parseDeliveryMessage(received.body) }),
  );
  const standings = await findStandings(parsed.map(({ message }) => destinationOf(message)));
  const standingOf = ({ destination }: DeliveryMessage): Standing => standings.get(destination) ?? GONE;
  const located = await Promise.all(
    parsed.map(async ({ received, message }) => {
      const { destination, health, pauses } = standingOf(message);
      const shards = await findDeliveryShards(destinationOf(message), destination);
      return {
        received,
        message,
        shards,
        health,
        pauses,
        key: deliveryKey(message.destination, message.event, shards),
      };
    }),
  );
  const deliveries = await findDeliveries(located.filter(mustBeRead).map(({ key }) => key));
  const known = located.map((one): Known => ({ ...one, delivery: deliveries.get(nameOf(one.key)) }));
  const events = await findEventItems(known.filter(({ message }) => message.content === undefined).map(eventKeyOf));
  const contentOf = (one: Known): Content | undefined =>
    carriedContent(one.message) ?? recordedContent(one.message, events.get(nameOf(eventKeyOf(one))));
  const isCopy = copiesIn(known);
  const jobs = readEach(known, unreadable, (one): Job => {
    return { ...one, ...(isCopy(one) ? { task: 'acknowledge' } : taskOf(one, standingOf(one.message), contentOf)) };
  });
  return { jobs, unreadable };
}

/** Only the first receipt of the message that dispatch sent first can know, without looking, that nothing happened yet. */
const mustBeRead = ({ received, message }: Pick<Known, 'received' | 'message'>): boolean =>
  message.again === true || received.seenBefore;

/** Two copies of a message in one batch would both find nothing recorded: the first of them stands for both. */
function copiesIn(known: readonly Known[]): (one: Known) => boolean {
  const nameOfAttempt = ({ key, message }: Known) => `${nameOf(key)}\n${message.manual ?? message.attempt}`;
  const first = new Map(known.toReversed().map((one) => [nameOfAttempt(one), one]));
  return (one) => first.get(nameOfAttempt(one)) !== one;
}

/** One message that cannot be read must not keep the others of its batch from their destinations. */
function readEach<From extends Pick<Known, 'received'>, To>(
  from: readonly From[],
  unreadable: ReceivedMessage[],
  read: (one: From) => To,
): To[] {
  return from.flatMap((one) => {
    try {
      return [read(one)];
    } catch (error) {
      logger.error('A delivery message cannot be read', { messageId: one.received.id, error: error as Error });
      unreadable.push(one.received);
      return [];
    }
  });
}

function taskOf(known: Known, standing: Standing, contentOf: (one: Known) => Content | undefined): Task {
  const { message, delivery } = known;
  const decision = decide(message.manual ? 'manual' : message.attempt, delivery);
  if (decision === 'follow' && delivery) return { task: 'follow', delivery };
  if (decision !== 'attempt') return { task: 'acknowledge' };
  if (message.due !== undefined && Date.now() < message.due - SECOND) return { task: 'wait', due: message.due };
  const { destination } = standing;
  const admitted = admission(standing, { passesBreaker: message.probe === true || isWantedNow(message) });
  if (message.manual && dropsManual(admitted, delivery)) return { task: 'acknowledge' };
  if ('cancel' in admitted) return { task: 'end', status: 'canceled', reason: admitted.cancel };
  if ('hold' in admitted) return { task: 'hold', heldBy: admitted.hold };
  const content = contentOf(known);
  if (message.manual && !content) return { task: 'acknowledge' };
  if (!destination || !content) return { task: 'end', status: 'failed', reason: 'event_expired' };
  return { task: 'attempt', destination, ...content };
}

/** The automatic delivery ends by its own message, and is held by its own: a manual one must not take its place. */
const dropsManual = (admitted: Admission, delivery: Delivery | undefined): boolean =>
  'cancel' in admitted || ('hold' in admitted && (!delivery || delivery.status === 'pending'));

const eventKeyOf = ({ message }: Known): Key => eventKey({ ...message, id: message.event }, message.event_shard);

/** What is to be attempted, whichever the destination. */
type Content = Omit<AttemptRequest, 'destination'>;

const carriedContent = (message: DeliveryMessage): Content | undefined => {
  const { event: id, account, livemode, content, traceparent, webhooks = 1 } = message;
  if (content === undefined) return undefined;
  const head = { id, account, livemode, ...(traceparent && { traceparent }) };
  return { event: unpackEvent(head, Buffer.from(content, 'base64')), pendingWebhooks: webhooks };
};

function recordedContent({ owner }: DeliveryMessage, item: Item | undefined): Content | undefined {
  if (!item) return undefined;
  const { event, destinations } = toRecordedEvent(item);
  return { event, pendingWebhooks: Math.max(1, destinations.filter(ownWebhooks(owner)).length) };
}
