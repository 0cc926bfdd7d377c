import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateTargets, refusedRange } from '../../../shared/destinations/webhook-endpoint/addresses.ts';
import { type Client, createClient, type Result } from '../../../shared/destinations/webhook-endpoint/client.ts';
import { urlProblem } from '../../../shared/destinations/webhook-endpoint/url.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { startSlowListener } from '../../support/slow-listener.ts';
import { ADDRESSES, URL_SPELLINGS } from './webhook-address-cases.ts';

/** Posts to the URL by the client that deliveries are made with. */
const post = (url: string, client: Client = createClient({ allowed: 'off' })) =>
  client({ url, headers: { 'content-type': 'application/json' }, body: '{}' });

const reasonOf = (result: Result) =>
  'failure' in result ? result.failure : 'status' in result ? result.status : result;
const inUrl = (address: string) => (address.includes(':') ? `[${address}]` : address);
const resolvingTo = (allowed: PrivateTargets, ...answers: readonly (readonly string[])[]) => {
  let asked = 0;
  const resolve = async () => answers[Math.min(asked++, answers.length - 1)] ?? [];
  return { client: createClient({ allowed, resolve }), asked: () => asked };
};

describe('the table of addresses', () => {
  it('has at least 120 cases, with both edges of each range', () => {
    expect(ADDRESSES.length).toBeGreaterThanOrEqual(120);
  });

  it.each(ADDRESSES)('%s is %s: %s (%s)', (address, verdict, name, source) => {
    const range = refusedRange(address, 'off');
    if (verdict === 'allowed') expect(range).toBeUndefined();
    else expect(range).toMatchObject({ name: expect.stringContaining(name), source: expect.stringContaining(source) });
  });
});

describe('the client', () => {
  const refused = ADDRESSES.filter(([, verdict]) => verdict === 'refused').map(([address]) => address);

  it('sends nothing to a refused address, neither by its literal nor by a name that resolves to it', async () => {
    const results = await Promise.all(
      refused.map(async (address) => {
        const literal = await post(`http://${inUrl(address)}:8080/`);
        const { client } = resolvingTo('off', [address]);
        return [address, reasonOf(literal), reasonOf(await post('http://receiver.example.com:8080/', client))];
      }),
    );
    for (const [address, literal, byName] of results)
      expect([address, literal, byName]).toEqual([address, 'Address not allowed', 'Address not allowed']);
  });
});

