import * as z from 'zod/mini';

/** What the ingest rule could not send to the events queue is in its dead-letter queue as the bus had it, untransformed. */
const BusEvent = z.looseObject({
  version: z.literal('0'),
  id: z.string(),
  time: z.string(),
  source: z.string(),
  region: z.string(),
  'detail-type': z.string(),
  detail: z.unknown(),
});

/** The body to return: of a bus event what the rule would have made of it, by its own time, of anything else itself. */
export function toReturnable(body: string): string {
  const { data: event } = BusEvent.safeParse(tryJson(body));
  if (!event) return body;
  const { id, time, detail } = event;
  return JSON.stringify({ id, time, 'detail-type': event['detail-type'], detail });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
