import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebhookDestination } from '../../../shared/destinations/destination.ts';
import { attempt } from '../../../shared/destinations/webhook-endpoint/attempt.ts';
import { newId } from '../../../shared/ids.ts';
import { SECOND } from '../../../shared/time.ts';
import { webhookDestination } from '../../support/webhook-destination.ts';

/** When the attempts are made, and how long one takes, ms. */
const clock = vi.hoisted(() => ({ now: 0, perAttempt: 0 }));

vi.mock('../../../shared/destinations/webhook-endpoint/client.ts', () => ({
  createClient: () => async () => {
    clock.now += clock.perAttempt;
    return { status: 200, excerpt: '', durationMs: clock.perAttempt };
  },
}));
vi.mock('../../../shared/secrets/data-key.ts', () => ({
  dataKey: () => Promise.reject(new Error('KMS is throttled')),
}));
vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
afterEach(() => Object.assign(clock, { now: 0, perAttempt: 0 }));

const now = Date.UTC(2026, 10, 21);
const destination = webhookDestination(now);

const requestTo = (to: WebhookDestination) => ({
  destination: to,
  event: {
    ...{ id: newId('evt', false, now), account: 'acct_1', livemode: false, created: now },
    ...{ payload: 'snapshot' as const, content: { type: 'a', data: { object: {} } } },
  },
  pendingWebhooks: 1,
});

describe('a batch of webhooks', () => {
  it('puts off what could not begin within ten seconds, so that the function has time to record the rest', async () => {
    clock.perAttempt = 2 * SECOND + 1;
    const outcomes = await attempt(Array.from({ length: 8 }, () => requestTo(destination)));
    expect(outcomes.map(({ kind }) => kind)).toEqual([...Array(5).fill('succeeded'), ...Array(3).fill('put_off')]);
  });

  it('is attempted whole while there is time', async () => {
    clock.perAttempt = SECOND;
    const outcomes = await attempt(Array.from({ length: 8 }, () => requestTo(destination)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(8).fill('succeeded'));
  });

  it('charges it to no destination that KMS does not open its secret, and says so', async () => {
    const secret = { secret: `sealed:1:${Buffer.alloc(64).toString('base64')}`, created: now, expires: null };
    const sealed = webhookDestination(now, [secret]);
    expect(await attempt([requestTo(sealed)])).toEqual([
      { kind: 'ours', code: 'SigningFailed', message: 'Error: KMS is throttled' },
    ]);
  });
});
