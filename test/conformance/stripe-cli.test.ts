import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { associate, deliveriesOf, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let platform: Platform;
let home: string;

beforeAll(async () => {
  platform = await startPlatform();
  home = await mkdtemp(join(tmpdir(), 'stripe-cli-'));
});
afterAll(async () => {
  await platform.close();
  await rm(home, { recursive: true });
});

/** Stripe's own CLI, unmodified. Its answer; a refusal is an answer, too. */
// biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as the test expects it to be
async function stripe(...args: string[]): Promise<any> {
  const global = ['--api-key', platform.seed.test_key, '--api-base', platform.cloud.apiUrl];
  // A configuration of its own: whoever runs the tests may be logged in with theirs.
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home };
  const { stdout } = await promisify(execFile)('node_modules/.bin/stripe', [...args, ...global], { env });
  return JSON.parse(stdout.slice(stdout.indexOf('{')));
}
const destinations = (...args: string[]) => stripe('v2', 'core', 'event_destinations', ...args);
const events = (...args: string[]) => stripe('v2', 'core', 'events', ...args);

const create = (name: string, type: string) =>
  destinations(
    ...['create', '--name', name, '--type', 'amazon_eventbridge', '--event-payload', 'snapshot'],
    ...['--enabled-events', type, '--enabled-events', `${type}.too`],
    ...['--amazon-eventbridge.aws-account-id', platform.seed.customer_account_id],
    ...['--amazon-eventbridge.aws-region', 'us-east-1'],
  );

describe('the Stripe CLI', () => {
  it('creates, retrieves, lists, updates, disables, enables, pings and deletes an event destination', async () => {
    const { id } = await create('By CLI', 'cli.life');
    expect(id).toMatch(/^ed_test_/);
    expect(await destinations('retrieve', id)).toMatchObject({
      id,
      name: 'By CLI',
      enabled_events: ['cli.life', 'cli.life.too'],
      amazon_eventbridge: { aws_event_source_status: 'pending' },
    });
    expect((await destinations('list', '--limit', '1')).data).toHaveLength(1);
    expect(await destinations('update', id, '--description', 'Changed')).toMatchObject({ id, description: 'Changed' });
    expect(await destinations('disable', id)).toMatchObject({
      status: 'disabled',
      status_details: { disabled: { reason: 'user' } },
    });
    expect(await destinations('enable', id)).toMatchObject({ status: 'enabled', status_details: null });
    expect(await destinations('ping', id)).toMatchObject({
      object: 'v2.core.event',
      type: 'v2.core.event_destination.ping',
      related_object: { id, type: 'v2.core.event_destination' },
    });
    expect(await destinations('delete', id, '--confirm')).toEqual({ id, object: 'v2.core.event_destination' });
    expect(await destinations('retrieve', id)).toMatchObject({ error: { code: 'not_found' } });
  });

  it('lists and retrieves events', async () => {
    const { body } = await platform.request('POST', '/v2/core/events', {
      key: platform.seed.publish_key,
      body: { type: 'v2.cli.thing.made', related_object: { id: 'thing_1', type: 'thing', url: '/v2/things/thing_1' } },
    });
    await platform.cloud.clock.advance(1000);
    expect((await events('list', '--object-id', 'thing_1')).data).toEqual([await events('retrieve', body.id)]);
  });

  it('resends an event to a destination: a manual attempt, recorded as one', async () => {
    const { id, ...destination } = await create('Resent to', 'cli.resent');
    const collector = await associate(platform, { id, ...destination });
    await platform.cloud.clock.advance(61_000);
    const event = await publish(platform, 'cli.resent');
    await platform.cloud.clock.advance(2000);
    expect(await stripe('events', 'resend', event, `--webhook-endpoint=${id}`)).toMatchObject({
      id: event,
      object: 'event',
    });
    await platform.cloud.clock.advance(2000);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event, event]);
    const [delivery] = await deliveriesOf(platform, event);
    expect(delivery?.attempts).toEqual([
      expect.objectContaining({ manual: false, outcome: 'succeeded' }),
      expect.objectContaining({ manual: true, outcome: 'succeeded' }),
    ]);
  });

  it('is told in the envelope what is wrong', async () => {
    expect(await destinations('create', '--name', 'Nothing else')).toMatchObject({
      error: { code: 'invalid_fields', message: expect.stringContaining("'type: This field is required.'") },
    });
  });
});
