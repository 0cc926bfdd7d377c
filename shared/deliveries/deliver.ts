import { env } from '../aws/env.ts';
import type { ReceivedMessage } from '../aws/received-message.ts';
import type { Destination } from '../destinations/destination.ts';
import type { DeliveringType, DestinationType, Outcome } from '../destinations/type.ts';
import { type Health, isSlow, type Seen, SLOW_MS } from '../health/health.ts';
import { observe } from '../health/observe.ts';
import { ONE_SHARD } from '../shards.ts';
import { logger } from '../telemetry.ts';
import type { Course } from './bring-back.ts';
import { holdMessages } from './hold.ts';
import { type Job, type JobOf, type Known, loadJobs } from './job.ts';
import { logGivenBack } from './log-attempt.ts';
import { Measures } from './measure.ts';
import { isWantedNow } from './message.ts';
import { awaitTurn, endJob, followRecord, holdJob, putOff, recordOutcome, type Settled, waitLonger } from './settle.ts';
import { type Turn, takeTurns } from './turns.ts';

type Attempted = JobOf<'attempt'>;
type Attempts = ReadonlyMap<Job, Outcome>;

/** The queue that the messages came from: their type's own, or the one for its slow destinations. */
export type Lane = 'deliveries' | 'slow';

/**
 * A batch of delivery messages, from the queue to their ends. Each is decided by what its destination and its delivery
 * say now; those that ask for an attempt are attempted together. Returns the messages that have to come again:
 *
 *   before the attempt   our trouble (a read failed, a destination's turns could not be taken): give back
 *   in the attempt       the destination's failure: recorded and acknowledged; ours (throttled, a Region down): give back,
 *                        or, when that goes on, recorded, brought back later and acknowledged
 *   after the attempt    the record could not be written: give back; a duplicate is the lesser evil
 *
 * What the batch saw of a destination is recorded before its deliveries are, because an open breaker says what comes next.
 * What is for a slow destination goes on in the slow queue without an attempt, so that it takes no time from the others.
 */
export async function deliverBatch(
  type: DeliveringType,
  messages: readonly ReceivedMessage[],
  lane: Lane = 'deliveries',
): Promise<ReceivedMessage[]> {
  const course = courseOf(type, lane);
  const { jobs, unreadable } = await loadJobs(messages);
  const ready = jobs.filter((job): job is Attempted => isAttemptOf(type, job) && !goesSlow(job, course));
  const turns = await takeTurns(ready);
  const attempts = await attemptAll(
    type,
    ready.filter((job) => !turns.waiting.has(job) && !turns.failed.has(job)),
  );
  const healths = await observeAll(type, attempts);

  const unsettled = [...unreadable];
  const settledJobs = new Map<Known, Settled | undefined>();
  const giveBack = (job: Known, error: unknown) => {
    logGivenBack(job, error);
    settledJobs.delete(job);
    unsettled.push(job.received);
  };
  await Promise.all(
    jobs.map(async (job) => {
      if (turns.failed.has(job)) return giveBack(job, turns.failed.get(job));
      try {
        const health = healths.get(job.message.destination) ?? job.health;
        const turn = turns.waiting.get(job);
        settledJobs.set(job, await settle(job, { outcome: attempts.get(job), turn, health, course }));
      } catch (error) {
        giveBack(job, error);
      }
    }),
  );
  await holdAll(course, giveBack);
  const measures = new Measures();
  for (const job of jobs) {
    const settled = settledJobs.get(job);
    if (settled) measures.add(job, settled);
  }
  await tellFailures(type, attempts);
  measures.publish();
  return unsettled;
}

function courseOf({ type, provisional, deliveriesQueue, slowQueue }: DestinationType, lane: Lane): Course {
  const slowQueueUrl = slowQueue === undefined ? undefined : env(slowQueue);
  if (lane === 'slow' && slowQueueUrl !== undefined) return { type, provisional, queueUrl: slowQueueUrl, toHold: [] };
  return { type, provisional, queueUrl: env(deliveriesQueue), slowQueueUrl, toHold: [] };
}

async function attemptAll(type: DeliveringType, jobs: readonly Attempted[]): Promise<Attempts> {
  const outcomes = await type.attempt(jobs);
  const none: Outcome = { kind: 'ours', code: 'NoOutcome', message: 'not attempted' };
  return new Map(jobs.map((job, index) => [job, outcomes[index] ?? none]));
}

