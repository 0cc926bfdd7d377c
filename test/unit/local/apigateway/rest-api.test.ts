import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, method, resource, ServedApi, START, stage } from './api.ts';

const ROOT = 'Api.RootResourceId';

const ECHO = `export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) })`;
const named = (name: string) => `export const handler = async () => ({ statusCode: 200, body: '${name}' })`;
/** Answers with the response that is the request's body. */
const ANSWER = 'export const handler = async (event) => JSON.parse(event.body)';

const served = new ServedApi(
  {
    // Children before their parents: a template is in no order.
    Event: resource('Events', '{id}'),
    Resend: resource('Event', 'resend'),
    Special: resource('Events', 'special'),
    Events: resource('V2', 'events'),
    V2: resource(ROOT, 'v2'),
    Rest: resource(ROOT, '{proxy+}'),
    Answer: resource(ROOT, 'answer'),
    Cors: resource(ROOT, 'cors'),
    GetEvents: method('Events', 'GET', 'echo'),
    PostEvents: method('Events', 'POST', 'echo'),
    GetEvent: method('Event', 'GET', 'echo'),
    Resends: method('Resend', 'POST', 'echo'),
    SpecialPatch: method('Special', 'PATCH', 'special'),
    CatchAll: method('Rest', 'ANY', 'rest'),
    RootGet: method(ROOT, 'GET', 'root'),
    Answers: method('Answer', 'POST', 'answer'),
    Preflight: method('Cors', 'OPTIONS', '', {
      Type: 'MOCK',
      RequestTemplates: { 'application/json': '{ statusCode: 204 }' },
      IntegrationResponses: [
        { StatusCode: '204', ResponseParameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" } },
      ],
    }),
    Stage: stage({ Variables: { colour: 'blue' } }),
  },
  { echo: ECHO, special: named('special'), rest: named('rest'), root: named('root'), answer: ANSWER },
  { BinaryMediaTypes: ['image/*'] },
);

beforeAll(() => served.listen());
afterAll(() => served.close());

const echoed = async (path: string, options?: Parameters<ServedApi['raw']>[1]) =>
  JSON.parse((await served.raw(path, options)).body);

describe('a route', () => {
  it.each([
    ['GET', '/', 'root'],
    ['PATCH', '/v2/events/special', 'special'],
    ['DELETE', '/v2/events/special', 'rest'],
    ['GET', '/v2', 'rest'],
    ['GET', '/v2/events/evt_1/unknown', 'rest'],
    ['POST', '/v2/events/evt_1', 'rest'],
    ['GET', '/cors', 'rest'],
  ])('%s %s goes to the most specific resource that has the method', async (verb, path, name) => {
    expect((await served.raw(path, { method: verb })).body).toBe(name);
  });

  it('of an exact resource without the method is the sibling with a parameter', async () => {
    expect(await echoed('/v2/events/special')).toMatchObject({
      resource: '/v2/events/{id}',
      pathParameters: { id: 'special' },
    });
  });

  it('does not mind a trailing slash', async () => {
    expect(await echoed('/v2/events/evt_1/')).toMatchObject({ resource: '/v2/events/{id}', path: '/v2/events/evt_1/' });
  });

  it('without any resource is 403 Missing Authentication Token, as AWS says it', async () => {
    const response = await served.raw('/', { method: 'POST' });
    expect(response).toMatchObject({ status: 403, body: '{"message":"Missing Authentication Token"}' });
    expect(response.headers).toEqual(
      expect.arrayContaining(['x-amzn-ErrorType', 'MissingAuthenticationTokenException']),
    );
  });
});

describe('the event', () => {
  it('is a REST proxy event', async () => {
    const event = await echoed('/v2/events/evt%20%2F1/resend?limit=1&type=a&type=b+c', {
      method: 'POST',
      headers: ['X-Case-Kept', 'one', 'x-case-kept', 'two', 'User-Agent', 'test/1', 'Content-Length', '7'],
      body: '{"a":1}',
    });
    expect(event).toMatchObject({
      resource: '/v2/events/{id}/resend',
      path: '/v2/events/evt%20%2F1/resend',
      httpMethod: 'POST',
      headers: { Host: 'api.test', 'X-Case-Kept': 'two', 'X-Forwarded-For': '127.0.0.1' },
      multiValueHeaders: { 'X-Case-Kept': ['one', 'two'] },
      queryStringParameters: { limit: '1', type: 'b c' },
      multiValueQueryStringParameters: { limit: ['1'], type: ['a', 'b c'] },
      pathParameters: { id: 'evt /1' },
      stageVariables: { colour: 'blue' },
      body: '{"a":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: ACCOUNT,
        apiId: 'Api',
        stage: 'live',
        resourceId: 'Resend',
        resourcePath: '/v2/events/{id}/resend',
        httpMethod: 'POST',
        path: '/v2/events/evt%20%2F1/resend',
        protocol: 'HTTP/1.1',
        domainName: 'api.test',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        requestTime: '21/Nov/2026:23:57:53 +0000',
        requestTimeEpoch: START,
        identity: { sourceIp: '127.0.0.1', userAgent: 'test/1' },
      },
    });
  });

  it('has null where the request has nothing', async () => {
    expect(await echoed('/v2/events')).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
    });
  });

  it('carries a binary body as base64', async () => {
    const options = { method: 'POST', headers: ['Content-Type', 'image/png', 'Content-Length', '2'], body: 'hi' };
    expect(await echoed('/v2/events', options)).toMatchObject({ body: 'aGk=', isBase64Encoded: true });
  });

  it('is not made from a path that cannot be decoded', async () => {
    expect(await served.raw('/v2/events/%zz')).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
  });

  it('is not made from a body over 10 MB', async () => {
    const response = await served.fetch('/v2/events', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ message: 'Request Too Long' });
  });
});

