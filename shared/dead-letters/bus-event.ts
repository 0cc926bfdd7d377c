import * as z from 'zod/mini';
import { nearestDate } from '../events/publishing-time.ts';
import { isoTime } from '../time.ts';

/** What the ingest rule could not send to the events queue is in its dead-letter queue as the bus had it, untransformed. */
const BusEvent = z.looseObject({
  version: z.literal('0'),
  id: z.string(),
  time: z.iso.datetime({ offset: true }),
  source: z.string(),
  region: z.string(),
  'detail-type': z.string(),
  detail: z.unknown(),
});

/**
 * The body to return: of a bus event what the rule would have made of it, of anything else itself. When the event came in is
 * what the letter does not say. It is dated by its own time, or, when the rule tried for a day or the producer dated it far
 * back, by the nearest instant that the queue takes: of `sentAt`, when the letter was sent, so that it is one event however
 * often it is returned.
 */
export function toReturnable(body: string, sentAt: number): string {
  const { data: event } = BusEvent.safeParse(tryJson(body));
  if (!event) return body;
  const { id, detail } = event;
  const time = isoTime(nearestDate(Date.parse(event.time), sentAt));
  return JSON.stringify({ id, time, 'detail-type': event['detail-type'], detail });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