describe('a listener on an address of this machine', () => {
  /** Every loopback address is this machine's; what else it has are whatever its network gave it. */
  const own = Object.values(networkInterfaces()).flatMap((found = []) =>
    found.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address),
  );
  const hosts = [...new Set(['127.0.0.1', '127.0.0.2', '127.255.255.254', '::1', ...own])];
  const receivers = new Map<string, Receiver>();
  const receiverAt = (host: string): Receiver => {
    const receiver = receivers.get(host);
    if (!receiver) throw new Error(`Nothing listens on ${host}`);
    return receiver;
  };
  beforeAll(async () => {
    for (const host of hosts) receivers.set(host, await startReceiver(host));
  });
  afterAll(async () => {
    for (const receiver of receivers.values()) await receiver.close();
  });

  it.each(hosts)('is not connected to by the literal %s or a name, unless a developer allows it', async (host) => {
    const receiver = receiverAt(host);
    const { port } = new URL(receiver.url);
    const named = `http://receiver.example.com:${port}/`;
    // Where a machine has a public address, sending to it is what the client is for.
    if (refusedRange(host, 'off') !== undefined) {
      expect(reasonOf(await post(receiver.url))).toBe('Address not allowed');
      expect(reasonOf(await post(named, resolvingTo('off', [host]).client))).toBe('Address not allowed');
      expect(receiver.connections).toBe(0);
    }
    expect(reasonOf(await post(receiver.url, createClient({ allowed: 'all' })))).toBe(200);
    expect(reasonOf(await post(named, resolvingTo('all', [host]).client))).toBe(200);
    expect(receiver.requests).toHaveLength(2);
  });

  it.each(URL_SPELLINGS)('is not connected to by %s, which is %s', async (spelling, address) => {
    const receiver = receiverAt('127.0.0.1');
    const before = receiver.connections;
    const url = `http://${spelling}:${new URL(receiver.url).port}/`;
    expect(reasonOf(await post(url))).toBe('Address not allowed');
    expect(urlProblem(url, false, 'off')).toContain(address);
    expect(receiver.connections).toBe(before);
  });

  it('is not connected to by a name with a public address beside a private one, in any order', async () => {
    const receiver = receiverAt('127.0.0.1');
    const before = receiver.connections;
    const url = `http://receiver.example.com:${new URL(receiver.url).port}/`;
    for (const answer of [
      ['127.0.0.1', '93.184.215.14'],
      ['93.184.215.14', '127.0.0.1'],
      ['93.184.215.14', '2606:4700:4700::1111', '::1'],
    ])
      expect(reasonOf(await post(url, resolvingTo('off', answer).client))).toBe('Address not allowed');
    expect(receiver.connections).toBe(before);
  });

  it('is connected to at the address that was checked: a name is looked up once, and what it says later is too late', async () => {
    const receiver = receiverAt('127.0.0.1');
    const url = `http://rebinding.example.com:${new URL(receiver.url).port}/`;
    // With loopback for what is allowed, because nothing here can listen on a public address.
    const { client, asked } = resolvingTo('loopback', ['127.0.0.1'], ['169.254.169.254']);
    expect(reasonOf(await post(url, client))).toBe(200);
    expect(asked()).toBe(1);
    const again = resolvingTo('loopback', ['169.254.169.254'], ['127.0.0.1']);
    const before = receiver.connections;
    expect(reasonOf(await post(url, again.client))).toBe('Address not allowed');
    expect(again.asked()).toBe(1);
    expect(receiver.connections).toBe(before);
  });

  it('is connected to by IPv4 alone where its name has both, and by IPv6 where it has nothing else', async () => {
    const receiver = receiverAt('::1');
    const url = `http://receiver.example.com:${new URL(receiver.url).port}/`;
    const before = receiver.connections;
    // Nothing listens there on 127.0.0.3.
    for (const answer of [
      ['127.0.0.3', '::1'],
      ['::1', '127.0.0.3'],
    ])
      expect(reasonOf(await post(url, resolvingTo('loopback', answer).client))).toBe('Unable to connect');
    expect(receiver.connections).toBe(before);
    expect(reasonOf(await post(url, resolvingTo('loopback', ['::1']).client))).toBe(200);
  });

  it('is connected to as localhost on either of its addresses', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const url = `http://localhost:${new URL(receiverAt(host).url).port}/`;
      expect(reasonOf(await post(url, createClient({ allowed: 'loopback' })))).toBe(200);
    }
  });

  it.each([
    ['http', 200],
    ['https', 'TLS error'],
  ])(
    'has longer for a connection by %s than a lost packet takes to be sent again, whatever address follows',
    async (scheme, reached) => {
      const listener = await startSlowListener();
      try {
        // Nothing listens there on 127.0.0.3: who goes on to it too soon can deliver nothing.
        const { client } = resolvingTo('loopback', ['127.0.0.1', '127.0.0.3']);
        const posting = post(`${scheme}://receiver.example.com:${listener.port}/`, client);
        await sleep(300);
        listener.accept();
        expect(reasonOf(await posting)).toBe(reached);
      } finally {
        await listener.close();
      }
    },
  );

  it('is not asked again where a redirect points to it', async () => {
    const inner = receiverAt('127.0.0.2');
    const outer = receiverAt('127.0.0.1');
    outer.answering = (_request, response) => response.writeHead(307, { location: inner.url }).end();
    const before = inner.connections;
    expect(reasonOf(await post(outer.url, createClient({ allowed: 'loopback' })))).toBe(307);
    expect(inner.connections).toBe(before);
  });

  it('is no proxy, whatever the environment says', async () => {
    const proxy = receiverAt('127.0.0.2');
    const receiver = receiverAt('::1');
    const before = proxy.connections;
    const variables = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    for (const name of variables) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url;
    try {
      expect(reasonOf(await post(receiver.url, createClient({ allowed: 'loopback' })))).toBe(200);
      expect(reasonOf(await post(receiver.url.replace('http:', 'https:'), createClient({ allowed: 'loopback' })))).toBe(
        'TLS error',
      );
    } finally {
      for (const name of variables) delete process.env[name];
    }
    expect(proxy.connections).toBe(before);
  });
});

describe('a name', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', 'hooks.localhost', 'a.b.localhost'])(
    'such as %s is this machine, whatever a resolver says, and refused',
    async (name) => {
      expect(reasonOf(await post(`http://${name}:8080/`))).toBe('Address not allowed');
      expect(urlProblem(`http://${name}:8080/`, false, 'off')).toContain('only known locally');
    },
  );

  it('that does not resolve, or has no address, cannot be connected to', async () => {
    const nothing = resolvingTo('off', []).client;
    expect(reasonOf(await post('http://nothing.example.com/', nothing))).toBe('Unable to connect');
  });
});