describe('the response', () => {
  const answer = (response: unknown, headers: Record<string, string> = {}) =>
    served.fetch('/answer', { method: 'POST', body: JSON.stringify(response), headers });

  it('is what the function says, with the ids of the request', async () => {
    const response = await answer({
      statusCode: 201,
      headers: { 'X-One': 1, 'Content-Type': 'text/plain', Date: 'never' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'made',
    });
    expect(response.status).toBe(201);
    expect(await response.text()).toBe('made');
    expect(response.headers.get('x-one')).toBe('1');
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('x-amzn-remapped-date')).toBe('never');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('x-amz-apigw-id')).toMatch(/=$/);
  });

  it('is JSON by default, and may have no body', async () => {
    const response = await answer({ statusCode: '200' });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('');
  });

  it('is decoded from base64 only for who accepts a binary media type', async () => {
    const image = { statusCode: 200, body: 'aGk=', isBase64Encoded: true };
    expect(await (await answer(image, { accept: 'image/png' })).text()).toBe('hi');
    expect(await (await answer(image, { accept: 'text/plain' })).text()).toBe('aGk=');
  });

  it.each([
    ['null', null],
    ['text', 'hello'],
    ['an object without statusCode', { body: '' }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
    ['a header that is none', { statusCode: 200, headers: { 'bad name': 'x' } }],
  ])('is 502 where the function answers %s', async (_, malformed) => {
    const response = await answer(malformed);
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ message: 'Internal server error' });
  });

  it('to HEAD has no body', async () => {
    const response = await served.fetch('/anything', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('4');
  });

  it('of a MOCK integration comes from the template', async () => {
    const response = await served.fetch('/cors', { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('a connection', () => {
  it('takes pipelined requests and answers in their order', async () => {
    const socket = connect(served.port, '127.0.0.1');
    const get = (path: string, connection: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
    socket.write(get('/', 'keep-alive') + get('/other', 'keep-alive') + get('/', 'close'));
    expect(await text(socket)).toMatch(/\r\n\r\nroot.*\r\n\r\nrest.*\r\n\r\nroot/s);
  });

  it('that breaks in the middle of a body leaves the API working and the clock free', async () => {
    const socket = connect(served.port, '127.0.0.1');
    socket.write('POST /answer HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await expect.poll(() => served.clock.busy).toBe(1);
    socket.destroy();
    await expect.poll(() => served.clock.busy).toBe(0);
    expect((await served.raw('/')).body).toBe('root');
  });
});

it('counts every request, as it is billed', async () => {
  const before = served.api.requests;
  await served.raw('/');
  await served.raw('/', { method: 'POST' });
  expect(served.api.requests - before).toBe(2);
});
