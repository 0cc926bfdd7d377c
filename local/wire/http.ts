import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import { isRecord } from '../fields.ts';

/** More than any of the services takes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** By events: an async iterator over the request costs more than the request. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => {
      if (size <= MAX_BODY_BYTES) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new AwsError('RequestEntityTooLargeException', 'The request is too large', 413));
    });
    request.on('error', reject);
  });
}

export function parseJson(body: string): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(body || '{}');
    if (isRecord(input)) return input;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object');
}

/** What is answered: to a request by HTTP, or to a sandbox that has a wire of its own. */
export interface Reply {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answer(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status ?? 200, {
    'content-length': Buffer.byteLength(reply.body),
    ...headersOf(reply),
  });
  // A string goes out with the head in one write; bytes would be a second one.
  response.end(reply.body);
}

export const headersOf = ({ type, headers }: Reply): Record<string, string> => ({
  'content-type': type,
  'x-amzn-requestid': randomUUID(),
  // Virtual time: from real time the SDKs would conclude that their clock is wrong, and try every failure again.
  date: new Date().toUTCString(),
  ...headers,
});

/** What is no AwsError is a fault of the embedded cloud: it answers 500 and goes on. */
export function asAwsError(error: unknown, log: (line: string) => void): AwsError {
  if (error instanceof AwsError) return error;
  log(`embedded cloud: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500);
}
