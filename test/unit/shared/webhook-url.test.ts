import { describe, expect, it } from 'vitest';
import { urlProblem } from '../../../shared/destinations/webhook-endpoint/url.ts';

describe('the URL of a webhook endpoint', () => {
  it.each([
    ['https://example.com', true],
    ['https://example.com:8443/hooks?tenant=1', true],
    ['HTTPS://example.com/hooks', true],
    ['https://[2606:4700:4700::1111]/hooks', true],
    ['https://1.1.1.1/hooks', true],
    ['https://xn--bcher-kva.example.com./hooks', true],
    [`https://example.com/${'x'.repeat(2028)}`, true],
    ['http://example.com/webhook', false],
  ])('is taken: %s', (url, livemode) => {
    expect(urlProblem(url, livemode, 'off')).toBeUndefined();
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
    ['https://example.com/\ud83d', false, 'absolute URL with a host'],
    ['https:\\\\example.com', false, 'absolute URL with a host'],
    ['https://example.com:99999', false, 'absolute URL with a host'],
    ['', false, 'absolute URL with a host'],
    ['https://user:secret@example.com', true, 'user name or password'],
    ['https://example.com/#top', true, 'fragment'],
    [`https://example.com/${'x'.repeat(2029)}`, true, 'at most 2048 characters'],
    ['https://127.0.0.1', true, '127.0.0.1 is in 127.0.0.0/8 (loopback, RFC 1122)'],
    ['https://0x7f.1/', true, '127.0.0.1 is in 127.0.0.0/8 (loopback, RFC 1122)'],
    ['https://[::ffff:10.0.0.1]', true, '::ffff:a00:1 is in ::ffff:0:0/96 (IPv4-mapped, RFC 4291)'],
    ['http://localhost:4242/webhook', false, "'localhost' is a name that is only known locally"],
    ['http://LOCALHOST./webhook', false, "'localhost' is a name that is only known locally"],
    ['https://hooks.localhost', true, 'only known locally'],
    ['https://printer.local', true, 'only known locally'],
    ['https://metadata.google.internal', true, 'only known locally'],
    ['https://intranet', true, 'only known locally'],
    ['https://example.com:22', true, 'port 22, which belongs to another protocol'],
    ['https://example.com:25', true, 'port 25, which belongs to another protocol'],
    ['https://example.com:0', true, 'port 0, which belongs to another protocol'],
  ])('is refused: %s', (url, livemode, message) => {
    expect(urlProblem(url, livemode, 'off')).toContain(message);
  });

  it.each([
    ['http://localhost:4242', 'loopback', true],
    ['http://127.0.0.1:4242', 'loopback', true],
    ['http://[::1]:4242', 'loopback', true],
    ['http://10.0.0.1', 'loopback', false],
    ['http://169.254.169.254', 'loopback', false],
    ['http://intranet', 'loopback', false],
    ['http://10.0.0.1', 'all', true],
    ['http://intranet', 'all', true],
    ['http://localhost:22', 'all', false],
  ] as const)('may be %s where a developer allows %s: %s', (url, allowed, taken) => {
    expect(urlProblem(url, false, allowed) === undefined).toBe(taken);
  });
});
