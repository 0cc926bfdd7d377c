import type { FaultyEntry } from '../../local/eventbridge/faults.ts';
import { type EventDestination, sourceOf } from './main-job.ts';
import type { Platform } from './platform.ts';
import { queueDoor } from './queue-door.ts';

/** Fails the entries for a destination, until what it returns is called. */
export function failEntries(
  { cloud }: Platform,
  destination: EventDestination,
  which: (entry: FaultyEntry) => boolean = () => true,
): () => void {
  const source = sourceOf(destination);
  return cloud.eventbridge.faults.injectEntryFault({
    match: (entry) => entry.Source === source && which(entry),
    code: 'InvalidArgument',
    message: 'The receiver does not take this',
  });
}

interface Many {
  readonly count: number;
  readonly type: string;
  readonly livemode: boolean;
}

/** Publishes many snapshot events by the queue, in as few requests as it takes. */
export async function publishMany({ cloud, seed }: Platform, { count, type, livemode }: Many): Promise<void> {
  const time = new Date(cloud.clock.now()).toISOString();
  const publications = Array.from({ length: count }, (_, index) => ({
    id: `${type}-${index}`,
    time,
    'detail-type': type,
    detail: { account: seed.account, livemode, data: { object: { id: `obj_${index}` } } },
  }));
  await queueDoor(cloud)(publications);
}

/** Executions and transitions of the state machine `retry` so far. */
export function retryMachineCounts({ cloud }: Platform): { executions: number; transitions: number } {
  const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:event-destinations-dev-retry';
  const { executions = 0, transitions = 0 } = cloud.stepFunctions?.counts(arn) ?? {};
  return { executions, transitions };
}
