import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { AwsError } from '../../local/aws-error.ts';
import { assemblyOf, synthesizeApp } from '../support/consumer.ts';
import { createDestination, type EventDestination, publish, sourceOf } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

/** The synth of the CDK snippet, on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

const REGION = 'eu-central-1';
const DAY = 24 * 3600_000;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const settle = () => platform.cloud.clock.advance(65_000);
const owner = () => ({ account: platform.seed.customer_account_id, region: REGION });
const create = () => createDestination(platform, { enabled_events: ['*'] }, REGION);

async function setupOf({ id }: EventDestination) {
  const { status, body } = await platform.request('GET', `/v2/core/event_destinations/${id}/setup`);
  expect(status).toBe(200);
  return body;
}
const statuses = (setup: { steps: { id: string; status: string }[] }) =>
  Object.fromEntries(setup.steps.map(({ id, status }) => [id, status]));

/** What the log group of the first rule has got. */
function logged({ id }: EventDestination): string[] {
  const { account, region } = owner();
  const group = `arn:aws:logs:${region}:${account}:log-group:/aws/events/event-destinations/${id}`;
  return platform.cloud.logs.recent(group).map(({ message }) => JSON.parse(message).detail.id);
}

describe('the setup of an event destination', () => {
  it('says what is still to be done, and by when', async () => {
    const destination = await create();
    const pending = await setupOf(destination);
    expect(pending).toMatchObject({
      object: 'v2.core.event_destination.setup',
      event_destination: destination.id,
      livemode: false,
      delivery: 'partner_event_source',
      aws_event_source_status: 'pending',
      console_url: `https://${REGION}.console.aws.amazon.com/events/home?region=${REGION}#/partners`,
    });
    expect(statuses(pending)).toEqual({ associate_event_source: 'to_do', create_rule: 'not_visible' });
    const inSevenDays = new Date(platform.cloud.clock.now() + 7 * DAY).toISOString().slice(0, 13);
    expect(pending.steps[0].description).toContain(`by ${inSevenDays}`);

    await platform.customer(REGION).associate(sourceOf(destination));
    await settle();
    expect(statuses(await setupOf(destination))).toEqual({
      associate_event_source: 'done',
      create_rule: 'not_visible',
    });

    await platform.stripe().v2.core.eventDestinations.disable(destination.id);
    expect(statuses(await setupOf(destination))).toMatchObject({ enable_event_destination: 'to_do' });
  });

  it('has nothing to offer but a new destination once the source is gone', async () => {
    const destination = await create();
    await platform.skip(7 * DAY);
    await platform.cloud.clock.advance(3 * 60_000);
    const gone = await setupOf(destination);
    expect(statuses(gone)).toEqual({ create_event_destination: 'to_do' });
    expect(gone).toMatchObject({ aws_event_source_status: 'deleted', cdk: null, cloudformation: null });
  });

  it('does not say that what it could not find out is still to be done', async () => {
    const destination = await create();
    const error = new AwsError('InternalException', 'AWS is in trouble', 500);
    const mended = platform.cloud.eventbridge.faults.injectFault({
      operation: 'ListPartnerEventSourceAccounts',
      error,
    });
    await settle();
    expect(statuses(await setupOf(destination))).toMatchObject({ associate_event_source: 'unknown' });
    mended();
  });

  it('is not there for a webhook endpoint, nor for another account', async () => {
    const webhook = await platform.stripe().v2.core.eventDestinations.create({
      name: 'Webhook',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      enabled_events: ['customer.created'],
      webhook_endpoint: { url: 'https://example.com/webhook' },
    });
    const path = `/v2/core/event_destinations/${webhook.id}/setup`;
    expect(await platform.request('GET', path)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    const { id } = await create();
    const key = platform.seed.live_key;
    const foreign = await platform.request('GET', `/v2/core/event_destinations/${id}/setup`, { key });
    expect(foreign.status).toBe(404);
  });
});

describe('each of its templates', () => {
  /** Deploys what comes of the setup, and says whether an event arrives. */
  async function arrives(assemblyFor: (setup: Awaited<ReturnType<typeof setupOf>>) => string | Promise<string>) {
    const destination = await create();
    await platform.cloud.deploy(await assemblyFor(await setupOf(destination)), owner());
    await settle();
    const event = await publish(platform, 'invoice.paid');
    await settle();
    expect(statuses(await setupOf(destination))).toMatchObject({ associate_event_source: 'done' });
    expect(logged(destination)).toEqual([event]);
  }

  it('in CloudFormation as JSON brings events to the log group', () =>
    arrives(({ cloudformation }) => assemblyOf(JSON.parse(cloudformation.json))));

  it('in CloudFormation as YAML is the same', async () => {
    const { cloudformation } = await setupOf(await create());
    expect(parse(cloudformation.yaml)).toEqual(JSON.parse(cloudformation.json));
  });

  it('in CDK is a whole app that brings events to the log group', () => arrives(({ cdk }) => synthesizeApp(cdk)));
});
