import { MAX_DELAY_SECONDS, sendMessages } from '../aws/queue.ts';
import { findDestination } from '../destinations/store.ts';
import type { Outcome } from '../destinations/type.ts';
import { nextAttemptAt } from '../retry/policy.ts';
import { logger } from '../telemetry.ts';
import { SECOND } from '../time.ts';
import { admission } from './admission.ts';
import {
  type Attempt,
  type Delivery,
  decide,
  delivered,
  deliveredManually,
  ended,
  failedAttempt,
  held,
} from './delivery.ts';
import { hold, unhold } from './held.ts';
import type { JobOf, Known } from './job.ts';
import { type DeliveryMessage, destinationOf, toQueue } from './message.ts';
import { findDelivery, recordAttempt, recordDelivery, recordManualAttempt } from './store.ts';

/** What a receiver said is kept up to this length. */
const EXCERPT_LENGTH = 512;

export type Settled =
  | 'delivered'
  | 'attempt_failed'
  | 'failed'
  | 'held'
  | 'canceled'
  | 'followed'
  | 'superseded'
  | 'waiting';

/** Records how an attempt ended, then does what follows. Throws for a failure that is ours: nothing is recorded then. */
export async function recordOutcome(job: JobOf<'attempt'>, outcome: Outcome, queueUrl: string): Promise<Settled> {
  if (outcome.kind === 'ours') throw new Error(`The attempt failed on our side: ${outcome.code}: ${outcome.message}`);
  if (job.message.manual) return recordManual(job, job.message.manual, outcome);
  const attempt = toAttempt(job.message.attempt, outcome);
  const { before, after, recorded } = await record(job, attempt);
  if (!recorded) return supersededBy(job, before, queueUrl);
  if (outcome.kind === 'failed') logFailure(job, attempt, after);
  if (after.status === 'pending') await resendFromRecord(job.message, after, queueUrl);
  await recordLaterAttempt(after);
  if (after.status === 'pending') return 'attempt_failed';
  return after.status === 'delivered' ? 'delivered' : 'failed';
}

/** A manual attempt: its success counts whatever the delivery says meanwhile, its failure changes nothing. */
async function recordManual(job: JobOf<'attempt'>, id: string, outcome: Counted): Promise<Settled> {
  const attempt = toAttempt(0, outcome);
  let before = job.delivery;
  while (outcome.kind === 'succeeded' && before?.status !== 'delivered') {
    if (await recordDelivery(job.key, before, deliveredManually(headOf(job.message), before, attempt.at))) break;
    before = await findDelivery(job.key);
  }
  if (outcome.kind === 'failed') logFailure(job, attempt, before);
  await recordManualAttempt(job.message.destination, job.message.event, id, attempt);
  return outcome.kind === 'succeeded' ? 'delivered' : 'attempt_failed';
}

/** The first attempt is in the delivery; each later one has an item of its own. */
async function recordLaterAttempt({ destination, event, last_attempt }: Delivery): Promise<void> {
  if (last_attempt && last_attempt.number > 1) await recordAttempt(destination, event, last_attempt);
}

/** Ends that a success overwrites: its attempt began before they were written, and the receiver has the event. */
const LOST_ENDS: ReadonlySet<string | undefined> = new Set(['canceled', 'failed', 'skipped']);

/**
 * Writes the outcome on condition of what the delivery was. When it is something else meanwhile, that is read: another
 * copy of the message may have held it (then the outcome still counts), or settled it.
 */
async function record(job: JobOf<'attempt'>, attempt: Attempt) {
  let before = job.delivery;
  for (;;) {
    const after = afterAttempt(job, before, attempt);
    if (await recordDelivery(job.key, before, after)) return { before, after, recorded: true };
    before = await findDelivery(job.key);
    const counts = decide(job.message.attempt, before) === 'attempt';
    const late = attempt.outcome === 'succeeded' && LOST_ENDS.has(before?.status);
    if (!counts && !late) return { before, after, recorded: false };
  }
}

function afterAttempt({ message }: Known, before: Delivery | undefined, attempt: Attempt): Delivery {
  if (attempt.outcome === 'succeeded') return delivered(headOf(message), before, attempt);
  const due = nextAttemptAt({
    attempt: attempt.number,
    firstAttemptAt: before?.first_attempt?.at ?? attempt.at,
    now: attempt.at,
    livemode: message.livemode,
    delivery: `${message.destination}#${message.event}`,
  });
  return failedAttempt(headOf(message), before, attempt, due);
}

