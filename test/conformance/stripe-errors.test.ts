import { createServer } from 'node:net';
import Newest from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount } from '../support/accounts.ts';
import { failCalls } from '../support/hold.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

type Sdk = typeof Newest;
type Client = InstanceType<Sdk>;

const { default: Older }: { default: Sdk } = await import(String('stripe-18'));

let platform: Platform;
let slowKey: string;
beforeAll(async () => {
  platform = await startPlatform();
  const { id } = (await platform.admin('accounts', 'create', '--requests', '1')) as { id: string };
  slowKey = ((await platform.admin('keys', 'create', '--account', id)) as { secret: string }).secret;
});
afterAll(() => platform?.close());

const clientOf = (
  sdk: Sdk,
  key = platform.seed.test_key,
  port = platform.cloud.apiPort,
  config: Newest.StripeConfig = {},
): Client =>
  new sdk(key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...config });

const webhook = (name = 'Errors'): Newest.V2.Core.EventDestinationCreateParams => ({
  name,
  type: 'webhook_endpoint',
  event_payload: 'thin',
  enabled_events: ['v1.never.sent'],
  webhook_endpoint: { url: 'https://example.com/hook' },
});

/** Nobody listens there: it was free a moment ago. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : expect.fail('it had no port');
}

/** By the class that it is to raise: what an API like this one can be brought to, on both of its versions. */
const provocations: Record<string, readonly ((sdk: Sdk) => Promise<unknown>)[]> = {
  StripeAuthenticationError: [
    (sdk) => clientOf(sdk, `sk_test_${'x'.repeat(48)}`).v2.core.eventDestinations.retrieve('ed_1'),
    (sdk) => clientOf(sdk, `sk_test_${'x'.repeat(48)}`).events.retrieve('evt_1'),
  ],
  StripePermissionError: [
    (sdk) => clientOf(sdk, platform.seed.publish_key).v2.core.eventDestinations.create(webhook()),
    (sdk) => clientOf(sdk).rawRequest('POST', '/v1/events', { type: 'a.b' }),
  ],
  StripeInvalidRequestError: [
    (sdk) => clientOf(sdk).v2.core.eventDestinations.create({ ...webhook(), name: '' }),
    (sdk) => clientOf(sdk).v2.core.eventDestinations.retrieve('ed_1'),
    (sdk) => clientOf(sdk).events.retrieve('evt_1'),
    (sdk) => clientOf(sdk).events.retrieve('evt_1', {}, { stripeContext: 'nobody' }),
  ],
  StripeIdempotencyError: [
    async (sdk) => {
      const client = clientOf(sdk);
      const idempotencyKey = `reused-${client.VERSION}`;
      const { id } = await client.v2.core.eventDestinations.create(webhook(), { idempotencyKey });
      await client.v2.core.eventDestinations.del(id);
      return client.v2.core.eventDestinations.create(webhook('Other'), { idempotencyKey });
    },
  ],
  StripeRateLimitError: [
    async (sdk) => {
      await platform.cloud.clock.advance(1000);
      await platform.request('GET', '/v2/core/event_destinations', { key: slowKey });
      return clientOf(sdk, slowKey).v2.core.eventDestinations.retrieve('ed_1');
    },
    (sdk) => clientOf(sdk, slowKey).events.retrieve('evt_1'),
  ],
  StripeAPIError: [
    (sdk) => whileDenied(() => clientOf(sdk).v2.core.eventDestinations.retrieve('ed_1')),
    (sdk) => whileDenied(() => clientOf(sdk).events.retrieve('evt_1')),
  ],
  StripeConnectionError: [
    async (sdk) => clientOf(sdk, undefined, await deadPort()).v2.core.eventDestinations.retrieve('ed_1'),
  ],
  StripeSignatureVerificationError: [
    async (sdk) => {
      const client = clientOf(sdk);
      const include: ['webhook_endpoint.signing_secret'] = ['webhook_endpoint.signing_secret'];
      const { id, webhook_endpoint } = await client.v2.core.eventDestinations.create({ ...webhook(), include });
      await client.v2.core.eventDestinations.del(id);
      const payload = JSON.stringify({ id: 'evt_1', object: 'event' });
      const header = client.webhooks.generateTestHeaderString({ payload, secret: 'whsec_another' });
      return client.webhooks.constructEvent(payload, header, webhook_endpoint?.signing_secret ?? '');
    },
  ],
};

async function whileDenied<T>(call: () => Promise<T>): Promise<T> {
  const heal = failCalls(platform.cloud.dynamodb, 'GetItem', new AwsError('AccessDeniedException', 'No'));
  try {
    return await call();
  } finally {
    heal();
  }
}

/** Classes that no answer of this API raises, and why. */
const NOT_RAISED: Record<string, string> = {
  StripeError: 'the base of all',
  StripeCardError: 'nothing is paid here',
  StripeUnknownError: 'the older SDK raises it for a type that it does not know: every error has one that it knows',
  RateLimitError: "a limit is the same class on both APIs, which API v2's `rate_limit` would not be",
  TemporarySessionExpiredError: 'there are no sessions',
};
const OAUTH = /^StripeOAuth|^StripeInvalid(Grant|Client|Scope)Error$|^StripeUnsupported/;
/** Of financial accounts, payouts, payment methods, and so on: API v2's classes have no `Stripe` before their names. */
const OF_OTHER_RESOURCES = /^(?!Stripe)\w+Error$/;

