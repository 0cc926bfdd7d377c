import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CURRENT_DICTIONARY, dictionary } from './dictionary.ts';
import type { Event } from './event.ts';

/** The content as bytes: one byte with the dictionary's version, then raw deflate of the JSON. */
export function packContent(content: Event['content']): Uint8Array {
  const deflated = deflateRawSync(JSON.stringify(content), { dictionary: dictionary(CURRENT_DICTIONARY) });
  return Buffer.concat([Buffer.of(CURRENT_DICTIONARY), deflated]);
}

export function unpackContent(bytes: Uint8Array): Event['content'] {
  const [version = 0] = bytes;
  return JSON.parse(inflateRawSync(bytes.subarray(1), { dictionary: dictionary(version) }).toString());
}
