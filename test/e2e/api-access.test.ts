import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import { type Answer, type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';

const PATH = '/v2/core/event_destinations';

let platform: Platform;
let seed: Platform['seed'];
let other: OwnAccount;
beforeAll(async () => {
  platform = await startPlatform();
  seed = platform.seed;
  other = await createAccount(platform);
});
afterAll(() => platform?.close());

const create = (options: RequestOptions = {}): Promise<Answer> =>
  platform.request('POST', PATH, {
    body: {
      name: 'Destination',
      type: 'amazon_eventbridge',
      event_payload: 'snapshot',
      enabled_events: ['customer.created'],
      amazon_eventbridge: { aws_account_id: '123456789012', aws_region: 'us-east-1' },
    },
    ...options,
  });
const retrieve = (id: string, options: RequestOptions = {}) => platform.request('GET', `${PATH}/${id}`, options);

async function created(options: RequestOptions = {}): Promise<string> {
  const answer = await create(options);
  expect(answer.status).toBe(200);
  return answer.body.id;
}

const errorWith = (status: number, code: string) => ({
  status,
  body: { error: { code, message: expect.stringMatching(/./), type: 'invalid_request_error' } },
});

describe('a request is not authenticated', () => {
  it.each([
    ['without a key', {}],
    ['with an empty one', { authorization: 'Bearer ' }],
    ['in another scheme', { authorization: 'Digest abc' }],
    ['without a scheme', { authorization: 'sk_test_abc' }],
  ])('%s, and is told how to be', async (_, headers: Record<string, string>) => {
    const { status, body } = await platform.request('GET', PATH, { key: null, headers });
    expect(status).toBe(401);
    expect(body.error).toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining("Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "),
    });
  });

  it.each([
    ['of another form', 'nonsense', 'nonsense********'],
    ['of a publishable form', `pk_test_${'a'.repeat(24)}`, 'pk_test_********aaaa'],
    ['that nobody issued', `sk_test_${'a'.repeat(48)}`, 'sk_test_********aaaa'],
  ])('by a key %s, which is not repeated whole', async (_, key, masked) => {
    expect(await platform.request('GET', PATH, { key })).toMatchObject({
      status: 401,
      body: { error: { code: 'unauthenticated', message: `Invalid API Key provided: ${masked}` } },
    });
  });

  it('by a key that was revoked, from that moment on', async () => {
    const { account } = other;
    const issued = (await platform.admin('keys', 'create', '--account', account)) as { id: string; secret: string };
    expect((await platform.request('GET', PATH, { key: issued.secret })).status).toBe(200);
    await platform.admin('keys', 'revoke', issued.id, '--account', account);
    expect((await platform.request('GET', PATH, { key: issued.secret })).status).toBe(401);
  });
});

describe('a key', () => {
  it('may also be the user name of Basic authentication', async () => {
    const authorization = `Basic ${Buffer.from(`${seed.test_key}:`).toString('base64')}`;
    expect((await platform.request('GET', PATH, { key: null, headers: { authorization } })).status).toBe(200);
  });

  it('that publishes neither creates nor reads nor deletes destinations', async () => {
    const id = await created();
    const key = seed.publish_key;
    const attempts = [
      create({ key }),
      retrieve(id, { key }),
      platform.request('GET', PATH, { key }),
      platform.request('DELETE', `${PATH}/${id}`, { key }),
    ];
    for (const attempt of attempts) expect(await attempt).toMatchObject(errorWith(403, 'permission_denied'));
  });

  it('of a customer does not publish', async () => {
    const snapshot = { type: 'customer.created', data: { object: {} } };
    const publishing = [
      platform.request('POST', '/v1/events', { body: snapshot }),
      platform.request('POST', '/v2/core/events', { body: { type: 'v1.customer.created' } }),
    ];
    for (const attempt of publishing) expect(await attempt).toMatchObject(errorWith(403, 'permission_denied'));
  });
});

describe('a platform acts for a connected account', () => {
  const connected = () => seed.connected_account;
  it.each([
    ['by Stripe-Context', () => ({ 'stripe-context': connected() })],
    ['by a path in Stripe-Context', () => ({ 'stripe-context': `${seed.account}/${connected()}` })],
    ['by Stripe-Account', () => ({ 'stripe-account': connected() })],
    ['by both, if they agree', () => ({ 'stripe-context': connected(), 'stripe-account': connected() })],
  ])('%s', async (_, headers) => {
    const id = await created({ headers: headers() });
    expect((await retrieve(id, { headers: headers() })).status).toBe(200);
    expect((await retrieve(id)).status).toBe(404);
  });

  it('but not if the headers name different accounts', async () => {
    const headers = { 'stripe-context': connected(), 'stripe-account': seed.account };
    expect(await create({ headers })).toMatchObject(errorWith(400, 'invalid_request'));
  });

  it.each(['nonsense', '/', 'acct_1 acct_2'])('but not by the Stripe-Context %j', async (context) => {
    const headers = { 'stripe-context': context };
    expect(await create({ headers })).toMatchObject(errorWith(400, 'invalid_request'));
  });

  it("but not by a path over somebody else's account", async () => {
    const headers = { 'stripe-context': `${other.account}/${connected()}` };
    expect(await create({ headers })).toMatchObject(errorWith(403, 'account_invalid'));
  });

  it('but for no account that is not connected, and it does not learn whether there is one', async () => {
    const messages = [];
    for (const named of [other.account, 'acct_nobody']) {
      const answer = await create({ headers: { 'stripe-context': named } });
      expect(answer).toMatchObject(errorWith(403, 'account_invalid'));
      messages.push(answer.body.error.message.replace(named, ''));
    }
    expect(messages[0]).toBe(messages[1]);
  });

  it('which does not act for the platform', async () => {
    const { secret } = (await platform.admin('keys', 'create', '--account', connected())) as { secret: string };
    const headers = { 'stripe-context': seed.account };
    expect(await create({ key: secret, headers })).toMatchObject(errorWith(403, 'account_invalid'));
  });
});

describe('Stripe-Version', () => {
  it.each(['2024-10-28.acacia', '2025-08-27.preview', '2026-10-28.endive'])('%s is echoed', async (version) => {
    const { headers } = await platform.request('GET', PATH, { headers: { 'stripe-version': version } });
    expect(headers.get('stripe-version')).toBe(version);
  });

  it('is the newest where none is given', async () => {
    expect((await platform.request('GET', PATH)).headers.get('stripe-version')).toBe('2026-10-28.endive');
  });

  it.each(['latest', '2026', '2026-10-28.endive; beta=v1'])('%s is refused', async (version) => {
    const { status, body } = await create({ headers: { 'stripe-version': version } });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'invalid_version',
      message: expect.stringContaining(`Invalid Stripe-Version header: '${version}'.`),
    });
  });
});
