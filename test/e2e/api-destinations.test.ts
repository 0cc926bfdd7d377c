import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invalidFields } from '../support/invalid-fields.ts';
import { type Answer, type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';

const PATH = '/v2/core/event_destinations';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

type Body = Record<string, unknown>;

const valid = (changes: Body = {}): Body => ({
  name: 'Destination',
  type: 'amazon_eventbridge',
  event_payload: 'snapshot',
  enabled_events: ['customer.created'],
  amazon_eventbridge: { aws_account_id: '123456789012', aws_region: 'us-east-1' },
  ...changes,
});
const thin = (changes: Body = {}): Body =>
  valid({ event_payload: 'thin', enabled_events: ['v1.customer.created'], ...changes });
const source = (changes: Body): Body =>
  valid({ amazon_eventbridge: { aws_account_id: '123456789012', aws_region: 'us-east-1', ...changes } });

const create = (body: unknown = valid(), options: RequestOptions = {}): Promise<Answer> =>
  platform.request('POST', PATH, { body, ...options });
const retrieve = (id: string, options: RequestOptions = {}) => platform.request('GET', `${PATH}/${id}`, options);

const idOf = ({ id }: { id: string }) => id;

const errorWith = (status: number, code: string) => ({
  status,
  body: { error: { code, message: expect.stringMatching(/./), type: 'invalid_request_error' } },
});

describe('a create is refused, by field and reason,', () => {
  const without = (field: string): Body => valid({ [field]: undefined });
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key_${index}`, '']));
  const required = 'This field is required.';
  const cases: Record<string, [body: () => Body, problem: string]> = {
    'without a name': [() => without('name'), `name: ${required}`],
    'without a type': [() => without('type'), `type: ${required}`],
    'without event_payload': [() => without('event_payload'), `event_payload: ${required}`],
    'without enabled_events': [() => without('enabled_events'), `enabled_events: ${required}`],
    'without the configuration of its type': [
      () => without('amazon_eventbridge'),
      "amazon_eventbridge: This field is required when type is 'amazon_eventbridge'.",
    ],
    'without an AWS account': [
      () => source({ aws_account_id: undefined }),
      `amazon_eventbridge.aws_account_id: ${required}`,
    ],
    'without a Region': [() => source({ aws_region: undefined }), `amazon_eventbridge.aws_region: ${required}`],
    'for a field that does not exist': [() => valid({ colour: 'red' }), 'colour: Unknown field.'],
    'for a nested field that does not exist': [() => source({ bus: 'b' }), 'amazon_eventbridge.bus: Unknown field.'],
    'for a field that only responses have': [() => valid({ status: 'enabled' }), 'status: Unknown field.'],
    'for a number as name': [() => valid({ name: 1 }), 'name: Expected a string, but got a number.'],
    'for null as name': [() => valid({ name: null }), 'name: Expected a string, but got null.'],
    'for a name of 256 characters': [
      () => valid({ name: 'x'.repeat(256) }),
      'name: Must be at most 255 characters long.',
    ],
    'for half a character in a name': [
      () => valid({ name: 'A rocket \ud83d' }),
      'name: Must be valid Unicode, without lone surrogates.',
    ],
    'for half a character in metadata': [
      () => valid({ metadata: { stage: '\ude80' } }),
      'metadata.stage: Must be valid Unicode, without lone surrogates.',
    ],
    'for an object as description': [
      () => valid({ description: {} }),
      'description: Expected a string, but got an object.',
    ],
    'for a description of 1001 characters': [
      () => valid({ description: 'x'.repeat(1001) }),
      'description: Must be at most 1000 characters long.',
    ],
    'for an unknown type': [
      () => valid({ type: 'carrier_pigeon' }),
      "type: Unrecognized enum value 'carrier_pigeon', valid values are: amazon_eventbridge, webhook_endpoint.",
    ],
    'for an unknown event_payload': [
      () => valid({ event_payload: 'fat' }),
      "event_payload: Unrecognized enum value 'fat', valid values are: snapshot, thin.",
    ],
    'for a string as enabled_events': [
      () => valid({ enabled_events: '*' }),
      'enabled_events: Expected an array, but got a string.',
    ],
    'for a number as event type': [
      () => valid({ enabled_events: ['customer.created', 1] }),
      'enabled_events[1]: Expected a string, but got a number.',
    ],
    'for what is no event type': [
      () => valid({ enabled_events: ['Customer Created'] }),
      "enabled_events[0]: 'Customer Created' is not an event type. Use a name such as 'customer.created', or '*' for all.",
    ],
    'for a group of event types': [
      () => valid({ enabled_events: ['customer.*'] }),
      "enabled_events[0]: 'customer.*' is not an event type. Use a name such as 'customer.created', or '*' for all.",
    ],
    'for a thin type with a snapshot payload': [
      () => valid({ enabled_events: ['customer.created', 'v1.customer.created'] }),
      "enabled_events[1]: 'v1.customer.created' is a thin event's type; it needs event_payload 'thin'.",
    ],
    'for a snapshot type with a thin payload': [
      () => thin({ enabled_events: ['customer.created'] }),
      "enabled_events[0]: 'customer.created' is a snapshot event's type; it needs event_payload 'snapshot', or the type 'v1.customer.created'.",
    ],
    'for a type that waits for an answer': [
      () => valid({ enabled_events: ['*', 'issuing_authorization.request'] }),
      "enabled_events[1]: 'issuing_authorization.request' requires a response, which an amazon_eventbridge destination cannot give. Use a webhook_endpoint destination for it.",
    ],
    'for a thin type that waits for an answer': [
      () => thin({ enabled_events: ['v1.issuing_authorization.request'] }),
      "enabled_events[0]: 'v1.issuing_authorization.request' requires a response, which an amazon_eventbridge destination cannot give. Use a webhook_endpoint destination for it.",
    ],
    'for an unknown scope': [
      () => valid({ events_from: ['@organization_members'] }),
      "events_from[0]: Unrecognized enum value '@organization_members', valid values are: self, @self, other_accounts, @accounts.",
    ],
    'for two scopes with a snapshot payload': [
      () => valid({ events_from: ['@self', '@accounts'] }),
      "events_from: Several scopes at once are allowed only for event_payload 'thin'.",
    ],
    'for an unknown include': [
      () => valid({ include: ['webhook_endpoint.url', 'amazon_eventbridge'] }),
      "include[1]: Unrecognized enum value 'amazon_eventbridge', valid values are: webhook_endpoint.signing_secret, webhook_endpoint.url.",
    ],
    'for an array as metadata': [() => valid({ metadata: [] }), 'metadata: Expected an object, but got an array.'],
    'for a number in metadata': [
      () => valid({ metadata: { n: 1 } }),
      'metadata.n: Expected a string, but got a number.',
    ],
    'for null in metadata': [() => valid({ metadata: { n: null } }), 'metadata.n: Expected a string, but got null.'],
    'for 51 keys of metadata': [() => valid({ metadata: keys(51) }), 'metadata: Must have at most 50 keys.'],
    'for a metadata value of 501 characters': [
      () => valid({ metadata: { n: 'x'.repeat(501) } }),
      'metadata.n: Must be at most 500 characters long.',
    ],
    'for a metadata key that JavaScript reads a meaning into': [
      () => valid({ metadata: JSON.parse('{"__proto__":"v"}') }),
      'metadata: The keys __proto__ and constructor cannot be used.',
    ],
    'for an empty metadata key': [
      () => valid({ metadata: { '': 'x' } }),
      'metadata.: A key must not be empty and must not contain square brackets.',
    ],
    'for brackets in a metadata key': [
      () => valid({ metadata: { 'a[b]': 'x' } }),
      'metadata.a[b]: A key must not be empty and must not contain square brackets.',
    ],
    'for a metadata key of 41 characters': [
      () => valid({ metadata: { ['k'.repeat(41)]: 'x' } }),
      `metadata.${'k'.repeat(41)}: Must be at most 40 characters long.`,
    ],
    'for what is no API version': [
      () => valid({ snapshot_api_version: 'latest' }),
      "snapshot_api_version: Must be an API version such as '2025-08-27.basil'.",
    ],
    'for a snapshot_api_version with a thin payload': [
      () => thin({ snapshot_api_version: '2025-08-27.basil' }),
      "snapshot_api_version: Only for event_payload 'snapshot': thin events have no version.",
    ],
    'for an AWS account id of eleven digits': [
      () => source({ aws_account_id: '12345678901' }),
      'amazon_eventbridge.aws_account_id: Must be an AWS account ID: twelve digits.',
    ],
    'for an AWS account id with dashes': [
      () => source({ aws_account_id: '1234-5678-9012' }),
      'amazon_eventbridge.aws_account_id: Must be an AWS account ID: twelve digits.',
    ],
    'for an AWS account id with a line break': [
      () => source({ aws_account_id: '123456789012\n' }),
      'amazon_eventbridge.aws_account_id: Must be an AWS account ID: twelve digits.',
    ],
    'for a number as AWS account id': [
      () => source({ aws_account_id: 123456789012 }),
      'amazon_eventbridge.aws_account_id: Expected a string, but got a number.',
    ],
    'for a string as configuration': [
      () => valid({ amazon_eventbridge: 'us-east-1' }),
      'amazon_eventbridge: Expected an object, but got a string.',
    ],
  };

  it.each(Object.keys(cases))('%s', async (name) => {
    const [body, problem] = cases[name] ?? [];
    expect(await create(body?.())).toMatchObject(invalidFields(problem ?? ''));
  });

  it.each([
    ['for an empty name', () => valid({ name: '' }), 'name: Must be at least 1 '],
    ['without an enabled event', () => valid({ enabled_events: [] }), 'enabled_events: Must be at least 1 '],
    ['without a scope', () => valid({ events_from: [] }), 'events_from: Must be at least 1 '],
    [
      'for an unknown Region, with those that there are',
      () => source({ aws_region: 'eu-moon-1' }),
      "amazon_eventbridge.aws_region: 'eu-moon-1' is not an AWS Region that is supported: use one of af-south-1, ",
    ],
    [
      'for a Region of a partition that the service is not in',
      () => source({ aws_region: 'cn-north-1' }),
      "amazon_eventbridge.aws_region: 'cn-north-1' is not an AWS Region that is supported: use one of ",
    ],
  ])('%s', async (_, body, problem) => {
    const answer = await create(body());
    expect(answer).toMatchObject(errorWith(400, 'invalid_fields'));
    expect(answer.body.error.message.startsWith(`Some fields in the request were invalid: '${problem}`)).toBe(true);
  });

  it('with all that is wrong at once', async () => {
    const body = { ...valid({ name: undefined, colour: 'red' }), amazon_eventbridge: { aws_account_id: 1 } };
    expect(await create(body)).toMatchObject(
      invalidFields(
        'name: This field is required.',
        'amazon_eventbridge.aws_account_id: Expected a string, but got a number.',
        'amazon_eventbridge.aws_region: This field is required.',
        'colour: Unknown field.',
      ),
    );
  });

  it('and leaves nothing behind', async () => {
    const ids = async () => (await platform.request('GET', `${PATH}?limit=100`)).body.data.map(idOf);
    const before = await ids();
    await create(valid({ name: '' }));
    expect(await ids()).toEqual(before);
  });
});

