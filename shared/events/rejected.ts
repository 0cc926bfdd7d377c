import { type Item, ledger } from '../aws/table.ts';
import { expiry, isoTime } from '../time.ts';

/** So many bytes of a rejected message are kept: all of any that could be accepted. DynamoDB takes items of 400 KB. */
const MAX_BODY_BYTES = 380_000;

/** What a door took and dispatch could not accept: kept as long as events are, for the operator's CLI. */
export interface RejectedEvent {
  readonly messageId: string;
  /** When it came in, ms. */
  readonly sentAt: number;
  readonly reason: string;
  readonly body: string;
}

/** Recorded under the message's own time and id, so that a redelivery writes the same item. */
export async function recordRejected({ messageId, sentAt, reason, body }: RejectedEvent): Promise<void> {
  const time = isoTime(sentAt);
  await ledger().put({
    pk: partition(time.slice(0, 10)),
    sk: `${time}#${messageId}`,
    reason: reason.slice(0, 2000).toWellFormed(),
    body: Buffer.from(body).subarray(0, MAX_BODY_BYTES).toString(),
    ttl: expiry(sentAt),
  });
}

/** The rejected events of a UTC day, newest first. */
export async function* listRejected(day: string): AsyncGenerator<RejectedEvent> {
  const values = { ':pk': partition(day) };
  for await (const item of ledger().query({ expression: 'pk = :pk', values, newestFirst: true }))
    yield toRejected(item);
}

const partition = (day: string) => `rejected#${day}`;

function toRejected({ sk, reason, body }: Item): RejectedEvent {
  const [time = '', messageId = ''] = sk.split('#');
  return { messageId, sentAt: Date.parse(time), reason: String(reason), body: String(body) };
}
