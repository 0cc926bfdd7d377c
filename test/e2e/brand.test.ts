import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChangedTemplates, changeTemplates } from '../support/changed-templates.ts';
import { publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { createWebhook, startReceiver } from '../support/receiver.ts';

let templates: ChangedTemplates;
let platform: Platform;
beforeAll(async () => {
  // As `-c brand=Acme` synthesizes them: the functions' setting, and the headers of the gateway's own answers.
  templates = changeTemplates((template) =>
    template
      .replaceAll(/("BRAND": ?)"Stripe"/g, '$1"Acme"')
      .replaceAll('gatewayresponse.header.Stripe-', 'gatewayresponse.header.Acme-'),
  );
  platform = await startPlatform({ cdkOut: templates.cdkOut });
});
afterAll(async () => {
  await platform?.close();
  templates?.remove();
});

const PATH = '/v2/core/event_destinations';
const branded = (headers: Headers) => [...headers.keys()].filter((name) => /^(acme|stripe)-/.test(name));

describe('a deployment with a brand of its own', () => {
  it('names its headers by it, and knows no others', async () => {
    const acme = await platform.request('GET', PATH, { headers: { 'acme-version': '2025-08-27.preview' } });
    expect(acme.headers.get('acme-version')).toBe('2025-08-27.preview');
    const stripe = await platform.request('GET', PATH, { headers: { 'stripe-version': '2025-08-27.preview' } });
    expect(stripe.headers.get('acme-version')).toBe('2026-10-28.endive');
    expect([...branded(acme.headers), ...branded(stripe.headers)]).toEqual(['acme-version', 'acme-version']);
  });

  it('acts for the account that its own headers name', async () => {
    const event = { type: 'a.b', data: { object: {} } };
    const headers = { 'acme-context': platform.seed.connected_account };
    const { body } = await platform.request('POST', '/v1/events', {
      key: platform.seed.publish_key,
      body: event,
      headers,
    });
    await platform.cloud.clock.settled();
    const status = async (more: Record<string, string>) =>
      (await platform.request('GET', `/v1/events/${body.id}`, { headers: more })).status;
    expect(await status({ 'acme-account': platform.seed.connected_account })).toBe(200);
    expect(await status({ 'stripe-account': platform.seed.connected_account })).toBe(404);
  });

  it('signs webhooks in a header of its own', async () => {
    const receiver = await startReceiver();
    const { secret } = await createWebhook(platform, receiver.url);
    await publish(platform);
    await platform.cloud.clock.advance(2_000);
    const [request] = receiver.requests;
    await receiver.close();
    expect(request?.headers).not.toHaveProperty('stripe-signature');
    const signature = String(request?.headers['acme-signature']);
    const event = platform.stripe().webhooks.constructEvent(request?.body ?? '', signature, secret, Infinity);
    expect(event.type).toBe('customer.created');
  });

  it('says so where it asks for a retry, and in its messages', async () => {
    const young = await platform.request('GET', '/v1/events/evt_test_01M8G8CH405TGQNQ07YF7GFS5R');
    expect(branded(young.headers)).toEqual(['acme-version']);
    const { body } = await platform.request('GET', PATH, { headers: { 'acme-version': 'yesterday' } });
    expect(body.error.message).toContain('Invalid Acme-Version header');
    const nobody = await platform.request('GET', PATH, { headers: { 'acme-context': 'nobody' } });
    expect(nobody.body.error.message).toContain('Acme-Context must be');
  });
});
