import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { failCalls } from '../support/hold.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const { default: Stripe18 }: { default: typeof Stripe } = await import(String('stripe-18'));

let platform: Platform;
let seed: Platform['seed'];
beforeAll(async () => {
  platform = await startPlatform({ rateLimited: true });
  seed = platform.seed;
});
afterAll(() => platform?.close());

const PATH = '/v2/core/event_destinations';
const get = (key = seed.test_key) => platform.request('GET', PATH, { key });
const publish = (count: number, key = seed.publish_key) =>
  platform.request('POST', '/v1/events', {
    key,
    body: { events: Array(count).fill({ type: 'a.b', data: { object: {} } }) },
  });
const nextSecond = () => platform.cloud.clock.advance(SECOND);

async function statuses(count: number, key?: string): Promise<number[]> {
  const answers: number[] = [];
  for (let n = 0; n < count; n += 1) answers.push((await get(key)).status);
  return answers;
}

const counterWrites = () => platform.cloud.dynamodb.counts.get('UpdateItem') ?? 0;

describe('the requests of an account in a second', () => {
  it('are 25 in test mode; the next is 429 in the envelope, and says why and when', async () => {
    await nextSecond();
    expect(await statuses(25)).toEqual(Array(25).fill(200));
    const { status, body, headers } = await get();
    expect(status).toBe(429);
    expect(body).toEqual({
      error: { code: 'rate_limit', type: 'rate_limit_error', message: expect.stringMatching(/slow down/) },
    });
    expect(Object.fromEntries(headers)).toMatchObject({
      'retry-after': '1',
      'stripe-should-retry': 'false',
      'stripe-rate-limited-reason': 'global-rate',
      'request-id': expect.stringMatching(/\S/),
    });
    // Another mode has a limit of its own, and so has the next second.
    expect(await statuses(1, seed.live_key)).toEqual([200]);
    await nextSecond();
    expect(await statuses(1)).toEqual([200]);
  });

  it.each([
    ['the newest SDK', Stripe],
    ['stripe@18.5.0', Stripe18],
  ])(
    'beyond the limit are a StripeRateLimitError to %s, on both APIs, at which it does not try again',
    async (_, Sdk) => {
      await nextSecond();
      await statuses(25);
      const { apiPort: port } = platform.cloud;
      const stripe = new Sdk(seed.test_key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 2 });
      const { StripeRateLimitError } = Sdk.errors;
      let requests = 0;
      stripe.on('request', () => {
        requests += 1;
      });
      await expect(stripe.v2.core.eventDestinations.retrieve('ed_1')).rejects.toBeInstanceOf(StripeRateLimitError);
      await expect(stripe.events.retrieve('evt_1')).rejects.toBeInstanceOf(StripeRateLimitError);
      expect(requests).toBe(2);
    },
  );

  it('are 100 in live mode, and cost a tenth of a write each once they are many; refused ones cost none', async () => {
    await nextSecond();
    expect(await statuses(20, seed.live_key)).toEqual(Array(20).fill(200));
    await nextSecond();
    const before = counterWrites();
    expect(await statuses(100, seed.live_key)).toEqual(Array(100).fill(200));
    expect(counterWrites() - before).toBe(10);
    expect(await statuses(1, seed.live_key)).toEqual([429]);
    const after = counterWrites();
    expect(await statuses(5, seed.live_key)).toEqual(Array(5).fill(429));
    expect(counterWrites()).toBe(after);
  });
});

describe('the operator', () => {
  it('sets the limits of an account, for requests and for events, within a minute', async () => {
    await platform.admin('accounts', 'limit', seed.account, '--requests', '3', '--events', '15');
    await platform.cloud.clock.advance(MINUTE);
    expect(await statuses(4)).toEqual([200, 200, 200, 429]);
    // Publishing counts events, and apart from requests.
    expect((await publish(10)).status).toBe(200);
    const refused = await publish(6);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limit' } } });
    expect(refused.headers.get('stripe-rate-limited-reason')).toBe('endpoint-rate');
    expect((await publish(4)).status).toBe(200);

    await platform.admin('accounts', 'limit', seed.account);
    await platform.cloud.clock.advance(MINUTE);
    expect((await statuses(25)).at(-1)).toBe(200);
    expect((await publish(10)).status).toBe(200);
    expect((await publish(10)).status).toBe(200);
  });
});

describe('when the counter cannot be written', () => {
  it('requests are served, and a line in the log says so', async () => {
    await nextSecond();
    const denied = new AwsError('AccessDeniedException', 'No', 400);
    const heal = failCalls(platform.cloud.dynamodb, 'UpdateItem', denied);
    expect(await statuses(30)).toEqual(Array(30).fill(200));
    heal();
    expect(JSON.stringify(platform.cloud.logs.snapshot('nobody'))).toContain('A rate limit is not kept');
  });
});
