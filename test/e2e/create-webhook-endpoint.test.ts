import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount } from '../support/accounts.ts';
import { type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';
import { webhookEndpoint } from '../support/webhook-endpoint.ts';

const DESTINATIONS = '/v2/core/event_destinations';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const post = (path: string, body?: unknown, options: RequestOptions = {}) =>
  platform.request('POST', path, { ...options, ...(body !== undefined && { body }) });
const get = (path: string, options?: RequestOptions) => platform.request('GET', path, options);

describe('a webhook_endpoint destination', () => {
  const SECRET = 'webhook_endpoint.signing_secret';
  const URL = 'webhook_endpoint.url';

  it('shows its signing secret when it is created, if that is included, and never again', async () => {
    const created = await post(DESTINATIONS, webhookEndpoint({ include: [SECRET, URL] }));
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({
      object: 'v2.core.event_destination',
      type: 'webhook_endpoint',
      status: 'enabled',
      webhook_endpoint: {
        signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9]{32}$/),
        url: 'https://example.com/hook',
      },
    });
    expect(created.body).not.toHaveProperty('amazon_eventbridge');
    const { body } = await get(`${DESTINATIONS}/${created.body.id}?include=${URL}`);
    expect(body.webhook_endpoint).toEqual({ signing_secret: null, url: 'https://example.com/hook' });
    const refused = await get(`${DESTINATIONS}/${created.body.id}?include[0]=${SECRET}`);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_fields' } } });
    expect(refused.body.error.message).toContain(`'include[0]: Unrecognized enum value '${SECRET}'`);
    await platform.stripe().v2.core.eventDestinations.del(created.body.id);
  });

  it('shows its secret again to the repeat of a create request whose answer was lost', async () => {
    const headers = { 'idempotency-key': 'lost-answer' };
    const [first, second] = [
      await post(DESTINATIONS, webhookEndpoint({ include: [SECRET] }), { headers }),
      await post(DESTINATIONS, webhookEndpoint({ include: [SECRET] }), { headers }),
    ];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.body.webhook_endpoint.signing_secret).toBe(first.body.webhook_endpoint.signing_secret);
    await platform.stripe().v2.core.eventDestinations.del(first.body.id);
  });

  it.each(['include', 'include[]', 'include[0]', 'include%5B0%5D'])(
    'shows its URL by %s to retrieve and list, and null without it',
    async (parameter) => {
      const { body: created } = await post(DESTINATIONS, webhookEndpoint());
      expect(created.webhook_endpoint).toEqual({ signing_secret: null, url: null });
      const shown = { signing_secret: null, url: 'https://example.com/hook' };
      const one = await get(`${DESTINATIONS}/${created.id}?${parameter}=${URL}`);
      expect(one.body.webhook_endpoint).toEqual(shown);
      const list = await get(`${DESTINATIONS}?${parameter}=${URL}`);
      expect(list.body.data[0]).toMatchObject({ id: created.id, webhook_endpoint: shown });
      const without = await get(DESTINATIONS);
      expect(without.body.data[0].webhook_endpoint).toEqual({ signing_secret: null, url: null });
      await platform.stripe().v2.core.eventDestinations.del(created.id);
    },
  );

  it.each([
    [{ webhook_endpoint: undefined }, "'webhook_endpoint: This field is required when type is 'webhook_endpoint'.'"],
    [{ webhook_endpoint: {} }, "'webhook_endpoint.url: This field is required.'"],
    [{ webhook_endpoint: { url: '/hook' } }, "'webhook_endpoint.url: Must be an absolute URL with a host"],
    [{ webhook_endpoint: { url: 'https://example.com/\ud83d' } }, "'webhook_endpoint.url: Must be an absolute URL"],
    [
      { amazon_eventbridge: { aws_account_id: '123456789012', aws_region: 'us-east-1' } },
      "'amazon_eventbridge: Only for destinations of type 'amazon_eventbridge'.'",
    ],
  ])('is refused with the field to blame: %j', async (changes, message) => {
    const { status, body } = await post(DESTINATIONS, webhookEndpoint(changes));
    expect(status).toBe(400);
    expect(body.error.message).toContain(message);
  });

  it('has to be reached by https in live mode', async () => {
    const plain = webhookEndpoint({ webhook_endpoint: { url: 'http://localhost:4242' }, include: [URL] });
    const test = await post(DESTINATIONS, plain);
    expect(test.body.webhook_endpoint.url).toBe('http://localhost:4242');
    const live = await post(DESTINATIONS, plain, { key: platform.seed.live_key });
    expect(live.body.error.message).toContain('Must begin with https:// in live mode.');
    await platform.stripe().v2.core.eventDestinations.del(test.body.id);
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', '169.254.169.254 is in 169.254.0.0/16 (link-local'],
    ['http://2852039166/', '169.254.169.254 is in 169.254.0.0/16 (link-local'],
    ['http://printer.local/', "'printer.local' is a name that is only known locally"],
    ['http://example.com:25/', 'port 25, which belongs to another protocol'],
  ])('is refused where nothing may be sent, at creation and by an update: %s', async (url, message) => {
    const created = await post(DESTINATIONS, webhookEndpoint({ webhook_endpoint: { url } }));
    expect(created.status).toBe(400);
    expect(created.body.error.message).toContain(message);
    const { body: hook } = await post(DESTINATIONS, webhookEndpoint());
    const updated = await post(`${DESTINATIONS}/${hook.id}`, { webhook_endpoint: { url } });
    expect(updated.status).toBe(400);
    expect(updated.body.error.message).toContain(message);
    await platform.stripe().v2.core.eventDestinations.del(hook.id);
  });
});

describe('an account', () => {
  it('has sixteen destinations in each mode, however many are created at once', { timeout: 60_000 }, async () => {
    const { key } = await createAccount(platform);
    const create = (name: string) => post(DESTINATIONS, webhookEndpoint({ name }), { key });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => create(`Number ${index}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(16);
    for (const { body } of answers.filter(({ status }) => status !== 200))
      expect(body.error).toEqual({
        type: 'invalid_request_error',
        code: 'event_destination_limit_reached',
        message:
          'This account has 16 event destinations in test mode, the most that it can have. Delete one to make place for another.',
      });
    const { body: list } = await get(`${DESTINATIONS}?limit=100`, { key });
    expect(list.data).toHaveLength(16);
    await platform.request('DELETE', `${DESTINATIONS}/${list.data[7].id}`, { key });
    const again = await Promise.all([create('One'), create('of two')]);
    expect(again.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('gets the place back of a creation that was undone', async () => {
    const { key } = await createAccount(platform);
    const refused = { aws_account_id: '123456789012', aws_region: 'us-east-2' };
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'CreatePartnerEventSource',
      region: 'us-east-2',
      times: 100,
      error: new AwsError('OperationDisabledException', 'Not here'),
    });
    for (let n = 0; n < 17; n += 1) {
      const body = {
        ...webhookEndpoint({ webhook_endpoint: undefined }),
        type: 'amazon_eventbridge',
        amazon_eventbridge: refused,
      };
      const answer = await post(DESTINATIONS, body, { key });
      expect(answer.body.error.message).toContain('does not take partner event sources in us-east-2');
    }
    platform.cloud.eventbridge.faults.clear();
  });
});
