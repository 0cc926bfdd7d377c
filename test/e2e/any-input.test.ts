import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationDescription } from '../../functions/api/openapi/description.ts';
import { operationDescriptions } from '../../functions/api/openapi/operations/index.ts';
import { type Route, routes } from '../../functions/api/routes.ts';
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

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', '*', '__proto__', '\ud800', '🚀'),
);
const wrong = fc.oneof(text, fc.jsonValue({ maxDepth: 4 }), fc.double(), fc.constant(undefined));

/** What the API describes of an operation: with it, wrong values come to the right places. */
const describedOf = ({ operation }: Route): OperationDescription => operationDescriptions[operation];
const exampleOf = (route: Route): unknown => describedOf(route).body?.example ?? {};

/** A body as the operation takes it, but for some fields, at any depth, that hold what they may not, or are missing. */
const spoiled = (example: unknown): fc.Arbitrary<unknown> => {
  if (Array.isArray(example)) return fc.oneof(fc.tuple(...example.map(spoiled)), fc.jsonValue());
  if (typeof example !== 'object' || example === null)
    return fc.oneof({ weight: 3, arbitrary: fc.constant(example) }, wrong);
  const fields = Object.entries(example).map(([name, value]): [string, fc.Arbitrary<unknown>] => [
    name,
    fc.oneof({ weight: 3, arbitrary: spoiled(value) }, wrong),
  ]);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
};

/** Deep nesting, huge texts, fields that nobody knows, and bodies that are no JSON at all. */
const deep = fc.nat({ max: 3000 }).map((depth) => `{"data":${'['.repeat(depth)}${']'.repeat(depth)}}`);
const huge = fc.nat({ max: 400_000 }).map((length) => JSON.stringify({ name: 'x'.repeat(length) }));
const object = fc.dictionary(text, fc.jsonValue({ maxDepth: 4 }), { maxKeys: 8 });
const several = fc.array(fc.oneof(object, fc.constant({ type: 'a.b', data: { object: {} } }), fc.jsonValue()), {
  maxLength: 11,
});
const bodyOf = (route: Route) =>
  fc.oneof(
    { weight: 6, arbitrary: spoiled(exampleOf(route)).map((value) => JSON.stringify(value)) },
    object.map((value) => JSON.stringify(value)),
    { weight: 2, arbitrary: several.map((events) => JSON.stringify({ events })) },
    fc.jsonValue().map((value) => JSON.stringify(value)),
    text,
    deep,
    huge,
  );

const queryOf = (route: Route) => {
  const names = describedOf(route).query?.map(({ name }) => name) ?? [];
  const name = names.length > 0 ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, text) : text;
  return fc.array(fc.tuple(name, text), { maxLength: 3 });
};

const request = fc.constantFrom(...routes).chain((route) =>
  fc.record({
    route: fc.constant(route),
    id: fc.nat(),
    query: queryOf(route),
    body: bodyOf(route),
    publisher: fc.boolean(),
    contentType: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', undefined),
    version: fc.constantFrom(undefined, '2025-08-27.preview', 'yesterday'),
    idempotencyKey: fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 300 }), { nil: undefined }),
  }),
);

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
