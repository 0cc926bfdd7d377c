import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from '../support/platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const get = (headers: Record<string, string> = {}) => fetch(`${platform.cloud.apiUrl}/openapi.json`, { headers });

describe('GET /openapi.json', () => {
  it('answers anybody with the description of the API, in the Regions of this deployment', async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('request-id')).toMatch(/\S/);
    const aws_region = { enum: expect.arrayContaining(['us-east-1']) };
    expect(await response.json()).toMatchObject({
      openapi: '3.1.0',
      paths: { '/v2/core/event_destinations': { post: { operationId: 'createEventDestination' } } },
      components: {
        schemas: { CreateEventDestination: { properties: { amazon_eventbridge: { properties: { aws_region } } } } },
      },
    });
  });

  it('answers 304 to whoever has it already', async () => {
    const etag = (await get()).headers.get('etag') ?? '';
    const again = await get({ 'if-none-match': `W/"other", ${etag}` });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('does so without the API function', async () => {
    const invocations = () =>
      [...platform.cloud.lambda.counts].find(([name]) => name.includes('-api-Api'))?.[1].invocations;
    const before = invocations();
    await get();
    expect(invocations()).toBe(before);
  });
});
