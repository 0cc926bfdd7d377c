import { MAX_DELAY_SECONDS, sendMessages } from '../aws/queue.ts';
import { type DeliveryMessage, toQueue } from './message.ts';

/** A delivery that waits in the Ledger to be sent to its queue again. */
export interface Waiting {
  readonly message: DeliveryMessage;
  /** Takes it away from where it waits. */
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
    sent += chunk.length;
    chunk = [];
  };
  for await (const one of waiting) {
    if (sent + chunk.length >= Math.min(most, perSecond * MAX_DELAY_SECONDS)) {
      await flush();
      return { sent, more: true };
    }
    chunk.push(one);
    if (chunk.length === CHUNK) await flush();
  }
  await flush();
  return { sent, more: false };
}

async function sendChunk(queueUrl: string, chunk: readonly Waiting[], delayOf: (index: number) => number) {
  if (chunk.length === 0) return;
  const messages = chunk.map(({ message }, index) => toQueue(message, delayOf(index)));
  const failed = await sendMessages(queueUrl, messages);
  await Promise.all(chunk.map((one, index) => (failed.has(index) ? undefined : one.done())));
  if (failed.size > 0) throw new Error(`SQS did not take ${failed.size} of ${chunk.length} deliveries`);
}
