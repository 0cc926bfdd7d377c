import { setTimeout as sleep } from 'node:timers/promises';
import { ABSENT, type Expression, type Key, ledger } from '../aws/table.ts';
import { LONGEST_QUEUE_DELAY } from '../retry/slots.ts';
import { DAY, MINUTE, SECOND, unixSeconds } from '../time.ts';
import type { Job, JobOf } from './job.ts';

/**
 * A destination's rate limit is a queue of turns, one every so many milliseconds: one item says when the next free one is.
 * Who comes with attempts takes turns for all of them by one conditional write, makes those whose turn it is, and delays the
 * others until theirs. Nothing is dropped. A destination that was idle may make up for one second of it.
 *
 * Turns are given out for a quarter of an hour, SQS's longest delay; what finds none by then asks again.
 */
const TURNS = { makesUpFor: SECOND, ahead: LONGEST_QUEUE_DELAY, tries: 10 } as const;

export interface Turn {
  /** ms. */
  readonly at: number;
  /** Without a turn of its own it asks again at that time. */
  readonly taken: boolean;
}

/** The turns of `count` attempts when the next free one is `free`; and which is free after them. */
export function turnsFrom(free: number, perSecond: number, count: number, now: number) {
  const interval = SECOND / perSecond;
  const until = now + TURNS.ahead;
  // None of this limit is given out so far ahead, however clocks differ: it was a lower one's, which the operator has raised.
  const next = free > until + interval + MINUTE ? now : free;
  const first = Math.max(next, now - Math.max(0, TURNS.makesUpFor - interval));
  const turns = Array.from({ length: count }, (_, index): Turn => {
    const at = first + index * interval;
    return at <= until ? { at, taken: true } : { at: until, taken: false };
  });
  return { turns, free: first + turns.filter(({ taken }) => taken).length * interval };
}

const keyOf = (destination: string): Key => ({ pk: `${destination}#turns`, sk: 'next' });

interface Turns {
  /** When an attempt has its turn, if that is not now. */
  readonly waiting: ReadonlyMap<Job, Turn>;
  /**
   * Why an attempt got none, of those whose destination's turns could not be read or written. They are to be given back: what
   * is throttled is spared the writes of putting them off, and the message is where it was, with nothing done yet.
   */
  readonly failed: ReadonlyMap<Job, unknown>;
}

/** Takes turns for the attempts at limited destinations, each by itself. What has had its turn is asked no more. */
export async function takeTurns(attempts: readonly JobOf<'attempt'>[]): Promise<Turns> {
  const limited = attempts.filter(
    ({ destination, message }) => destination.rate_limit && !message.turn && !message.probe,
  );
  const waiting = new Map<Job, Turn>();
  const failed = new Map<Job, unknown>();
  await Promise.all(
    [...Map.groupBy(limited, ({ destination }) => destination.id)].map(async ([id, jobs]) => {
      const perSecond = jobs[0]?.destination.rate_limit ?? 0;
      const now = Date.now();
      try {
        const turns = await take(id, perSecond, jobs.length, now);
        for (const [index, job] of jobs.entries()) {
          const turn = turns[index];
          if (turn && (!turn.taken || turn.at > now)) waiting.set(job, turn);
        }
      } catch (error) {
        for (const job of jobs) failed.set(job, error);
      }
    }),
  );
  return { waiting, failed };
}

async function take(destination: string, perSecond: number, count: number, now: number): Promise<readonly Turn[]> {
  const key = keyOf(destination);
  for (let tries = 0; tries < TURNS.tries; tries += 1) {
    const found = await ledger().get(key);
    const { turns, free } = turnsFrom(Number(found?.next_turn ?? 0), perSecond, count, now);
    const asRead: Expression = found
      ? { expression: 'next_turn = :seen', values: { ':seen': found.next_turn } }
      : ABSENT;
    if (await ledger().put({ ...key, next_turn: free, ttl: unixSeconds(now + DAY) }, asRead)) return turns;
    await sleep(Math.random() * 20 * (tries + 1));
  }
  // Too many at once: all of them ask again in a moment.
  return Array.from({ length: count }, () => ({ at: now + SECOND * (1 + Math.random() * 5), taken: false }));
}
