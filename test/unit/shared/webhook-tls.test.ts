import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../shared/destinations/webhook-endpoint/client.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { startReceiver } from '../../support/receiver.ts';

const HOST = 'hooks.example.com';
const DAY = 86_400_000;

const authority = makeCertificate({ subject: 'The authority that is trusted', authority: true });
const stranger = makeCertificate({ subject: 'Another authority', authority: true });
const good = { subject: HOST, names: [HOST], issuer: authority };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A receiver that speaks TLS in the given way, behind the name. */
async function listen(options: ServerOptions): Promise<string> {
  const server = createServer(options, (_request, response) => response.end('taken'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `https://${HOST}:${port}/`;
}

/** The real client, which trusts the authority as node trusts the public ones. */
const post = (url: string) =>
  createClient({ allowed: 'loopback', ca: authority.cert, resolve: async () => ['127.0.0.1'] })({
    url,
    headers: {},
    body: '{}',
  });

/** What only TLS 1.0 and 1.1 have is behind OpenSSL's lowest security level. */
const old = (maxVersion: 'TLSv1' | 'TLSv1.1'): ServerOptions => ({
  ...makeCertificate(good),
  minVersion: 'TLSv1',
  maxVersion,
  ciphers: 'DEFAULT@SECLEVEL=0',
});

describe('a receiver over TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is sent to by %s with a certificate for its name', async (version) => {
    const url = await listen({ ...makeCertificate(good), minVersion: version, maxVersion: version });
    expect(await post(url)).toMatchObject({ status: 200, excerpt: 'taken' });
  });

  it.each<[string, ServerOptions, RegExp]>([
    [
      'a certificate that has expired',
      makeCertificate({ ...good, until: Date.now() - 1000 }),
      /^The certificate has expired \(CERT_HAS_EXPIRED\)$/,
    ],
    [
      'a certificate that is not valid yet',
      makeCertificate({ ...good, until: Date.now() + 400 * DAY }),
      /^The certificate is not valid yet \(CERT_NOT_YET_VALID\)$/,
    ],
    [
      'a certificate for another name',
      makeCertificate({ ...good, names: ['other.example.com'] }),
      /^The certificate is for another name\. .*DNS:other\.example\.com \(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
    ],
    [
      'a certificate of an unknown authority',
      makeCertificate({ ...good, issuer: stranger }),
      /^The certificate is not signed by a public authority, or an intermediate .* \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/,
    ],
    [
      'a certificate that it signed itself',
      makeCertificate({ subject: HOST, names: [HOST] }),
      /^The certificate is signed by itself, .* \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    ],
    ['TLS 1.0 alone', old('TLSv1'), /^The receiver speaks no TLS 1\.2 or later \(EPROTO\)$/],
    ['TLS 1.1 at most', old('TLSv1.1'), /^The receiver speaks no TLS 1\.2 or later \(EPROTO\)$/],
    [
      'a wish for a client certificate',
      { ...makeCertificate(good), requestCert: true },
      /^The receiver asks for a client certificate \(ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED\)$/,
    ],
  ])('is not sent to with %s, and the attempt says so', async (_what, options, detail) => {
    const url = await listen(options);
    expect(await post(url)).toMatchObject({ failure: 'TLS error', detail: expect.stringMatching(detail) });
  });

  it('that speaks plain HTTP on the port is told from one whose TLS is bad', async () => {
    const receiver = await startReceiver();
    closers.push(() => receiver.close());
    const detail = 'The receiver does not speak TLS on this port (EPROTO)';
    expect(await post(receiver.url.replace('http:', 'https:'))).toMatchObject({ failure: 'TLS error', detail });
    expect(receiver.requests).toEqual([]);
  });
});