const classesOf = (sdk: Sdk): string[] => Object.keys(sdk.errors).filter((name) => name.endsWith('Error'));

describe.each([
  ['the newest SDK', Newest],
  ['stripe@18.5.0', Older],
])('to %s', (_name, sdk) => {
  it.each(Object.entries(provocations))('%s is raised for what it stands for', async (name, calls) => {
    const errorClass = Object.entries(sdk.errors).find(([known]) => known === name)?.[1];
    for (const [index, call] of calls.entries()) {
      const error = await call(sdk).then(
        (value) => expect.fail(`${name} ${index} resolved with ${JSON.stringify(value)}`),
        (reason: unknown) => reason,
      );
      expect(error, `${name} ${index}`).toBeInstanceOf(errorClass);
    }
  });

  it('no other class of errors is left out without a reason', () => {
    const unexplained = classesOf(sdk).filter(
      (name) => !(name in provocations) && !(name in NOT_RAISED) && !OAUTH.test(name) && !OF_OTHER_RESOURCES.test(name),
    );
    expect(unexplained).toEqual([]);
    expect(Object.keys(provocations).filter((name) => !classesOf(sdk).includes(name))).toEqual([]);
  });

  it('sixteen destinations are created at once, not one more, and walked to their end one by one', async () => {
    const client = clientOf(sdk, (await createAccount(platform)).key);
    const creations = Array.from({ length: 20 }, (_, n) =>
      client.v2.core.eventDestinations.create(webhook(`No. ${n}`)),
    );
    const settled = await Promise.allSettled(creations);
    const created = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []));
    expect(created).toHaveLength(16);
    for (const one of settled)
      if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(sdk.errors.StripeInvalidRequestError);
    const walked: string[] = [];
    for await (const { id } of client.v2.core.eventDestinations.list({ limit: 1 })) walked.push(id);
    expect(walked.toSorted()).toEqual(created.toSorted());
  });

  it('a connected account is named by Stripe-Context, by Stripe-Account, or by both', async () => {
    const client = clientOf(sdk);
    const account = platform.seed.connected_account;
    const { id } = await client.v2.core.eventDestinations.create(webhook(), { stripeAccount: account });
    for (const options of [{ stripeContext: account }, { stripeAccount: account }])
      expect(await client.v2.core.eventDestinations.retrieve(id, {}, options)).toMatchObject({ id });
    // Of one request it takes only one of the two; it sends both when one of them is the client's.
    const inContext = clientOf(sdk, undefined, undefined, { stripeContext: account });
    const retrieve = (stripeAccount: string) => inContext.v2.core.eventDestinations.retrieve(id, {}, { stripeAccount });
    expect(await retrieve(account)).toMatchObject({ id });
    await expect(retrieve(platform.seed.account)).rejects.toBeInstanceOf(sdk.errors.StripeInvalidRequestError);
  });
});

describe('auto-pagination', () => {
  it('of either SDK comes to the end of 250 events of API v1, and of their thin twins', async () => {
    const { account, key } = await createAccount(platform);
    const created = await platform.admin('keys', 'create', '--account', account, '--publish');
    const events = Array(10).fill({ type: 'a.b', data: { object: {} }, thin_event: true });
    const ids: string[] = [];
    for (let n = 0; n < 25; n += 1) {
      const options = { key: (created as { secret: string }).secret, body: { events } };
      const { body } = await platform.request('POST', '/v1/events', options);
      ids.unshift(...body.data.map(({ id }: { id: string }) => id).toReversed());
      await platform.cloud.clock.advance(1);
    }
    await platform.cloud.clock.settled();
    for (const sdk of [Newest, Older]) {
      const client = clientOf(sdk, key);
      const snapshots: string[] = [];
      for await (const { id } of client.events.list({ limit: 100 })) snapshots.push(id);
      expect(snapshots).toEqual(ids);
      const twins: (string | undefined)[] = [];
      for await (const twin of client.v2.core.events.list({ limit: 50 })) twins.push(twin.snapshot_event);
      expect(twins.toSorted()).toEqual(ids.toSorted());
    }
  });
});

describe('in the envelope of each API', () => {
  const large = JSON.stringify({ type: 'v1.a.b', data: { padding: 'x'.repeat(300_000) } });
  it.each([
    [413, 'event_too_large', { body: large }],
    [415, 'unsupported_media_type', { body: 'a,b', headers: { 'content-type': 'text/csv' } }],
  ])('is %i %s', async (status, code, options) => {
    for (const path of ['/v1/events', '/v2/core/events']) {
      const answer = await platform.request('POST', path, { key: platform.seed.publish_key, ...options });
      expect(answer).toMatchObject({ status, body: { error: { code, type: 'invalid_request_error' } } });
      expect(answer.headers.get('request-id')).toMatch(/\S/);
    }
  });
});
