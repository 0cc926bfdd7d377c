import { env } from '../aws/env.ts';
import type { Event } from './event.ts';
import { renderEvent } from './render.ts';
import { thinTwinOf } from './thin-twin.ts';

/** Source, resources, detail type and time of the envelope, and a `traceparent` in the detail, at their longest. */
const ENVELOPE_BYTES = 1024;

export const maxEventBytes = (): number => Number(env('MAX_EVENT_BYTES'));

/** The bytes that the largest rendering of the event and the envelope around it take. */
const deliveredBytes = (event: Event): number => {
  const largest = renderEvent(event, { for: '', fetched: true });
  return Buffer.byteLength(JSON.stringify(largest)) + event.account.length + ENVELOPE_BYTES;
};

/** The reason why the event is too large to be delivered, if it is. */
export function tooLarge(event: Event): string | undefined {
  const twin = thinTwinOf(event);
  const bytes = Math.max(deliveredBytes(event), twin ? deliveredBytes(twin) : 0);
  const limit = maxEventBytes();
  if (bytes <= limit) return undefined;
  return `The event takes ${bytes} bytes with its envelope, more than the ${limit} that can be delivered. Send the object's id and let receivers fetch the rest.`;
}
