import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { KEPT } from '../../../shared/destinations/webhook-endpoint/agents.ts';
import { type ClientOptions, createClient } from '../../../shared/destinations/webhook-endpoint/client.ts';
import { makeCertificate } from '../../support/certificates.ts';

const authority = makeCertificate({ subject: 'The authority that is trusted', authority: true });
const certificate = makeCertificate({ subject: 'hosts', names: ['*.example.com'], issuer: authority });

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A receiver that keeps its connections for longer than a test runs, and the client that posts to it by many hosts' names. */
async function listen({
  scheme = 'http',
  options = {},
  answering = (_request, response) => response.end(),
}: {
  scheme?: 'http' | 'https';
  options?: Partial<ClientOptions>;
  answering?: RequestListener;
}) {
  const kept: ServerOptions = { keepAliveTimeout: 600_000 };
  const server =
    scheme === 'https' ? createTlsServer({ ...kept, ...certificate }, answering) : createServer(kept, answering);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const counts = { opened: 0, open: 0, most: 0 };
  server.on('connection', (socket) => {
    counts.opened += 1;
    counts.open += 1;
    counts.most = Math.max(counts.most, counts.open);
    socket.once('close', () => {
      counts.open -= 1;
    });
  });
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    ...{ allowed: 'loopback', ca: authority.cert, resolve: async () => ['127.0.0.1'] },
    ...options,
  });
  const urlOf = (host: string) => `${scheme}://${host}.example.com:${port}/`;
  const post = async (host: string): Promise<void> => {
    const result = await client({ url: urlOf(host), headers: {}, body: '{}' });
    expect(result).toMatchObject({ status: 200 });
  };
  return { counts, post, client, url: urlOf('host') };
}

/** As over a network: no name is looked up in no time. */
async function slowly(): Promise<string[]> {
  await sleep(20);
  return ['127.0.0.1'];
}

const EVENTUALLY = { timeout: 10_000 };
/** Of a batch. */
const AT_ONCE = 10;

describe('the connections of a client', () => {
  it.each(['http', 'https'] as const)('by %s stay below a number in all, to however many hosts', async (scheme) => {
    const { counts, post } = await listen({ scheme });
    for (let batch = 0; batch < 30; batch += 1)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => post(`host-${batch}-${index}`)));
    expect(counts.opened).toBe(300);
    await expect.poll(() => counts.open, EVENTUALLY).toBe(KEPT.connections);
    // The receiver hears of a connection's end a little later.
    expect(counts.most).toBeLessThanOrEqual(KEPT.connections + 2 * AT_ONCE);
  });

  it('are kept to the hosts that were sent to last', async () => {
    const { counts, post } = await listen({});
    for (let host = 0; host < KEPT.connections; host += 1) await post(`host-${host}`);
    await post('host-0');
    expect(counts.opened).toBe(KEPT.connections);
    await post('another');
    await post('host-0');
    expect(counts.opened).toBe(KEPT.connections + 1);
    await post('host-1');
    expect(counts.opened).toBe(KEPT.connections + 2);
  });

  it('are not taken for stale when they break after the time for a new one', async () => {
    const connectMs = 400;
    let requests = 0;
    const answering: RequestListener = async (request, response) => {
      requests += 1;
      if (requests === 1) return void response.end();
      await sleep(1.5 * connectMs);
      request.socket.resetAndDestroy();
    };
    const { url, client } = await listen({ options: { connectMs, resolve: slowly }, answering });
    const post = () => client({ url, headers: {}, body: '{}' });
    expect(await post()).toMatchObject({ status: 200 });
    expect(await post()).toMatchObject({ failure: 'Connection closed' });
    expect(requests).toBe(2);
  });

  it('are closed when they were idle for a while, and not while an answer takes longer', async () => {
    const idleMs = 50;
    const answering: RequestListener = async (_request, response) => {
      await sleep(4 * idleMs);
      response.end();
    };
    const { counts, post } = await listen({ options: { idleMs }, answering });
    await post('slow');
    // By the connection that is kept, whose time has begun already.
    await post('slow');
    expect(counts.opened).toBe(1);
    await expect.poll(() => counts.open, EVENTUALLY).toBe(0);
  });
});
