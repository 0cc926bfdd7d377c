import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import { holdNext } from '../support/hold.ts';
import { createDestination } from '../support/main-job.ts';
import { type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';

const DESTINATIONS = '/v2/core/event_destinations';
const SECRET = 'webhook_endpoint.signing_secret';
const HOUR = 3_600_000;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const post = (path: string, body?: unknown, options: RequestOptions = {}) =>
  platform.request('POST', path, { ...options, ...(body !== undefined && { body }) });

async function createWebhook(headers: Record<string, string> = {}) {
  const body = {
    name: 'A webhook',
    type: 'webhook_endpoint',
    event_payload: 'snapshot',
    enabled_events: ['customer.created'],
    webhook_endpoint: { url: 'https://example.com/hook' },
    include: [SECRET],
  };
  const created = await post(DESTINATIONS, body, { headers });
  expect(created.status).toBe(200);
  return { id: String(created.body.id), secret: created.body.webhook_endpoint.signing_secret, request: body };
}
const roll = (id: string, body?: object, headers: Record<string, string> = {}) =>
  post(`${DESTINATIONS}/${id}/roll_signing_secret`, body, { headers });

describe('rolling a signing secret', () => {
  it('answers with the destination, and with the new secret if it is included', async () => {
    const { id, secret } = await createWebhook();
    const { status, body } = await roll(id, { expire_current_in: 3600, include: [SECRET, 'webhook_endpoint.url'] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, object: 'v2.core.event_destination', status: 'enabled' });
    const { signing_secret, url } = body.webhook_endpoint;
    expect(url).toBe('https://example.com/hook');
    expect(signing_secret).toMatch(/^whsec_[A-Za-z0-9]{32}$/);
    expect(signing_secret).not.toBe(secret);
    const unasked = await roll(id);
    expect(unasked.body.webhook_endpoint).toEqual({ signing_secret: null, url: null });
  });

  it('is done once for an Idempotency-Key, and its repeat shows the same secret, also after a later roll', async () => {
    const { id } = await createWebhook();
    const once = () => roll(id, { include: [SECRET] }, { 'idempotency-key': `roll-${id}` });
    const first = await once();
    const later = await roll(id, { include: [SECRET] });
    const repeat = await once();
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    expect(repeat.body.webhook_endpoint.signing_secret).toBe(first.body.webhook_endpoint.signing_secret);
    expect(later.body.webhook_endpoint.signing_secret).not.toBe(first.body.webhook_endpoint.signing_secret);
    const other = await roll(id, { expire_current_in: 5 }, { 'idempotency-key': `roll-${id}` });
    expect(other).toMatchObject({ status: 409, body: { error: { type: 'idempotency_error' } } });
  });

  it('shows no secret to a repeat when a later roll has ended it, and none of a roll to the repeat of the creation', async () => {
    const { id, secret, request } = await createWebhook({ 'idempotency-key': 'create-then-roll' });
    const recreate = () => post(DESTINATIONS, request, { headers: { 'idempotency-key': 'create-then-roll' } });
    const first = () => roll(id, { include: [SECRET] }, { 'idempotency-key': `ended-${id}` });
    await first();
    expect((await recreate()).body.webhook_endpoint.signing_secret).toBe(secret);
    await roll(id, { expire_current_in: 0 });
    expect((await first()).body.webhook_endpoint.signing_secret).toBeNull();
    expect((await recreate()).body.webhook_endpoint.signing_secret).toBeNull();
  });

  it('is finished, not done twice, by the repeat of a request that died before its answer', async () => {
    const { id } = await createWebhook();
    const once = () => roll(id, { include: [SECRET] }, { 'idempotency-key': `died-${id}` });
    // The roll is written; what is held then is the write that says so.
    const rolling = holdNext(platform.cloud.dynamodb, 'UpdateItem', '-registry');
    const dying = once();
    await rolling.reached;
    const saying = holdNext(platform.cloud.dynamodb, 'UpdateItem', '-ledger');
    rolling.release();
    await saying.reached;
    const api = [...platform.cloud.lambda.counts.keys()].find((name) => /-Api-|-api-.*Function/i.test(name)) ?? '';
    await platform.cloud.lambda.kill(api);
    saying.release();
    expect((await dying).status).toBeGreaterThanOrEqual(500);
    await platform.cloud.clock.advance(30_000);
    const repeat = await once();
    expect(repeat.status).toBe(200);
    const again = await once();
    expect(again.body.webhook_endpoint.signing_secret).toBe(repeat.body.webhook_endpoint.signing_secret);
    // Of five places one is taken by the first secret, and one by this roll.
    for (const expected of [200, 200, 200, 400]) expect((await roll(id)).status).toBe(expected);
  });

  it('is refused when another one came in between, and then has changed nothing', async () => {
    const { id } = await createWebhook();
    const writing = holdNext(platform.cloud.dynamodb, 'UpdateItem', '-registry');
    const slow = roll(id, { expire_current_in: 0, include: [SECRET] });
    await writing.reached;
    expect((await roll(id, undefined, { 'idempotency-key': `fast-${id}` })).status).toBe(200);
    writing.release();
    const { status, headers, body } = await slow;
    expect([status, body.error.code]).toEqual([409, 'concurrent_modification']);
    expect(headers.get('stripe-should-retry')).toBe('false');
    // It would have ended the other's secret: of the five places two are taken.
    for (const expected of [200, 200, 200, 400]) expect((await roll(id)).status).toBe(expected);
  });

  it('keeps at most five secrets signing, and says when there is place again and how to end them all', async () => {
    const { id } = await createWebhook();
    for (let count = 0; count < 4; count += 1) {
      expect((await roll(id, { expire_current_in: 3600 })).status).toBe(200);
      await platform.cloud.clock.advance(60_000);
    }
    const { status, body } = await roll(id);
    expect([status, body.error.code]).toEqual([400, 'too_many_signing_secrets']);
    expect(body.error.message).toMatch(/Roll again after 2026-\d\d-\d\dT[\d:.]+Z, .* with expire_current_in 0/);
    expect((await roll(id, { expire_current_in: 0 })).status).toBe(200);
    for (let count = 0; count < 4; count += 1) expect((await roll(id, { expire_current_in: 3600 })).status).toBe(200);
    await platform.cloud.clock.advance(HOUR);
    expect((await roll(id)).status).toBe(200);
  });

  it('is refused with words that help: another type, an overlap of more than a day, another account, a read-only key', async () => {
    const { id } = await createWebhook();
    const bridge = await createDestination(platform);
    const type = await roll(bridge.id);
    expect(type).toMatchObject({ status: 400, body: { error: { code: 'no_signing_secret' } } });
    expect(type.body.error.message).toContain("Only destinations of type 'webhook_endpoint'");
    const long = await roll(id, { expire_current_in: 86_401 });
    expect(long.body.error.message).toContain("'expire_current_in: Must be at most 86400.'");
    const { key } = await createAccount(platform);
    expect((await post(`${DESTINATIONS}/${id}/roll_signing_secret`, {}, { key })).status).toBe(404);
    const publisher = await post(`${DESTINATIONS}/${id}/roll_signing_secret`, {}, { key: platform.seed.publish_key });
    expect(publisher).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } });
  });
});