describe('a create takes', () => {
  it('the limits of everything', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`${index}`.padStart(40, 'k'), 'v'.repeat(500)]),
    );
    const limits = { name: 'n'.repeat(255), description: 'd'.repeat(1000), metadata };
    expect(await create(valid(limits))).toMatchObject({ status: 200, body: limits });
  });

  it('each event type once, however often it is named', async () => {
    const { body } = await create(valid({ enabled_events: ['a.b', '*', 'a.b'] }));
    expect(body.enabled_events).toEqual(['a.b', '*']);
  });

  it.each([['application/json; charset=utf-8'], ['Application/JSON']])(
    'a body of content type %s',
    async (contentType) => {
      expect((await create(valid(), { headers: { 'content-type': contentType } })).status).toBe(200);
    },
  );
});

describe('a body that is no JSON object is refused:', () => {
  it.each([
    ['half of one', '{"name":', 'invalid_json'],
    ['an array', '[]', 'invalid_json'],
    ['a string', '"name"', 'invalid_json'],
    ['null', 'null', 'invalid_json'],
    ['a form', 'name=Destination', 'invalid_json'],
  ])('%s', async (_, body, code) => {
    expect(await create(body)).toMatchObject(errorWith(400, code));
  });

  it('one of another content type, with 415', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await create('name=Destination', { headers })).toMatchObject(errorWith(415, 'unsupported_media_type'));
  });

  it('none at all, by the fields that it lacks', async () => {
    const { status, body } = await platform.request('POST', PATH, { headers: { 'content-type': 'application/json' } });
    expect(status).toBe(400);
    for (const field of ['name', 'type', 'enabled_events', 'event_payload'])
      expect(body.error.message).toContain(`'${field}: This field is required.'`);
  });
});

describe('events_from', () => {
  const BEFORE = '2026-02-25.clover';
  const SINCE = '2026-03-25.dahlia';
  it.each([
    [undefined, ['self'], ['@self']],
    [['self'], ['self'], ['@self']],
    [['@self'], ['self'], ['@self']],
    [['other_accounts'], ['other_accounts'], ['@accounts']],
    [['@accounts'], ['other_accounts'], ['@accounts']],
    [
      ['@accounts', 'self', '@self'],
      ['other_accounts', 'self'],
      ['@accounts', '@self'],
    ],
  ])('given as %j is %j before 2026-03-25 and %j since', async (given, before, since) => {
    const inVersion = (version: string) => ({ headers: { 'stripe-version': version } });
    const { body } = await create(thin({ events_from: given }), inVersion(BEFORE));
    expect(body.events_from).toEqual(before);
    expect((await retrieve(body.id, inVersion(SINCE))).body.events_from).toEqual(since);
    expect((await retrieve(body.id, inVersion(BEFORE))).body.events_from).toEqual(before);
  });
});
