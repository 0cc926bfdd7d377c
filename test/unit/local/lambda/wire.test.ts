import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Clock } from '../../../../local/clock.ts';
import { Lambda } from '../../../../local/lambda/lambda.ts';
import type { Aws } from '../../../../local/lambda/protocol.ts';
import { functionOf } from './functions.ts';

/** Nobody listens there: what comes to it came by no socket. */
const URL = 'http://127.0.0.1:9';

/** Posts what it is told to the port that it is told, as the SDK does, and answers with what it got. */
const POSTS = `
import http from 'node:http';
export const handler = ({ port, body, giveUp }) => new Promise((resolve) => {
  const headers = { Authorization: 'me', 'X-Amz-Target': 'Service.Operation' };
  const request = http.request({ host: '127.0.0.1', port, method: 'POST', path: '/', headers }, async (response) => {
    let text = '';
    for await (const chunk of response) text += chunk;
    resolve({ status: response.statusCode, type: response.headers['content-type'], text });
  });
  request.on('error', ({ message }) => resolve({ error: message }));
  request.end(Buffer.from(body));
  if (giveUp) setTimeout(() => request.destroy(new Error('Given up')), 50);
});`;

let clock: Clock;
let lambda: Lambda;
let asked: unknown[];
let respond: Aws['respond'];
beforeEach(() => {
  clock = new Clock();
  asked = [];
  respond = async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"é":1}' });
  const aws: Aws = {
    url: URL,
    respond(call) {
      asked.push(call);
      return respond(call);
    },
  };
  lambda = new Lambda({ clock, log: () => {}, aws });
  lambda.register(functionOf(POSTS));
});
afterEach(async () => {
  await lambda.close();
  clock.close();
});

const post = async (input: object) => (await lambda.invoke('fn', { port: 9, body: '{}', ...input })).payload;

describe('what a function sends to the AWS port', () => {
  it('comes without a socket, and so does its answer', async () => {
    expect(await post({ body: '{"ä":[1]}' })).toEqual({ status: 200, type: 'application/json', text: '{"é":1}' });
    expect(asked).toEqual([
      { headers: { authorization: 'me', 'x-amz-target': 'Service.Operation' }, body: '{"ä":[1]}' },
    ]);
  });

  it('may be refused', async () => {
    respond = async () => ({ status: 400, headers: {}, body: '{"__type":"No"}' });
    expect(await post({})).toEqual({ status: 400, text: '{"__type":"No"}' });
  });

  it('may be given up by the function; the answer to it disturbs no other', async () => {
    const late = Promise.withResolvers<void>();
    respond = async ({ body }) => {
      if (body === 'first') await late.promise;
      return { status: 200, headers: {}, body };
    };
    expect(await post({ body: 'first', giveUp: true })).toEqual({ error: 'Given up' });
    late.resolve();
    expect(await post({ body: 'second' })).toEqual({ status: 200, text: 'second' });
  });
});

describe('what a function sends elsewhere', () => {
  let server: Server;
  afterEach(() => server.close());

  it('goes out as ever', async () => {
    server = createServer((_request, response) => response.end('from outside'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await post({ port })).toMatchObject({ status: 200, text: 'from outside' });
    expect(asked).toEqual([]);
  });
});
