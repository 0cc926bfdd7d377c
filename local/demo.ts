import { deepStrictEqual } from 'node:assert/strict';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import Stripe from 'stripe';
import { type Cloud, startCloud } from './cloud.ts';
import { type Seed, seedOnce } from './seed.ts';
import { ensureSynthesized } from './synth.ts';

/**
 * `npm run demo`: the main job from end to end on an embedded cloud of its own. Stripe's SDK creates the destination and
 * publishes, AWS's SDK plays the customer. Exits 0 only if the envelope arrived and is right.
 */
const REGION = 'us-east-1';
const LOG_GROUP = '/aws/events/demo';
const OBJECT = { id: 'cus_123', object: 'customer', name: 'Jenny Rosen' };

let steps = 0;
const step = (text: string) => console.log(`\n${++steps}. ${text}`);

async function demo(cloud: Cloud, seed: Seed): Promise<void> {
  const sdk = (key: string) =>
    new Stripe(key, { host: '127.0.0.1', port: cloud.apiPort, protocol: 'http', telemetry: false });

  step('The customer creates an event destination (Stripe SDK)');
  const destination = await sdk(seed.testKey).v2.core.eventDestinations.create({
    name: 'Demo',
    type: 'amazon_eventbridge',
    event_payload: 'snapshot',
    enabled_events: ['customer.created'],
    amazon_eventbridge: { aws_account_id: seed.customerAccountId, aws_region: REGION },
  });
  const arn = destination.amazon_eventbridge?.aws_event_source_arn ?? '';
  const source = arn.split('event-source/')[1] ?? '';
  console.log(
    `   ${destination.id} is ${destination.amazon_eventbridge?.aws_event_source_status}, its source ${source}`,
  );

  step('The platform publishes an event: it is held, because the source has no event bus yet');
  const event = await publish(cloud, seed);
  await cloud.clock.advance(2000);
  console.log(`   ${event.id}`);

  step('The customer associates the source with an event bus, and a rule sends events to a log group (AWS SDK)');
  const readEnvelopes = await associate(cloud, seed, source);
  console.log(`   ${(await readEnvelopes()).length} envelopes so far`);

  step('A minute passes: the tracker sees that the source is active, and what was held is released');
  await cloud.clock.advance(65_000);
  const seen = await sdk(seed.testKey).v2.core.eventDestinations.retrieve(destination.id);
  console.log(`   ${seen.id} is ${seen.amazon_eventbridge?.aws_event_source_status}`);

  step('The envelope has arrived');
  const envelopes = await readEnvelopes();
  console.log(JSON.stringify(envelopes[0], null, 2).replaceAll(/^/gm, '   '));
  check(envelopes, { arn, source, event, account: seed.customerAccountId });
  const received = sdk(seed.testKey).webhooks.constructEventWithoutVerification(JSON.stringify(envelopes[0]));
  console.log(`\nStripe's SDK reads it as ${received.type}, ${received.id}. All is right.`);
}

interface PublishedEvent {
  readonly id: string;
  readonly created: number;
}

async function publish(cloud: Cloud, seed: Seed): Promise<PublishedEvent> {
  const response = await fetch(`${cloud.apiUrl}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${seed.publishKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'customer.created', data: { object: OBJECT } }),
  });
  if (!response.ok) throw new Error(`Publishing answered ${response.status}: ${await response.text()}`);
  const event: PublishedEvent = JSON.parse(await response.text());
  return event;
}

/** What the customer does in their own AWS account. Returns what reads the envelopes that arrived there. */
async function associate(cloud: Cloud, seed: Seed, source: string): Promise<() => Promise<unknown[]>> {
  const credentials = { accessKeyId: seed.customerAccountId, secretAccessKey: 'local' };
  const options = { region: REGION, credentials, endpoint: cloud.awsUrl };
  const events = new EventBridgeClient(options);
  const logs = new CloudWatchLogsClient(options);
  await events.send(new CreateEventBusCommand({ Name: source, EventSourceName: source }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
  const EventPattern = JSON.stringify({ account: [seed.customerAccountId] });
  await events.send(new PutRuleCommand({ Name: 'all', EventBusName: source, EventPattern }));
  const Arn = `arn:aws:logs:${REGION}:${seed.customerAccountId}:log-group:${LOG_GROUP}`;
  await events.send(new PutTargetsCommand({ Rule: 'all', EventBusName: source, Targets: [{ Id: 'log', Arn }] }));
  return async () => {
    const found = await logs.send(new FilterLogEventsCommand({ logGroupName: LOG_GROUP }));
    return (found.events ?? []).map(({ message }) => JSON.parse(message ?? ''));
  };
}

/** The envelope as the document has it, field by field. */
function check(
  envelopes: readonly unknown[],
  { arn, source, event, account }: { arn: string; source: string; event: PublishedEvent; account: string },
): void {
  const [{ id, ...envelope }] = envelopes as [Record<string, unknown>];
  deepStrictEqual(envelopes.length, 1);
  deepStrictEqual(typeof id, 'string');
  deepStrictEqual(envelope, {
    version: '0',
    'detail-type': 'customer.created',
    source,
    account,
    time: `${new Date(event.created * 1000).toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources: [arn],
    detail: {
      id: event.id,
      object: 'event',
      api_version: null,
      created: event.created,
      data: { object: OBJECT },
      livemode: false,
      pending_webhooks: 0,
      request: { id: null, idempotency_key: null },
      type: 'customer.created',
    },
  });
}

const cloud = await startCloud({ cdkOut: await ensureSynthesized(console.log) });
try {
  await demo(cloud, await seedOnce(cloud.serviceEnv, undefined));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await cloud.close();
}
