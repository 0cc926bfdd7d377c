import { ledger } from '../aws/table.ts';
import { timeOf } from '../ids.ts';
import type { TimeRange } from '../lists/stretch.ts';
import { DAY, isoTime, MINUTE, unixSeconds } from '../time.ts';

/**
 * When an event was put to a source that may turn out not to have taken it. A first attempt follows its event closely, so
 * that the delivery itself is found by the event's id; a put that was late, or was not the first, leaves a key-only item by
 * its time besides. So what was put in a range of time is found by two range reads.
 */
const ON_TIME = MINUTE;

/** Longer than any Region has gone without a confirmation. */
const KEPT = 14 * DAY;

export interface Put {
  readonly destination: string;
  readonly event: string;
  /** ms. */
  readonly at: number;
  readonly first: boolean;
}

const partition = (destination: string, day: string) => `${destination}#puts#${day}`;
const dayAt = (at: number) => isoTime(at).slice(0, 10);

/** Written before the delivery says `delivered`: after it nobody would come back for this. */
export async function recordPut({ destination, event, at, first }: Put): Promise<void> {
  if (first && Math.abs(at - timeOf(event)) <= ON_TIME) return;
  const key = { pk: partition(destination, dayAt(at)), sk: `${isoTime(at)}#${event}` };
  await ledger().put({ ...key, ttl: unixSeconds(at + KEPT) });
}

/** The range of event times in which the first attempts of a range of time are found. */
export const eventTimesOf = ({ from, until }: TimeRange): TimeRange => ({
  from: from - ON_TIME,
  until: until + ON_TIME,
});

interface LatePut {
  readonly event: string;
  /** Its place in the list. */
  readonly place: string;
}

/** The late puts of a range of time, from a place in their list on if it is given. */
export async function* listLatePuts(
  destination: string,
  { from, until }: TimeRange,
  after = isoTime(from),
): AsyncGenerator<LatePut> {
  for (let day = Date.parse(after.slice(0, 10)); day < until; day += DAY) {
    const values = { ':pk': partition(destination, dayAt(day)), ':after': after, ':until': isoTime(until) };
    const expression = 'pk = :pk AND sk BETWEEN :after AND :until';
    for await (const { sk } of ledger().query({ expression, values, pageSize: 100 }))
      if (sk !== after) yield { event: sk.split('#')[1] ?? '', place: sk };
  }
}