async function supersededBy(job: Known, found: Delivery | undefined, queueUrl: string): Promise<Settled> {
  if (found && decide(job.message.attempt, found) === 'follow') await resendFromRecord(job.message, found, queueUrl);
  return 'superseded';
}

/** The attempt that this message asks for is recorded; what follows the record may be missing, so it is done again. */
export async function followRecord({ message, delivery }: JobOf<'follow'>, queueUrl: string): Promise<Settled> {
  await resendFromRecord(message, delivery, queueUrl);
  await recordLaterAttempt(delivery);
  return 'followed';
}

/** Not due yet: a wait that is longer than SQS can delay goes on in another step. */
export async function waitLonger({ message, due }: JobOf<'wait'>, queueUrl: string): Promise<Settled> {
  await sendDelayed(message, due, queueUrl);
  return 'waiting';
}

const resendFromRecord = (message: DeliveryMessage, { next, due }: Delivery, queueUrl: string): Promise<void> =>
  sendDelayed({ ...message, attempt: next, again: true }, due ?? Date.now(), queueUrl);

async function sendDelayed(message: DeliveryMessage, due: number, queueUrl: string): Promise<void> {
  const seconds = Math.min(Math.max(0, Math.ceil((due - Date.now()) / SECOND)), MAX_DELAY_SECONDS);
  const failed = await sendMessages(queueUrl, [toQueue({ ...message, due, again: true }, seconds)]);
  if (failed.size > 0) throw new Error('SQS did not take the message of the next attempt');
}

/**
 * Holds the delivery until its destination's state changes. The state is read again after the held item is put: if it
 * changed in between, the release may have run before the item was there, so this delivery releases itself.
 */
export async function holdJob(job: JobOf<'hold'>, queueUrl: string): Promise<Settled> {
  const { message, delivery } = job;
  // A manual attempt is held without a word in the delivery, which has ended.
  if (!message.manual && delivery?.held_by !== job.heldBy) {
    const after = held(headOf(message), delivery, job.heldBy, Date.now());
    if (!(await recordDelivery(job.key, delivery, after))) {
      const found = await findDelivery(job.key);
      // Another copy held it first, and may have died before it put the item: putting it once more does no harm.
      if (!found || decide(message.attempt, found) !== 'attempt') return supersededBy(job, found, queueUrl);
    }
  }
  const item = await hold(message, job.shards);
  if ('hold' in admission(await findDestination(destinationOf(message)))) return 'held';
  await sendDelayed(item.message, Date.now(), queueUrl);
  await unhold(item);
  return 'held';
}

export async function endJob(job: JobOf<'end'>): Promise<Settled> {
  let before = job.delivery;
  for (;;) {
    const after = ended(headOf(job.message), before, job, Date.now());
    if (await recordDelivery(job.key, before, after)) return job.status;
    before = await findDelivery(job.key);
    if (decide(job.message.attempt, before) !== 'attempt') return 'superseded';
  }
}

const headOf = ({ event, event_type, destination }: DeliveryMessage) => ({ event, event_type, destination });

type Counted = Exclude<Outcome, { kind: 'ours' }>;

const toAttempt = (number: number, outcome: Counted): Attempt => ({
  number,
  at: Date.now(),
  outcome: outcome.kind,
  duration_ms: outcome.durationMs,
  ...(outcome.kind === 'failed' && { code: outcome.code, message: outcome.message.slice(0, EXCERPT_LENGTH) }),
});

/** One wide line for each failed attempt, with what became of it. */
function logFailure({ message }: Known, attempt: Attempt, after: Delivery | undefined): void {
  logger.warn('A delivery attempt failed', {
    event: message.event,
    event_type: message.event_type,
    destination: message.destination,
    account: message.owner,
    livemode: message.livemode,
    attempt: message.manual ? 'manual' : attempt.number,
    code: attempt.code,
    reason: attempt.message,
    duration_ms: attempt.duration_ms,
    status: after?.status ?? 'pending',
    next_attempt: after?.due === undefined ? null : new Date(after.due).toISOString(),
  });
}
