import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../functions/api/routes.ts';
import { createDestination, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let platform: Platform;
let ids: string[];

beforeAll(async () => {
  platform = await startPlatform();
  const { id } = await createDestination(platform);
  ids = [id, await publish(platform), 'ed_test_', '..', '%00', 'é', "';--", 'x'.repeat(300)];
  await platform.cloud.clock.settled();
});
afterAll(() => platform.close());

const FIELDS = [
  'name',
  'type',
  'enabled_events',
  'event_payload',
  'metadata',
  'amazon_eventbridge',
  'data',
  'object',
  'events',
];
const QUERY = ['limit', 'page', 'created[gte]', 'types[0]', 'include[0]', 'starting_after', 'object_id', 'status'];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', '*', '__proto__', '\ud800', '🚀'),
);

/** Wrong types in the right places, deep nesting, huge texts, and bodies that are no JSON at all. */
const deep = fc.nat({ max: 3000 }).map((depth) => `{"data":${'['.repeat(depth)}${']'.repeat(depth)}}`);
const huge = fc.nat({ max: 400_000 }).map((length) => JSON.stringify({ name: 'x'.repeat(length) }));
const object = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), text), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 8 });
const several = fc.array(fc.oneof(object, fc.constant({ type: 'a.b', data: { object: {} } }), fc.jsonValue()), {
  maxLength: 11,
});
const body = fc.oneof(
  { weight: 6, arbitrary: object.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: several.map((events) => JSON.stringify({ events })) },
  fc.jsonValue().map((value) => JSON.stringify(value)),
  text,
  deep,
  huge,
);

const request = fc.record({
  route: fc.constantFrom(...routes),
  id: fc.nat(),
  query: fc.array(fc.tuple(fc.oneof(fc.constantFrom(...QUERY), text), text), { maxLength: 3 }),
  body,
  publisher: fc.boolean(),
  contentType: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', undefined),
  version: fc.constantFrom(undefined, '2025-08-27.preview', 'yesterday'),
  idempotencyKey: fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 300 }), { nil: undefined }),
});

describe('whatever is sent to any route', () => {
  it('is never an error of ours: always the envelope, always a Request-Id', async () => {
    await fc.assert(
      fc.asyncProperty(
        request,
        async ({ route, id, query, publisher, contentType, version, idempotencyKey, ...sent }) => {
          const path = route.path.replace('{id}', encodeURI(ids[id % ids.length]?.toWellFormed() ?? ''));
          const search = new URLSearchParams(
            query.map(([name, value]): [string, string] => [name.toWellFormed(), value.toWellFormed()]),
          );
          const answer = await platform.request(route.method, `${path}?${search}`, {
            key: publisher ? platform.seed.publish_key : platform.seed.test_key,
            ...(route.method === 'POST' && { body: sent.body.toWellFormed() }),
            headers: {
              ...(contentType && { 'content-type': contentType }),
              ...(version && { 'stripe-version': version }),
              ...(idempotencyKey && { 'idempotency-key': idempotencyKey.trim() || 'key' }),
            },
          });
          expect(answer.status).toBeLessThan(500);
          expect(answer.headers.get('request-id')).toMatch(/\S/);
          if (answer.status >= 400)
            expect(answer.body).toEqual({
              error: expect.objectContaining({
                code: expect.any(String),
                message: expect.any(String),
                type: expect.any(String),
              }),
            });
        },
      ),
      { numRuns: 400 },
    );
  });
});
