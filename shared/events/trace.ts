import { createHash, randomBytes } from 'node:crypto';
import { isDrawn } from '../drawn.ts';
import type { Event } from './event.ts';

/**
 * The trace of an event, in W3C's Trace Context: from who published it to every attempt to deliver it. A publisher's own is
 * kept with the event. Without one it follows from the event's id: every function, attempt and redelivery finds the same,
 * and nothing has to be kept.
 */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly sampled: boolean;
}

/**
 * Of the traces that begin here. X-Ray takes $5 for a million: at this share that is half a cent for a million events, and a
 * service with 100 events a second still shows one every ten seconds.
 */
const SAMPLED_SHARE = 0.001;

export function traceOf(event: Event): Trace {
  const [, id, , flags] = event.traceparent?.split('-') ?? [];
  if (id !== undefined) return { id, sampled: flags === SAMPLED };
  const own = ownTraceId(event);
  return { id: own, sampled: isDrawn(own, SAMPLED_SHARE) };
}

/** The `traceparent` of one attempt: the event's trace, and a span of its own. */
export function attemptTraceparent(event: Event): string {
  const { id, sampled } = traceOf(event);
  return `00-${id}-${randomBytes(8).toString('hex')}-${sampled ? SAMPLED : NOT_SAMPLED}`;
}

/** What follows from the event's id. That is unique within its account; a thin twin is in the trace of its snapshot event. */
export function ownTraceId({ id, account, ...event }: Event): string {
  const origin = event.payload === 'thin' ? (event.content.snapshot_event ?? id) : id;
  return createHash('sha256').update(`${account}/${origin}`).digest('hex').slice(0, 32);
}

const SAMPLED = '01';
const NOT_SAMPLED = '00';
const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * A `traceparent` as it is kept: of version 00, with no flag but the one for sampling. What is none is ignored, as the
 * recommendation has it: an event is never refused for its trace.
 */
export function parseTraceparent(text: unknown): string | undefined {
  const [, version, id, parent, flags = '', more] = (typeof text === 'string' && FORM.exec(text.trim())) || [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  return `00-${id}-${parent}-${Number.parseInt(flags, 16) & 1 ? SAMPLED : NOT_SAMPLED}`;
}
