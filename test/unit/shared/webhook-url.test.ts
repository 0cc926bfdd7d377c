import { describe, expect, it } from 'vitest';
import { urlProblem } from '../../../shared/destinations/webhook-endpoint/url.ts';

describe('the URL of a webhook endpoint', () => {
  it.each([
    ['https://example.com', true],
    ['https://example.com:8443/hooks?tenant=1', true],
    ['HTTPS://example.com/hooks', true],
    ['https://[2001:db8::1]/hooks', true],
    [`https://example.com/${'x'.repeat(2028)}`, true],
    ['http://localhost:4242/webhook', false],
  ])('is taken: %s', (url, livemode) => {
    expect(urlProblem(url, livemode)).toBeUndefined();
  });

  it.each([
    ['http://example.com', true, 'https:// in live mode'],
    ['ftp://example.com', false, 'https:// or, in test mode, http://'],
    ['example.com/hooks', false, 'absolute URL with a host'],
    ['/hooks', false, 'absolute URL with a host'],
    ['https:example.com', false, 'absolute URL with a host'],
    ['https:///hooks', false, 'absolute URL with a host'],
    ['https://', false, 'absolute URL with a host'],
    ['https://exa mple.com', false, 'absolute URL with a host'],
    ['https://example.com/a\nb', false, 'absolute URL with a host'],
    ['https:\\\\example.com', false, 'absolute URL with a host'],
    ['https://example.com:99999', false, 'absolute URL with a host'],
    ['', false, 'absolute URL with a host'],
    ['https://user:secret@example.com', true, 'user name or password'],
    ['https://example.com/#top', true, 'fragment'],
    [`https://example.com/${'x'.repeat(2029)}`, true, 'at most 2048 characters'],
  ])('is refused: %s', (url, livemode, message) => {
    expect(urlProblem(url, livemode)).toContain(message);
  });
});
