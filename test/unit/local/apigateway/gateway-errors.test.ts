import { afterEach, describe, expect, it } from 'vitest';
import { gatewayResponse, method, resource, ServedApi, stage } from './api.ts';

const ROOT = 'Api.RootResourceId';
const OK = `export const handler = async () => ({ statusCode: 200, body: 'ok' })`;

/** A small API: GET / works, the other paths fail each in its way. */
const RESOURCES = {
  Crash: resource(ROOT, 'crash'),
  Slow: resource(ROOT, 'slow'),
  Missing: resource(ROOT, 'missing'),
  GetRoot: method(ROOT, 'GET', 'ok'),
  PostRoot: method(ROOT, 'POST', 'ok'),
  GetCrash: method('Crash', 'GET', 'crash'),
  GetSlow: method('Slow', 'GET', 'slow', { TimeoutInMillis: 100 }),
  GetMissing: method('Missing', 'GET', 'missing'),
};
const FUNCTIONS = {
  ok: OK,
  crash: 'export const handler = async () => { throw new Error("secret"); }',
  slow: 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 2000))',
};
const ENVELOPE = {
  ResponseTemplates: {
    'application/json':
      '{"error":{"message":$context.error.messageString,"type":"$context.error.responseType","log":"$context.requestId"}}',
  },
  ResponseParameters: {
    'gatewayresponse.header.Request-Id': 'context.requestId',
    'gatewayresponse.header.X-Asked': 'method.request.header.X-Ask',
    'gatewayresponse.header.Retry-After': "'1'",
  },
};

let served: ServedApi;
afterEach(() => served.close());

async function serve(more: ConstructorParameters<typeof ServedApi>[0] = {}): Promise<void> {
  served = new ServedApi({ ...RESOURCES, ...more }, FUNCTIONS);
  await served.listen();
}

async function answer(path: string, init?: RequestInit) {
  const response = await served.fetch(path, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('without gateway responses of its own the API answers as AWS', () => {
  it.each([
    ['a crash', '/crash', 502, 'Internal server error', 'InternalServerErrorException'],
    ['an integration time-out', '/slow', 504, 'Endpoint request timed out', 'InternalServerErrorException'],
    ['a function that is not there', '/missing', 500, 'Internal server error', 'InternalServerErrorException'],
    ['an unknown path', '/ghost', 403, 'Missing Authentication Token', 'MissingAuthenticationTokenException'],
  ])('to %s', async (_, path, status, message, errorType) => {
    await serve();
    const response = await answer(path);
    expect(response).toMatchObject({ status, body: { message } });
    expect(response.headers.get('x-amzn-errortype')).toBe(errorType);
  });
});

describe('a gateway response', () => {
  it('of DEFAULT_4XX and DEFAULT_5XX stands in for every type, and keeps the status', async () => {
    await serve({ Four: gatewayResponse('DEFAULT_4XX', ENVELOPE), Five: gatewayResponse('DEFAULT_5XX', ENVELOPE) });
    const refused = await answer('/ghost', { headers: { 'x-ask': 'why' } });
    const id = refused.headers.get('x-amzn-requestid');
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({
      error: { message: 'Missing Authentication Token', type: 'MISSING_AUTHENTICATION_TOKEN', log: id },
    });
    expect(refused.headers.get('request-id')).toBe(id);
    expect(refused.headers.get('x-asked')).toBe('why');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await answer('/crash')).toMatchObject({ status: 502, body: { error: { type: 'INTEGRATION_FAILURE' } } });
    expect(await answer('/slow')).toMatchObject({ status: 504, body: { error: { type: 'INTEGRATION_TIMEOUT' } } });
  });

  it('leaves out a header whose source the request does not have', async () => {
    await serve({ Four: gatewayResponse('DEFAULT_4XX', ENVELOPE) });
    expect((await answer('/ghost')).headers.has('x-asked')).toBe(false);
  });

  it('of the exact type goes first, and may change the status', async () => {
    await serve({
      Four: gatewayResponse('DEFAULT_4XX', ENVELOPE),
      Exact: gatewayResponse('MISSING_AUTHENTICATION_TOKEN', {
        StatusCode: '404',
        ResponseTemplates: { 'application/json': '{"no":"$context.path"}' },
      }),
    });
    expect(await answer('/ghost')).toMatchObject({ status: 404, body: { no: '/ghost' } });
  });

  it('of INTEGRATION_FAILURE makes a crash 504, its own default', async () => {
    await serve({ Exact: gatewayResponse('INTEGRATION_FAILURE', {}) });
    expect(await answer('/crash')).toMatchObject({ status: 504, body: { message: 'Internal server error' } });
  });
});

describe('throttling', () => {
  const limits = (settings: object[]) => ({ Stage: stage({ MethodSettings: settings }) });

  it('by Lambda is 500, never 429', async () => {
    await serve();
    served.lambda.register({
      name: 'missing',
      arn: 'arn:aws:lambda:eu-west-1:111111111111:function:missing',
      codeDir: '/',
      handler: 'index.handler',
      timeoutSeconds: 3,
      memoryMb: 128,
      environment: {},
      reservedConcurrency: 0,
    });
    expect(await answer('/missing')).toMatchObject({ status: 500, body: { message: 'Internal server error' } });
  });

  it('refills with virtual time, for each method by itself', async () => {
    await serve(limits([{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 2, ThrottlingBurstLimit: 3 }]));
    const statuses = async (count: number, verb: string) => {
      const seen: number[] = [];
      for (let i = 0; i < count; i += 1) seen.push((await served.fetch('/', { method: verb })).status);
      return seen;
    };
    expect(await statuses(4, 'GET')).toEqual([200, 200, 200, 429]);
    expect(await statuses(1, 'POST')).toEqual([200]);
    await served.clock.advance(1_000);
    expect(await statuses(3, 'GET')).toEqual([200, 200, 429]);
    expect(await answer('/')).toMatchObject({ status: 429, body: { message: 'Too Many Requests' } });
  });

  it('takes the most specific setting', async () => {
    await serve(
      limits([
        { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 0, ThrottlingBurstLimit: 0 },
        { HttpMethod: 'GET', ResourcePath: '/~1crash', ThrottlingRateLimit: -1, ThrottlingBurstLimit: -1 },
      ]),
    );
    expect((await answer('/slow')).status).toBe(429);
    expect((await answer('/crash')).status).toBe(502);
  });
});
