import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveBy } from '../../../shared/destinations/webhook-endpoint/lookup.ts';

const A = 1;
const AAAA = 28;

/** A name server that never answers what the IPv6 address of `four` is. */
let server: Socket;
beforeAll(async () => {
  server = createSocket('udp4');
  server.on('message', (query, { port, address }) => {
    const name = query.subarray(13, 13 + query.readUInt8(12)).toString();
    const type = query.readUInt16BE(query.length - 4);
    const record = recordOf(name, type);
    if (record) server.send(answerTo(query, type, record), port, address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

function recordOf(name: string, type: number): Buffer | undefined {
  if (type === A) return Buffer.from([203, 0, 113, 7]);
  if (type === AAAA && name !== 'four') return Buffer.from('20010db8000000000000000000000007', 'hex');
  return undefined;
}

/** One answer of RFC 1035, its name a pointer to the question's. A query has one question, and nothing after it. */
function answerTo(query: Buffer, type: number, record: Buffer): Buffer {
  const header = Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])]);
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 60, 0, record.length]);
  return Buffer.concat([header, query.subarray(12), head, record]);
}

function resolve(host: string): Promise<readonly string[]> {
  // A single try of so long that it would be waited for in vain.
  const resolver = new Resolver({ timeout: 60_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return resolveBy(resolver, host);
}

describe('a receiver’s name', () => {
  it('is resolved to the addresses of both families', async () => {
    expect(await resolve('both.example')).toEqual(['203.0.113.7', '2001:db8::7']);
  });

  it('is not waited for when only IPv4 is answered', async () => {
    expect(await resolve('four.example')).toEqual(['203.0.113.7']);
  });
});