/** What came by another type's queue has no outcome and is given back: it must not spoil a call for the others. */
const isAttemptOf = ({ type }: DestinationType, job: Job): boolean =>
  job.task === 'attempt' && job.destination.type === type;

const goesSlow = ({ health }: Known, { slowQueueUrl }: Course): boolean => isSlow(health) && slowQueueUrl !== undefined;

/** Once for each destination. A manual attempt that failed says nothing: the customer tries while it is being mended. */
async function observeAll(type: DestinationType, attempts: Attempts): Promise<Map<string, Health>> {
  const byDestination = Map.groupBy(attemptsOf(attempts), ({ job }) => job.message.destination);
  const healths = await Promise.all(
    [...byDestination].map(async ([id, of]): Promise<[string, Health] | undefined> => {
      const [first] = of;
      return first && [id, await observe(first.job.destination, first.job.health, seenIn(of, type))];
    }),
  );
  return new Map(healths.filter((entry) => entry !== undefined));
}

interface AttemptedJob {
  readonly job: Attempted;
  readonly outcome: Outcome;
}

const attemptsOf = (attempts: Attempts): AttemptedJob[] =>
  [...attempts].flatMap(([job, outcome]) => (job.task === 'attempt' ? [{ job, outcome }] : []));

function seenIn(attempts: readonly AttemptedJob[], { slowQueue }: DestinationType): Seen {
  const succeeded = attempts.flatMap(({ outcome }) => (outcome.kind === 'succeeded' ? [outcome] : []));
  const failed = attempts.flatMap(({ job, outcome }) =>
    outcome.kind === 'failed' && !isWantedNow(job.message) ? [outcome] : [],
  );
  return {
    succeeded: succeeded.length,
    failed: failed.length,
    timedOut: failed.filter(({ timedOut }) => timedOut).length,
    slow: slowQueue === undefined ? 0 : [...succeeded, ...failed].filter(isSlowAttempt).length,
    retryAfter: Math.max(...failed.map(({ retryAfter = 0 }) => retryAfter), 0) || undefined,
  };
}

type Made = Extract<Outcome, { kind: 'succeeded' | 'failed' }>;
const isSlowAttempt = (outcome: Made): boolean =>
  outcome.durationMs > SLOW_MS || (outcome.kind === 'failed' && outcome.timedOut === true);

interface Circumstances {
  /** If it was attempted. */
  readonly outcome: Outcome | undefined;
  /** If it has to wait for it. */
  readonly turn: Turn | undefined;
  readonly health: Health;
  readonly course: Course;
}

function settle(job: Job, { outcome, turn, health, course }: Circumstances): Promise<Settled> | undefined {
  switch (job.task) {
    case 'attempt':
      if (goesSlow(job, course)) return putOff(job, course);
      if (turn) return awaitTurn(job, turn, course);
      return recordOutcome(
        job,
        outcome ?? { kind: 'ours', code: 'WrongQueue', message: 'not its type' },
        health,
        course,
      );
    case 'hold':
      return holdJob(job, course);
    case 'end':
      return endJob(job);
    case 'follow':
      return followRecord(job, course);
    case 'wait':
      return waitLonger(job, course);
    case 'acknowledge':
      return undefined;
  }
}

/** What is held of a destination is held together, or given back together. */
async function holdAll({ toHold, queueUrl }: Course, giveBack: (job: Known, error: unknown) => void): Promise<void> {
  const byDestination = Map.groupBy(toHold, ({ message }) => message.destination);
  await Promise.all(
    [...byDestination.values()].map(async (of) => {
      try {
        const shards = of[0]?.job.shards ?? ONE_SHARD;
        await holdMessages(
          of.map(({ message }) => message),
          shards,
          queueUrl,
        );
      } catch (error) {
        for (const { job } of of) giveBack(job, error);
      }
    }),
  );
}

/** Once for each destination; the deliveries are settled, so that what goes wrong here costs nothing but time. */
async function tellFailures(type: DeliveringType, attempts: Attempts): Promise<void> {
  const failed = attemptsOf(attempts).filter(({ outcome }) => outcome.kind === 'failed');
  const each = new Map<string, Destination>(failed.map(({ job }) => [job.destination.id, job.destination]));
  const told = await Promise.allSettled([...each.values()].map((destination) => type.afterFailure(destination)));
  for (const result of told)
    if (result.status === 'rejected')
      logger.warn('A failing destination could not be looked after', { error: result.reason });
}
