import { comesBackAfter } from '../aws/received-message.ts';
import type { Outcome } from '../destinations/type.ts';
import type { Health } from '../health/health.ts';
import { nextAttemptAt } from '../retry/policy.ts';
import { LONGEST_QUEUE_DELAY, slotEnd } from '../retry/slots.ts';
import { bringBack, type Course, sendDelayed } from './bring-back.ts';
import {
  type Attempt,
  type Delivery,
  decide,
  delivered,
  deliveredManually,
  ended,
  failedAttempt,
  held,
  waitingForTurn,
} from './delivery.ts';
import type { JobOf, Known } from './job.ts';
import { logAttempt, logGivenBack } from './log-attempt.ts';
import { type DeliveryMessage, headOf } from './message.ts';
import { recordPut } from './puts.ts';
import { findDelivery, recordAttempt, recordDelivery, recordManualAttempt } from './store.ts';
import type { Turn } from './turns.ts';
import { attemptsInWindow, chargedWithout, windowStart } from './window.ts';

/** What a receiver said is kept up to this length. */
const EXCERPT_LENGTH = 512;

export type Settled =
  | 'delivered'
  /** A manual attempt failed. */
  | 'attempt_failed'
  /** An attempt failed, and the delivery is due again, or waits for the breaker. */
  | 'scheduled'
  | 'held_by_breaker'
  | 'failed'
  | 'held'
  | 'canceled'
  | 'followed'
  | 'superseded'
  | 'waiting'
  | 'put_off'
  | 'rate_limited'
  /** For trouble of ours that lasts: it waits outside of its queue. */
  | 'given_back';

/**
 * Records how an attempt ended, then does what follows. `health` is the destination's after the batch. Throws for a failure
 * that is ours, so that the message goes back to its queue: nothing is recorded then.
 */
export async function recordOutcome(
  job: JobOf<'attempt'>,
  outcome: Outcome,
  health: Health,
  course: Course,
): Promise<Settled> {
  if (outcome.kind === 'put_off') return putOff(job, course);
  if (outcome.kind === 'ours') {
    const error = new Error(`The attempt failed on our side: ${outcome.code}: ${outcome.message}`);
    const waiting = outcome.awsRefused && (await waitOutside(job, course));
    if (!waiting) throw error;
    logGivenBack(job, error);
    return waiting;
  }
  if (job.message.manual) return recordManual(job, job.message.manual, outcome, course);
  const attempt = toAttempt(job.message.attempt, outcome);
  await recordProvisional(job, attempt, course);
  const { before, after, recorded } = await record(job, (now) => afterAttempt(job, now, attempt, outcome, health));
  if (!recorded) return supersededBy(job, before, course);
  logAttempt(job, attempt, after);
  if (after.status === 'pending') await follow(job, after, course);
  await recordLaterAttempt(after);
  if (after.status === 'pending') return after.held_by ? 'held_by_breaker' : 'scheduled';
  return after.status === 'delivered' ? 'delivered' : 'failed';
}

/**
 * Receives. Messages that are given back are in flight, and a queue with 120,000 of those hands out none, to any destination:
 * a Region in trouble must not stop the others. So from the third receive on they wait outside.
 */
const IN_FLIGHT = 3;

/**
 * AWS goes on refusing: recorded as due at a time that is charged to nobody, then brought back at that time, for as long as
 * it takes. Undefined for what goes back to its queue instead: it is too early, or the message has something that a copy
 * would not have, such as its returns from the dead letters.
 */
async function waitOutside(job: JobOf<'attempt'>, course: Course): Promise<Settled | undefined> {
  const { received, delivery } = job;
  // A turn is for the time at which it was given: what has waited comes together, and asks for turns anew.
  const { turn: _turn, ...message } = job.message;
  const refusals = (message.refusals ?? 0) + received.receiveCount;
  if (refusals < IN_FLIGHT || message.manual || message.probe || delivery?.held_by === 'dead_letter') return undefined;
  const delay = comesBackAfter({ receiveCount: refusals });
  const at = Date.now() + delay;
  const due = delay <= LONGEST_QUEUE_DELAY ? at : slotEnd(message.destination, at, delay);
  return waitUntil(job, { message: { ...message, refusals }, due, settled: 'given_back' }, course);
}

