import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { timeOf } from '../ids.ts';
import { CURRENT_DICTIONARY, dictionary } from './dictionary.ts';
import type { Event } from './event.ts';
import { payloadOf } from './types.ts';

/** The content as bytes: one byte with the dictionary's version, then raw deflate of the JSON. */
export function packContent(content: Event['content']): Uint8Array {
  const deflated = deflateRawSync(JSON.stringify(content), { dictionary: dictionary(CURRENT_DICTIONARY) });
  return Buffer.concat([Buffer.of(CURRENT_DICTIONARY), deflated]);
}

/** The event again, from what `packContent` made of its content. */
export function unpackEvent(
  head: Pick<Event, 'id' | 'account' | 'livemode' | 'traceparent'>,
  bytes: Uint8Array,
): Event {
  const [version = 0] = bytes;
  const json = inflateRawSync(bytes.subarray(1), { dictionary: dictionary(version) }).toString();
  const content: Event['content'] = JSON.parse(json);
  // What was packed had been checked, and its type says which of the two it is.
  return { ...head, created: timeOf(head.id), payload: payloadOf(content.type), content } as Event;
}
