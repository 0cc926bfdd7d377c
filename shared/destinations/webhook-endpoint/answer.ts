import type { IncomingMessage } from 'node:http';
import { constants, gunzipSync } from 'node:zlib';

export interface Answer {
  readonly status: number;
  /** The beginning of the body as text, at most 512 bytes. */
  readonly excerpt: string;
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
}

const BODY = {
  /** So much is read, that the connection of a small answer can be used again. */
  bytes: 16 * 1024,
  /** The status has come: nobody waits long for the rest. */
  withinMs: 2000,
  /** An answer of 16 KB in gzip could be 16 MB. */
  unpackedBytes: 256 * 1024,
  excerptBytes: 512,
} as const;

/**
 * The answer counts by its status; its body is read as far as it is small and comes soon, and by the instant `until`
 * (`performance.now()`). Never throws.
 */
export async function readAnswer(response: IncomingMessage, until: number): Promise<Answer> {
  const body = await readBody(response, Math.min(BODY.withinMs, Math.max(0, until - performance.now())));
  const excerpt = excerptOf(response.headers['content-encoding'] === 'gzip' ? unpacked(body) : body);
  return { ...headOf(response), excerpt };
}

/** An answer without its body. */
export const headOf = ({ statusCode = 0, headers }: IncomingMessage): Answer => ({
  status: statusCode,
  excerpt: '',
  retryAfter: headers['retry-after'],
});

function readBody(response: IncomingMessage, withinMs: number): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = () => response.destroy();
  const late = setTimeout(stop, withinMs);
  const done = () => {
    clearTimeout(late);
    resolve(Buffer.concat(chunks).subarray(0, BODY.bytes));
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > BODY.bytes) stop();
  });
  // A body that breaks off changes nothing about the status.
  response.on('error', done).once('end', done).once('close', done);
  return promise;
}

/** As far as there is some: the body may have been cut. */
function unpacked(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: BODY.unpackedBytes });
  } catch {
    // It is not what it says it is, or a bomb: in either case there is nothing to show.
    return Buffer.alloc(0);
  }
}

/** Text of at most 512 bytes; what is no UTF-8 becomes U+FFFD, which may be longer than it was. */
function excerptOf(body: Buffer): string {
  return whole(Buffer.from(whole(body.subarray(0, BODY.excerptBytes))).subarray(0, BODY.excerptBytes));
}

/** Without a character that was cut at the end. */
const whole = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true });