/** A manual attempt: its success counts whatever the delivery says meanwhile, its failure changes nothing. */
async function recordManual(job: JobOf<'attempt'>, id: string, outcome: Counted, course: Course): Promise<Settled> {
  const attempt = toAttempt(0, outcome);
  await recordProvisional(job, attempt, course);
  let before = job.delivery;
  while (outcome.kind === 'succeeded' && before?.status !== 'delivered') {
    if (await recordDelivery(job.key, before, deliveredManually(headOf(job.message), before, attempt.at))) break;
    before = await findDelivery(job.key);
  }
  logAttempt(job, attempt, before);
  await recordManualAttempt(job.message.destination, job.message.event, id, attempt);
  return outcome.kind === 'succeeded' ? 'delivered' : 'attempt_failed';
}

/** A success that may turn out to be none is to be found by its time. */
async function recordProvisional({ message }: Known, attempt: Attempt, { provisional }: Course): Promise<void> {
  if (!provisional || attempt.outcome !== 'succeeded') return;
  const { destination, event } = message;
  await recordPut({ destination, event, at: attempt.at, first: attempt.number === 1 });
}

/** The first attempt is in the delivery; each later one has an item of its own. */
async function recordLaterAttempt({ destination, event, last_attempt }: Delivery): Promise<void> {
  if (last_attempt && last_attempt.number > 1) await recordAttempt(destination, event, last_attempt);
}

/**
 * Writes the outcome on condition of what the delivery was. When it is something else meanwhile, that is read: another
 * copy of the message may have held it (then the outcome still counts), or settled it. A success counts even then: the
 * receiver has the event, whether a copy of the attempt failed or the delivery was ended meanwhile.
 */
async function record(job: JobOf<'attempt'>, decideAfter: (before: Delivery | undefined) => Delivery) {
  let before = job.delivery;
  for (;;) {
    const after = decideAfter(before && chargedWithout(job.pauses, before, Date.now()));
    if (await recordDelivery(job.key, before, after)) return { before, after, recorded: true };
    before = await findDelivery(job.key);
    // The answer was lost, and the SDK, which asked again, found what it had written itself.
    if (before && isSame(before, after)) return { before, after, recorded: true };
    const counts = decide(job.message.attempt, before) === 'attempt';
    const late = after.status === 'delivered' && before !== undefined && before.status !== 'delivered';
    if (!counts && !late) return { before, after, recorded: false };
  }
}

const isSame = (one: Delivery, other: Delivery): boolean =>
  one.updated === other.updated && one.status === other.status && one.next === other.next && one.due === other.due;

/** Delivered; or due again by the policy, held while the breaker is open, or over with the window. */
function afterAttempt(
  { message }: Known,
  before: Delivery | undefined,
  attempt: Attempt,
  outcome: Counted,
  health: Health,
): Delivery {
  if (outcome.kind === 'succeeded') return delivered(headOf(message), before, attempt);
  const due = nextAttemptAt({
    destination: message.destination,
    event: message.event,
    attempt: attemptsInWindow(before, attempt.number),
    windowStart: windowStart(before, attempt.at),
    now: attempt.at,
    livemode: message.livemode,
    retryAfter: outcome.retryAfter,
  });
  if (due === undefined) return failedAttempt(headOf(message), before, attempt, 'over');
  const next = health.state === 'open' ? ({ held_by: 'circuit_breaker' } as const) : { due };
  return failedAttempt(headOf(message), before, attempt, next);
}

async function supersededBy(job: Known, found: Delivery | undefined, course: Course): Promise<Settled> {
  if (found && decide(job.message.attempt, found) === 'follow') await follow(job, found, course);
  return 'superseded';
}

