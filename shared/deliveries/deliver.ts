import { env } from '../aws/env.ts';
import type { ReceivedMessage } from '../aws/received-message.ts';
import type { Destination } from '../destinations/destination.ts';
import type { DestinationType, Outcome } from '../destinations/type.ts';
import { logger, publishCounts } from '../telemetry.ts';
import { type Job, type JobOf, loadJobs } from './job.ts';
import { endJob, followRecord, holdJob, recordOutcome, type Settled, waitLonger } from './settle.ts';

/**
 * A batch of delivery messages, from the queue to their ends. Each is decided by what its destination and its delivery
 * say now; those that ask for an attempt are attempted together. Returns the messages that have to come again:
 *
 *   before the attempt   our trouble (a read failed): give back
 *   in the attempt       the destination's failure: recorded and acknowledged; ours (throttled, a Region down): give back
 *   after the attempt    the record could not be written: give back; a duplicate is the lesser evil
 */
export async function deliverBatch(
  type: DestinationType,
  messages: readonly ReceivedMessage[],
): Promise<ReceivedMessage[]> {
  const { jobs, unreadable } = await loadJobs(messages);
  const attempts = jobs.filter((job): job is JobOf<'attempt'> => isAttemptOf(type, job));
  const outcomes = await type.attempt(attempts);
  const outcomeOf = new Map(attempts.map((job, index): [Job, Outcome | undefined] => [job, outcomes[index]]));

  const queueUrl = env(type.deliveriesQueue);
  const unsettled = [...unreadable];
  const counts: Partial<Record<Settled, number>> = {};
  await Promise.all(
    jobs.map(async (job) => {
      try {
        const settled = await settle(job, outcomeOf.get(job), queueUrl);
        if (settled) counts[settled] = (counts[settled] ?? 0) + 1;
      } catch (error) {
        const { event, destination, attempt } = job.message;
        logger.error('A delivery is given back', { event, destination, attempt, error: error as Error });
        unsettled.push(job.received);
      }
    }),
  );
  await tellFailures(
    type,
    attempts.filter((job) => outcomeOf.get(job)?.kind === 'failed').map((job) => job.destination),
  );
  publishCounts(counts);
  return unsettled;
}

/** What came by another type's queue has no outcome and is given back: it must not spoil a call for the others. */
const isAttemptOf = ({ type }: DestinationType, job: Job): boolean =>
  job.task === 'attempt' && job.destination.type === type;

function settle(job: Job, outcome: Outcome | undefined, queueUrl: string): Promise<Settled> | undefined {
  switch (job.task) {
    case 'attempt':
      return recordOutcome(job, outcome ?? { kind: 'ours', code: 'NoOutcome', message: 'not attempted' }, queueUrl);
    case 'hold':
      return holdJob(job, queueUrl);
    case 'end':
      return endJob(job);
    case 'follow':
      return followRecord(job, queueUrl);
    case 'wait':
      return waitLonger(job, queueUrl);
    case 'acknowledge':
      return undefined;
  }
}

/** Once for each destination; the deliveries are settled, so that what goes wrong here costs nothing but time. */
async function tellFailures(type: DestinationType, destinations: readonly Destination[]): Promise<void> {
  const each = new Map(destinations.map((destination) => [destination.id, destination]));
  const told = await Promise.allSettled([...each.values()].map((destination) => type.afterFailure(destination)));
  for (const result of told)
    if (result.status === 'rejected')
      logger.warn('A failing destination could not be looked after', { error: result.reason });
}
