import { SECOND } from '../../time.ts';

/** The date of HTTP, as it is sent: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The instant (ms) before which a receiver asks not to be tried: seconds or a date (RFC 9110). Undefined for anything else. */
export function retryAfterAt(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  // More digits than nine are three decades, beyond any window.
  if (/^\d{1,9}$/.test(text)) return now + Number(text) * SECOND;
  const at = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
