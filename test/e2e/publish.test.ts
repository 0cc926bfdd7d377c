import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { failCalls } from '../support/hold.ts';
import { type Inboxes, openInboxes, retrieveEvent } from '../support/inbox.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const LIMIT = 256 * 1024;

let platform: Platform;
let seed: Platform['seed'];
let inboxes: Inboxes;
beforeAll(async () => {
  platform = await startPlatform();
  seed = platform.seed;
  inboxes = await openInboxes(platform);
});
afterAll(() => platform?.close());

const retrieve = (path: string, id: string, options?: { key?: string; headers?: Record<string, string> }) =>
  retrieveEvent(platform, path, id, options);

describe('the HTTPS API', () => {
  const post = (path: string, body: unknown, options: { key?: string; headers?: Record<string, string> } = {}) =>
    platform.request('POST', path, { key: seed.publish_key, body, ...options });
  const body = (id: string, type = 'customer.created') => ({ type, data: { object: { id } } });

  it('answers with the event as it can be retrieved', async () => {
    for (const [path, content] of [
      ['/v1/events', body('cus_answer')],
      ['/v2/core/events', { type: 'v2.core.account.closed', data: { a: 1 } }],
    ] as const) {
      const answer = await post(path, content);
      await platform.cloud.clock.settled();
      expect((await retrieve(path, answer.body.id)).body).toEqual(answer.body);
    }
  });

  it('publishes in the mode of the key', async () => {
    const { body: event } = await post('/v1/events', body('cus_live'), { key: seed.publish_live_key });
    expect(event).toMatchObject({ livemode: true, id: expect.stringMatching(/^evt_[0-9A-Z]{26}$/) });
    expect(await inboxes.self.about('cus_live')).toEqual([]);
    expect((await retrieve('/v1/events', event.id, { key: seed.live_key })).status).toBe(200);
    expect((await retrieve('/v1/events', event.id)).status).toBe(404);
  });

  it('publishes for any account with a key that may, and else for connected ones only', async () => {
    const { id: account } = (await platform.admin('accounts', 'create')) as { id: string };
    const command = ['keys', 'create', '--account', seed.account, '--publish', '--any-account'];
    const { secret } = (await platform.admin(...command)) as { secret: string };
    const headers = { 'stripe-context': account };
    expect((await post('/v1/events', body('cus_any'), { headers })).status).toBe(403);
    expect((await post('/v1/events', body('cus_any'), { headers, key: secret })).status).toBe(200);
  });

  it('makes one event of all requests with an Idempotency-Key, and one envelope', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await post('/v1/events', body('cus_once'), { headers });
    expect(await inboxes.self.about('cus_once')).toHaveLength(1);
    const second = await post('/v1/events', body('cus_once'), { headers });
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await inboxes.self.about('cus_once')).toHaveLength(1);
  });

  it.each([
    ['/v1/events', 400, body('cus_first'), body('cus_second')],
    ['/v2/core/events', 409, { type: 'v2.a.b' }, { type: 'v2.a.c' }],
  ])('refuses another event under an Idempotency-Key at %s with %i', async (path, status, first, second) => {
    const headers = { 'idempotency-key': 'conflict' };
    expect((await post(path, first, { headers })).status).toBe(200);
    expect(await post(path, second, { headers })).toMatchObject({
      status,
      body: { error: { code: 'idempotency_error', type: 'idempotency_error' } },
    });
    expect(await inboxes.self.about('cus_second')).toEqual([]);
  });

  it('takes every character that JSON can say', async () => {
    const name = 'A rocket 🚀, U+FFFE \ufffe and U+FFFF \uffff, a lone \ud800 surrogate, \u0000';
    const answer = await post('/v1/events', { type: 'customer.created', data: { object: { id: 'cus_chars', name } } });
    expect(answer.status).toBe(200);
    const [envelope] = await inboxes.self.about('cus_chars');
    expect(envelope?.detail.data.object.name).toBe(name);
  });

  it('makes two events of two requests without one', async () => {
    await post('/v1/events', body('cus_twice'));
    await post('/v1/events', body('cus_twice'));
    expect(await inboxes.self.about('cus_twice')).toHaveLength(2);
  });

  it('answers with success only when the event is in the queue; the repeat of a failure publishes once', async () => {
    const headers = { 'idempotency-key': 'not-queued' };
    const denied = new AwsError('AccessDenied', 'Account 000000000000 may not', 403);
    const heal = failCalls(platform.cloud.sqs, 'SendMessage', denied);
    const failed = await post('/v1/events', body('cus_queued'), { headers });
    heal();
    expect(failed).toMatchObject({ status: 500, body: { error: { type: 'api_error', code: 'api_error' } } });
    expect(await inboxes.self.about('cus_queued')).toEqual([]);
    expect((await post('/v1/events', body('cus_queued'), { headers })).status).toBe(200);
    expect(await inboxes.self.about('cus_queued')).toHaveLength(1);
  });

  const object = { object: {} };
  it.each([
    ['/v1/events', { data: object }, 'type', 'This field is required.'],
    ['/v1/events', { type: 'a.b' }, 'data', 'This field is required.'],
    ['/v1/events', { type: 'a.b', data: {} }, 'data.object', 'This field is required.'],
    ['/v1/events', { type: 'a.b', data: { object: [] } }, 'data.object', 'Must be an object.'],
    ['/v1/events', { type: 'a.b', data: { ...object, old: 1 } }, 'data.old', 'Unknown field.'],
    ['/v1/events', { type: 'a.b', data: object, id: 'evt_1' }, 'id', 'Unknown field.'],
    ['/v1/events', { type: 'a.b', data: object, request: 'req_1' }, 'request', 'Expected an object, but got a string.'],
    [
      '/v1/events',
      { type: 'Customer Created', data: object },
      'type',
      "Must be an event type such as 'customer.created': lower-case words joined by dots, at most 128 characters.",
    ],
    [
      '/v1/events',
      { type: 'v1.customer.created', data: object },
      'type',
      "'v1.customer.created' is a thin event's type; publish it with POST /v2/core/events.",
    ],
    [
      '/v2/core/events',
      { type: 'customer.created' },
      'type',
      "'customer.created' is a snapshot event's type; publish it with POST /v1/events, or name it 'v1.customer.created'.",
    ],
    [
      '/v2/core/events',
      { type: 'v2.a.b', related_object: { id: 'a', type: 'b', url: 'https://example.com/a' } },
      'related_object.url',
      'Must be a path that begins with a single "/".',
    ],
    ['/v2/core/events', { type: 'v2.a.b', changes: { before: {} } }, 'changes.after', 'This field is required.'],
  ])('refuses at %s %j, by field and reason', async (path, content, field, reason) => {
    const answer = await post(path, content);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'invalid_fields',
          message: `Some fields in the request were invalid: '${field}: ${reason}'`,
          type: 'invalid_request_error',
        },
      },
    });
    expect(answer.body.error.param).toBe(path.startsWith('/v1/') ? field : undefined);
  });

  it('takes the largest event that can be delivered, and it is; one byte more is 413', async () => {
    const sized = (id: string, padding: number) => ({
      type: 'customer.created',
      data: { object: { id, padding: 'x'.repeat(padding) } },
    });
    const refused = await post('/v1/events', sized('cus_large', LIMIT - 1000));
    expect(refused).toMatchObject({ status: 413, body: { error: { code: 'event_too_large' } } });
    const bytes = Number(/takes (\d+) bytes/.exec(refused.body.error.message)?.[1]);
    const largest = LIMIT - 1000 - (bytes - LIMIT);

    expect((await post('/v1/events', sized('cus_large', largest + 1))).status).toBe(413);
    expect((await post('/v1/events', sized('cus_large', largest))).status).toBe(200);

    const [envelope] = await inboxes.self.about('cus_large');
    expect(envelope?.detail.data.object.padding).toHaveLength(largest);
  });

  it('refuses what is larger than any event with 413', async () => {
    expect(await post('/v1/events', body('x'.repeat(LIMIT)))).toMatchObject({
      status: 413,
      body: { error: { code: 'event_too_large', type: 'invalid_request_error' } },
    });
  });
});
