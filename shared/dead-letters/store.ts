import { ABSENT, type Item, type Key, ledger } from '../aws/table.ts';
import { DAY, expiry, isoTime, unixSeconds } from '../time.ts';
import type { DeadLetter } from './dead-letter.ts';

/** Longer than SQS keeps a message. */
const KEPT = 15 * DAY;

const waitingKey = (messageId: string): Key => ({ pk: `dead-letter#${messageId}`, sk: 'since' });

/** Since when the message has been in its dead-letter queue, ms: SQS does not say. */
export async function deadSince(messageId: string, now: number): Promise<number> {
  const key = waitingKey(messageId);
  if (await ledger().put({ ...key, since: now, ttl: unixSeconds(now + KEPT) }, ABSENT)) return now;
  return Number((await ledger().get(key))?.since ?? now);
}

const PARKED = 'parked-letters';

export interface ParkedLetter extends DeadLetter {
  readonly key: Key;
  /** ms. */
  readonly parkedAt: number;
}

/** Under the time and id of the message that was sent first: parking it twice is parking it once. */
export async function park({ queueUrl, body, past }: DeadLetter, now: number): Promise<void> {
  const key = { pk: PARKED, sk: `${isoTime(past.sentAt)}#${past.id}` };
  await ledger().put({ ...key, queue_url: queueUrl, body, past, parked_at: now, ttl: expiry(now) });
}

/** All parked letters, the oldest first. */
export async function* listParked(): AsyncGenerator<ParkedLetter> {
  const values = { ':pk': PARKED };
  for await (const item of ledger().query({ expression: 'pk = :pk', values, pageSize: 25 })) yield toParked(item);
}

export const unpark = ({ key }: ParkedLetter): Promise<boolean> => ledger().delete(key);

const toParked = ({ pk, sk, queue_url, body, past, parked_at }: Item): ParkedLetter => ({
  key: { pk, sk },
  queueUrl: String(queue_url),
  body: String(body),
  past: past as ParkedLetter['past'],
  parkedAt: Number(parked_at),
});
