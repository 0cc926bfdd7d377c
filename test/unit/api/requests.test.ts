import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { openApiDocument } from '../../../functions/api/openapi/document.ts';
import { RollRequest } from '../../../functions/api/operations/roll-signing-secret.ts';
import { RetryRequest } from '../../../functions/events/retry-event.ts';
import { parseCreateRequest } from '../../../shared/destinations/create-request.ts';
import { parseUpdateRequest } from '../../../shared/destinations/update-request.ts';
import { destinationEventType, isDestinationEvent } from '../../../shared/events/about-destination.ts';
import { parsePublished, parseSeveral } from '../../../shared/events/event.ts';
import type { Payload } from '../../../shared/events/types.ts';
import { ApiError, invalidField } from '../../../shared/http/errors.ts';
import { validated } from '../../../shared/http/validation.ts';
import { compiled, problemsOf } from '../../support/openapi/document.ts';

/**
 * What openapi.json accepts, the handlers accept, and what it refuses they refuse: for bodies near the edges of each
 * rule. Not generated is what JSON Schema cannot say: depth and bytes, a URL's finer points, an update's merged metadata.
 */
const REGIONS = ['us-east-1', 'eu-west-1'];
process.env.DESTINATION_REGIONS = REGIONS.join(',');
const { schemaNamed } = compiled(openApiDocument({ regions: REGIONS }));

type Body = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, '', 0, 1.5, true, [], {}, ['a'], 'x'.repeat(3000)),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Each field is mostly as it should be, now and then anything or missing; sometimes there is one too many. */
const bodyOf = (fields: Fields, extra: Fields = {}): fc.Arbitrary<Body> => {
  const some = Object.fromEntries(
    Object.entries(fields).map(([name, good]) => [
      name,
      fc.oneof({ weight: 40, arbitrary: fc.tuple(good) }, { weight: 1, arbitrary: fc.tuple(junk) }, fc.constant([])),
    ]),
  );
  const others = Object.fromEntries(
    Object.entries({ color: junk, ...extra }).map(([name, value]) => [
      name,
      fc.oneof({ weight: 20, arbitrary: fc.constant([]) }, fc.tuple(value)),
    ]),
  );
  return fc.record({ ...some, ...others }).map((all) => {
    const given = Object.entries(all as Record<string, unknown[]>).filter(([, value]) => value.length > 0);
    return JSON.parse(JSON.stringify(Object.fromEntries(given.map(([name, [value]]) => [name, value]))));
  });
};

const text = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('x', '🚀', 'é'));
const length = (limit: number) =>
  fc.constantFrom('x'.repeat(limit), 'x'.repeat(limit + 1), '🚀'.repeat(limit), '🚀'.repeat(limit + 1));
const snapshotType = fc.constantFrom('customer.created', 'invoice.paid', 'account[identity].updated', 'a.b');
const thinType = fc.constantFrom('v1.customer.created', 'v2.core.account[identity].updated', 'v2.a');
const badType = fc.constantFrom(
  'Customer.created',
  'customer',
  'a..b',
  '*.*',
  `a.${'b'.repeat(126)}`,
  `a.${'b'.repeat(127)}`,
);
const anyType = fc.oneof({ weight: 6, arbitrary: snapshotType }, { weight: 6, arbitrary: thinType }, badType);

const metadataKey = fc.oneof(
  { weight: 8, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
  fc.constantFrom('x'.repeat(40), 'x'.repeat(41), '', '[a]', '__proto__', 'constructor', 'toString'),
);
const metadataValue = fc.oneof({ weight: 8, arbitrary: fc.string() }, length(500), fc.constantFrom(null, 7));
const metadata = fc.oneof(
  fc.dictionary(metadataKey, metadataValue, { maxKeys: 3 }),
  fc.constantFrom(50, 51).map((n) => Object.fromEntries(Array.from({ length: n }, (_, key) => [`k${key}`, 'v']))),
);
const fewMetadata = fc.dictionary(metadataKey, metadataValue, { maxKeys: 3 });
const url = fc.constantFrom(
  'https://example.com/hook',
  'http://example.com',
  'HTTPS://EXAMPLE.COM/x?y=z',
  'ftp://example.com',
  'example.com',
  'https:///path',
  'https://exa mple.com',
  'https:\\\\example.com',
);
const name = fc.oneof({ weight: 8, arbitrary: text }, length(255));
const description = fc.oneof({ weight: 8, arbitrary: fc.string() }, length(1000));
const enabledEvents = fc.oneof(
  { weight: 10, arbitrary: fc.array(fc.oneof(snapshotType, fc.constant('*')), { minLength: 1, maxLength: 3 }) },
  { weight: 5, arbitrary: fc.array(fc.oneof(thinType, fc.constant('*')), { minLength: 1, maxLength: 3 }) },
  fc.array(fc.oneof(anyType, fc.constant('issuing_authorization.request')), { maxLength: 3 }),
  fc.constantFrom(500, 501).map((n) => Array(n).fill('customer.created')),
);
const eventBridge = bodyOf({
  aws_account_id: fc.oneof({ weight: 8, arbitrary: fc.constant('123456789012') }, fc.constantFrom('12345678901', 'a')),
  aws_region: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...REGIONS) }, fc.constant('mars-1')),
});
const webhook = bodyOf({ url });
const scope = fc.constantFrom('self', '@self', 'other_accounts', '@accounts', '@organization_members');

