import { RefusedTarget } from './lookup.ts';
import { isTlsError, tlsWords } from './tls-words.ts';

/** How far a request came: to a TCP connection, over TLS, to an answer. */
export type Stage = 'connecting' | 'securing' | 'waiting';

/** Why there is no answer, in the words of Stripe's Dashboard where it has some. */
export type FailureReason =
  | 'Unable to connect'
  | 'TLS error'
  | 'Timed out'
  | 'Address not allowed'
  | 'Connection closed'
  | 'Invalid response';

export type Failure =
  | { readonly failure: FailureReason; readonly detail: string }
  /** This machine could not try: it says nothing about the receiver. */
  | { readonly ours: string; readonly detail: string };

export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/** What went wrong on the way of a request, and where. */
export class StagedError extends Error {
  override readonly name = 'StagedError';
  readonly stage: Stage;
  /** The connection had served another request before. */
  readonly reused: boolean;

  constructor(cause: Error, stage: Stage, reused: boolean) {
    super(cause.message, { cause });
    this.stage = stage;
    this.reused = reused;
  }
}

const CLOSED = new Set(['ECONNRESET', 'EPIPE']);

/** A kept connection was closed by the other side before it answered anything. */
export const isStale = (error: unknown): boolean =>
  error instanceof StagedError && error.reused && CLOSED.has(codeOf(error.cause));

/** No descriptors, ports or memory left here. */
const OUR_CODES = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

export function failureOf(error: unknown): Failure {
  const cause = error instanceof StagedError ? error.cause : error;
  const stage = error instanceof StagedError ? error.stage : 'connecting';
  const code = codeOf(cause);
  const detail = detailOf(cause, code);
  if (cause instanceof RefusedTarget) return { failure: 'Address not allowed', detail };
  if (cause instanceof TimedOut) return { failure: 'Timed out', detail };
  if (OUR_CODES.has(code) || isOurDns(cause, code)) return { ours: code, detail };
  if (stage === 'connecting') return { failure: 'Unable to connect', detail };
  // A client certificate that is missed, for one, is said only when TLS 1.3 is agreed upon.
  if (stage === 'securing' || isTlsError(code)) return { failure: 'TLS error', detail };
  return { failure: code.startsWith('HPE_') ? 'Invalid response' : 'Connection closed', detail };
}

/** No name server of ours could be reached: c-ares has the code of a refused connection for it. */
const isOurDns = (cause: unknown, code: string): boolean =>
  code === 'ECONNREFUSED' && textOf(cause, 'syscall').startsWith('query');

const codeOf = (error: unknown): string => textOf(error, 'code');

/** Both texts, because OpenSSL's message is long and its `reason` short; an error of several addresses has no message. */
function detailOf(error: unknown, code: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const reason = textOf(error, 'reason');
  const words = tlsWords(code, reason || message) ?? (reason || message);
  return [words, code && !words.includes(code) && `(${code})`].filter(Boolean).join(' ');
}

function textOf(error: unknown, property: 'code' | 'reason' | 'syscall'): string {
  if (!(error instanceof Error)) return '';
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : '';
}