/** The attempt that this message asks for is recorded; what follows the record may be missing, so it is done again. */
export async function followRecord(job: JobOf<'follow'>, course: Course): Promise<Settled> {
  await follow(job, job.delivery, course);
  await recordLaterAttempt(job.delivery);
  return 'followed';
}

/** What follows a record of an attempt that failed, done from the record: at the time that it says, or held. */
async function follow(job: Known, { next, due, held_by }: Delivery, course: Course): Promise<void> {
  const { probe: _probe, turn: _turn, refusals: _refusals, ...message } = { ...job.message, attempt: next };
  if (held_by) course.toHold.push({ job, message });
  else await bringBack(message, due ?? Date.now(), course);
}

/** Not due yet: a wait that is longer than SQS can delay goes on in another step. */
export async function waitLonger({ message, due }: JobOf<'wait'>, course: Course): Promise<Settled> {
  await bringBack(message, due, course);
  return 'waiting';
}

/**
 * Not attempted, for its destination hangs or is slow: it goes on, as it is, among those of other slow destinations. A copy
 * of a message that is acknowledged only after it was sent, so that it is flagged as one that may have been.
 */
export async function putOff({ message }: Known, { queueUrl, slowQueueUrl = queueUrl }: Course): Promise<Settled> {
  await sendDelayed(message, slowQueueUrl);
  return 'put_off';
}

/**
 * Over its destination's rate limit: recorded as due when it has its turn, then delayed until then. A manual attempt is
 * delayed without a word in the delivery.
 */
export async function awaitTurn(job: JobOf<'attempt'>, { at, taken }: Turn, course: Course): Promise<Settled> {
  const due = Math.ceil(at);
  const message: DeliveryMessage = { ...job.message, ...(taken && { turn: true }) };
  if (!message.manual) return waitUntil(job, { message, due, settled: 'rate_limited' }, course);
  await bringBack(message, due, course);
  return 'rate_limited';
}

/** Recorded as due, without an attempt, then brought back. */
async function waitUntil(
  job: JobOf<'attempt'>,
  { message, due, settled }: { readonly message: DeliveryMessage; readonly due: number; readonly settled: Settled },
  course: Course,
): Promise<Settled> {
  const { before, recorded } = await record(job, (found) => waitingForTurn(headOf(message), found, due, Date.now()));
  if (!recorded) return supersededBy(job, before, course);
  await bringBack(message, due, course);
  return settled;
}

/** Holds the delivery until its destination's state changes: the record now, the held item with those of the whole batch. */
export async function holdJob(job: JobOf<'hold'>, course: Course): Promise<Settled> {
  const { delivery } = job;
  const { refusals: _refusals, ...message } = job.message;
  // A manual attempt is held without a word in the delivery, which has ended.
  if (!message.manual && delivery?.held_by !== job.heldBy) {
    const now = Date.now();
    const after = held(headOf(message), delivery && chargedWithout(job.pauses, delivery, now), job.heldBy, now);
    if (!(await recordDelivery(job.key, delivery, after))) {
      const found = await findDelivery(job.key);
      // Another copy held it first, and may have died before it put the item: putting it once more does no harm.
      if (!found || decide(message.attempt, found) !== 'attempt') return supersededBy(job, found, course);
    }
  }
  course.toHold.push({ job, message });
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

type Counted = Exclude<Outcome, { kind: 'ours' | 'put_off' }>;

const toAttempt = (number: number, outcome: Counted): Attempt => ({
  number,
  at: Date.now(),
  outcome: outcome.kind,
  duration_ms: outcome.durationMs,
  ...('httpStatus' in outcome && { http_status: outcome.httpStatus }),
  ...(outcome.kind === 'failed' && {
    ...('code' in outcome ? { code: outcome.code } : { failure_reason: outcome.reason }),
    // The cut may go through a character, and what DynamoDB cannot write would keep the attempt from being recorded.
    message: outcome.message.slice(0, EXCERPT_LENGTH).toWellFormed(),
  }),
});