const common = { name, enabled_events: enabledEvents, event_payload: fc.constantFrom('snapshot', 'thin') };
const sometimes = {
  description,
  metadata,
  events_from: fc.array(scope, { maxLength: 3 }),
  include: fc.array(fc.constantFrom('webhook_endpoint.url', 'webhook_endpoint.signing_secret', 'name')),
  snapshot_api_version: fc.constantFrom('2025-08-27.basil', '2025-08-27', 'newest'),
};
const creation = fc.oneof(
  bodyOf(
    { ...common, type: fc.constant('amazon_eventbridge'), amazon_eventbridge: eventBridge },
    { ...sometimes, webhook_endpoint: webhook },
  ),
  bodyOf(
    { ...common, type: fc.constant('webhook_endpoint'), webhook_endpoint: webhook },
    { ...sometimes, amazon_eventbridge: eventBridge },
  ),
);

const object = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const nullable = <T>(good: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: good }, fc.constant(null));
const cause = bodyOf({}, { id: nullable(text), idempotency_key: nullable(text) });
const snapshotEvent = bodyOf(
  {
    type: fc.oneof({ weight: 6, arbitrary: snapshotType }, anyType),
    data: bodyOf({ object }, { previous_attributes: object }),
  },
  {
    api_version: nullable(fc.oneof(text, length(50))),
    request: nullable(cause),
    thin_event: fc.boolean(),
  },
);
const thinEvent = bodyOf(
  { type: fc.oneof({ weight: 6, arbitrary: thinType }, anyType, fc.constant(destinationEventType('ping'))) },
  {
    related_object: nullable(bodyOf({ id: text, type: text, url: fc.constantFrom('/v1/a', '//host/a', 'https://a') })),
    data: nullable(object),
    changes: nullable(bodyOf({ before: nullable(object), after: nullable(object) })),
    reason: nullable(bodyOf({ type: fc.constant('request'), request: cause })),
  },
);
const several = (event: fc.Arbitrary<Body>) =>
  bodyOf({
    events: fc.oneof(
      { weight: 8, arbitrary: fc.array(event, { maxLength: 3 }) },
      fc.array(event, { minLength: 9, maxLength: 11 }),
    ),
  });

/** A destination that an update is of. */
/** Nothing here asks what a secret looks like in the table. */
vi.mock('../../../shared/secrets/sealed.ts', () => ({ seal: async (text: string) => text }));

const found = await parseCreateRequest(
  {
    name: 'x',
    type: 'webhook_endpoint',
    event_payload: 'snapshot',
    enabled_events: ['*'],
    webhook_endpoint: { url: 'https://a.b' },
  },
  false,
).prepare({ id: `ed_test_${'0'.repeat(26)}`, account: 'acct_1', livemode: false });

const publish = (payload: Payload) => (body: unknown) => refuseOwn([parsePublished(payload, body)]);
const publishSeveral = (payload: Payload) => (body: unknown) => refuseOwn(parseSeveral(payload, body));
function refuseOwn(events: readonly { content: { type: string } }[]): void {
  if (events.some(({ content }) => isDestinationEvent(content.type)))
    throw invalidField('type', 'is the service’s own');
}

const bodies: [schema: string, body: fc.Arbitrary<Body>, handler: (body: unknown) => unknown][] = [
  ['CreateEventDestination', creation, (body) => parseCreateRequest(body, false)],
  [
    'UpdateEventDestination',
    bodyOf(
      {},
      {
        name,
        description,
        metadata: fewMetadata,
        webhook_endpoint: webhook,
        enabled_events: snapshotEvents(),
        include: sometimes.include,
        type: fc.constant('webhook_endpoint'),
        status: text,
        amazon_eventbridge: eventBridge,
      },
    ),
    (body) => parseUpdateRequest(body, found),
  ],
  ['PublishSnapshotEvent', snapshotEvent, publish('snapshot')],
  ['PublishThinEvent', thinEvent, publish('thin')],
  ['PublishSnapshotEvents', several(snapshotEvent), publishSeveral('snapshot')],
  ['PublishThinEvents', several(thinEvent), publishSeveral('thin')],
  [
    'RetryEvent',
    bodyOf({ webhook_endpoint: text }, { account: text, for_stripecli: fc.oneof(fc.boolean(), text) }),
    (body) => {
      if (validated(RetryRequest, body).webhook_endpoint === undefined)
        throw invalidField('webhook_endpoint', 'missing');
    },
  ],
  [
    'RollSigningSecret',
    bodyOf({}, { expire_current_in: fc.constantFrom(0, 60, 86_400, 86_401, -1, 1.5), include: sometimes.include }),
    (body) => validated(RollRequest, body),
  ],
];

/** Of a destination's own payload style, which the document of an update cannot know. */
function snapshotEvents() {
  return fc.array(fc.oneof({ weight: 8, arbitrary: snapshotType }, badType), { maxLength: 3 });
}

describe('a body that is generated', () => {
  it.each(bodies)('is accepted as %s by openapi.json exactly if it is by the handler', (schema, body, handler) => {
    const validate = schemaNamed(schema);
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(body, (sent) => {
        const refusal = refusalOf(handler, sent);
        const allowed = validate(sent);
        seen[refusal ? 'refused' : 'accepted'] += 1;
        if (allowed !== (refusal === undefined))
          expect.fail(`the handler says ${refusal ?? 'yes'}, the document ${problemsOf(validate.errors) || 'yes'}`);
      }),
      { numRuns: 400 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(10);
  });
});

function refusalOf(handler: (body: unknown) => unknown, body: unknown): string | undefined {
  try {
    handler(body);
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}
