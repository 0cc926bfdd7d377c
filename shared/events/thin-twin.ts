import { derivedId } from '../ids.ts';
import type { Event, SnapshotEvent, ThinEvent } from './event.ts';
import { objectIdOf } from './object-index.ts';
import { isEventType } from './types.ts';

/**
 * A snapshot event may ask for its thin twin (`thin_event: true`): the event `v1.<type>`, which names the snapshot event
 * and the object that both are about. Its id is derived from the snapshot event's, so that every redelivery of the one is
 * the same other; dispatch records and sends both before it acknowledges the message that published them.
 */
export function thinTwinOf(event: Event): ThinEvent | undefined {
  if (event.payload !== 'snapshot' || event.content.thin_event !== true) return undefined;
  const { id, account, livemode, created, traceparent } = event;
  const { type, request } = event.content;
  const related_object = relatedObject(event);
  return {
    id: derivedId('evt', livemode, created, `${account}/${id}/thin`),
    account,
    livemode,
    created,
    ...(traceparent && { traceparent }),
    payload: 'thin',
    content: {
      type: twinType(type),
      snapshot_event: id,
      ...(related_object && { related_object }),
      ...(request && { reason: { type: 'request', request } }),
    },
  };
}

const twinType = (type: string): string => `v1.${type}`;

/** The twin's type is longer by three characters, which may be too many. */
export const canHaveTwin = (type: string): boolean => isEventType(twinType(type));

/** Longer paths are of no use as a URL, and would make the twin larger than the event. */
const MAX_URL_LENGTH = 2048;
const OBJECT_TYPE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;
const MAX_OBJECT_TYPE = 128;

/** The object, if it says what it is. Its `url` is taken if it is a path; else the path is made as Stripe makes them. */
function relatedObject(event: SnapshotEvent): ThinEvent['content']['related_object'] | undefined {
  const id = objectIdOf(event);
  const { object: type, url } = event.content.data.object;
  if (id === undefined || typeof type !== 'string' || type.length > MAX_OBJECT_TYPE || !OBJECT_TYPE.test(type))
    return undefined;
  return { id, type, url: isPath(url) ? url : `/v1/${pathOf(type)}/${encodeURIComponent(id.toWellFormed())}` };
}

const isPath = (url: unknown): url is string =>
  typeof url === 'string' && url.length <= MAX_URL_LENGTH && /^\/(?!\/)/.test(url);

/** `customer` is at `/v1/customers`, `billing.meter` at `/v1/billing/meters`. */
const pathOf = (type: string): string => plural(type).replaceAll('.', '/');

function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/(ss|x|ch|sh)$/.test(word)) return `${word}es`;
  return word.endsWith('s') ? word : `${word}s`;
}
