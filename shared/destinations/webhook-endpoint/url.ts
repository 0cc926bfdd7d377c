import { brandHeaders } from '../../http/brand.ts';
import type { PrivateTargets } from './addresses.ts';
import { targetProblem } from './target.ts';

/** Longer URLs are refused by too many servers and proxies on the way. */
export const MAX_LENGTH = 2048;

/**
 * The reason why events cannot be sent to the URL, if it is one. Live mode requires https; test mode takes http, too. What
 * its name resolves to is not asked here, because it can be another address a minute later: each connection asks.
 */
export function urlProblem(text: string, livemode: boolean, allowed: PrivateTargets): string | undefined {
  if (text.length > MAX_LENGTH) return `Must be at most ${MAX_LENGTH} characters long.`;
  // The parser would mend what is not a URL: leave out line breaks, turn \ into /, add the missing // after the scheme,
  // put another character for half a one.
  if (/[\s\\\p{Cc}\p{Cs}]/u.test(text) || !/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text) || !URL.canParse(text))
    return "Must be an absolute URL with a host, such as 'https://example.com/webhook'.";
  const url = new URL(text);
  const { protocol, username, password, hash } = url;
  if (protocol !== 'https:' && (livemode || protocol !== 'http:'))
    return livemode ? 'Must begin with https:// in live mode.' : 'Must begin with https:// or, in test mode, http://.';
  if (username || password)
    return `Must not contain a user name or password. Verify the ${brandHeaders.signature} header instead.`;
  if (hash) return 'Must not contain a fragment (#...): it is never sent to a server.';
  return targetProblem(url, allowed);
}
