import { MAX_DELAY_SECONDS, sendMessages } from '../aws/queue.ts';
import { type DeliveryMessage, toQueue } from './message.ts';

/** Deliveries that wait in the Ledger, in one place, to be sent to their queue again. */
export interface Waiting {
  readonly messages: readonly DeliveryMessage[];
  /** Takes them away from where they wait. */
  readonly done: () => Promise<unknown>;
}

interface Pace {
  readonly queueUrl: string;
  readonly perSecond: number;
  /** How many at most; no more than SQS's longest delay can spread. */
  readonly most: number;
  /** How many went out at this rate already: these come after them. */
  readonly after?: number;
}

const CHUNK = 100;

/**
 * Sends what waits at a rate, by delays, and takes it away once it is sent: dying in between sends a delivery twice, which
 * its record sorts out; never not at all. Throws when SQS did not take some of them.
 */
export async function sendAll(
  waiting: AsyncIterable<Waiting> | Iterable<Waiting>,
  { queueUrl, perSecond, most, after = 0 }: Pace,
): Promise<{ sent: number; more: boolean }> {
  let sent = 0;
  let chunk: Waiting[] = [];
  const flush = async () => {
    await sendChunk(queueUrl, chunk, (index) => Math.floor((after + sent + index) / perSecond));
    sent += count(chunk);
    chunk = [];
  };
  for await (const one of waiting) {
    if (sent + count(chunk) >= Math.min(most, perSecond * MAX_DELAY_SECONDS)) {
      await flush();
      return { sent, more: true };
    }
    chunk.push(one);
    if (count(chunk) >= CHUNK) await flush();
  }
  await flush();
  return { sent, more: false };
}

const count = (chunk: readonly Waiting[]): number => chunk.reduce((sum, { messages }) => sum + messages.length, 0);

/** What waits in one place is taken away when SQS took all of it. */
async function sendChunk(queueUrl: string, chunk: readonly Waiting[], delayOf: (index: number) => number) {
  if (chunk.length === 0) return;
  const each = chunk.flatMap((one) => one.messages.map((message) => ({ one, message })));
  const messages = each.map(({ message }, index) => toQueue(message, delayOf(index)));
  const failed = await sendMessages(queueUrl, messages);
  const left = new Set([...failed].map((index) => each[index]?.one));
  await Promise.all(chunk.map((one) => (left.has(one) ? undefined : one.done())));
  if (failed.size > 0) throw new Error(`SQS did not take ${failed.size} of ${messages.length} deliveries`);
}
