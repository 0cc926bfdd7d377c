import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildConsumerApp } from '../../infra/consumer/app.ts';
import { AwsError } from '../../local/aws-error.ts';
import type { ChangedTemplates } from '../support/changed-templates.ts';
import { assemblyOf, consumerApp, synthesizeApp } from '../support/consumer.ts';
import { failCalls } from '../support/hold.ts';
import { createDestination, deliveriesOf, type EventDestination, publish } from '../support/main-job.ts';
import { synthesizeWith } from '../support/other-context.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

/** Synths and deployments, on a busy machine. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const REGION = 'ap-southeast-2';
const SERVICE = '000000000000';

let templates: ChangedTemplates;
let platform: Platform;
beforeAll(async () => {
  templates = synthesizeWith({ eventBridgeDelivery: 'bus' });
  platform = await startPlatform({ cdkOut: templates.cdkOut });
});
afterAll(async () => {
  await platform?.close();
  templates?.remove();
});

const clock = () => platform.cloud.clock;
const owner = () => ({ account: platform.seed.customer_account_id, region: REGION });
const busArn = ({ id }: EventDestination) =>
  `arn:aws:events:${REGION}:${owner().account}:event-bus/event-destinations-${id}`;

const create = (type: string) => createDestination(platform, { enabled_events: [type] }, REGION);

async function statusOf({ id }: EventDestination) {
  const { amazon_eventbridge } = await platform.stripe().v2.core.eventDestinations.retrieve(id);
  return amazon_eventbridge?.aws_event_source_status;
}
async function deliveryOf(event: string, { id }: EventDestination) {
  return (await deliveriesOf(platform, event)).find(({ event_destination }) => event_destination === id);
}
type Setup = Awaited<ReturnType<typeof setupOf>>;
async function setupOf({ id }: EventDestination) {
  return (await platform.request('GET', `/v2/core/event_destinations/${id}/setup`)).body;
}

/** What the consumer's log group has got. */
function logged({ id }: EventDestination) {
  const group = `arn:aws:logs:${REGION}:${owner().account}:log-group:/aws/events/event-destinations/${id}`;
  return platform.cloud.logs.recent(group).map(({ message }) => JSON.parse(message));
}
const eventsLogged = (destination: EventDestination) => logged(destination).map(({ detail }) => detail.id);

/** The customer deploys the consumer, as the setup tells him to. */
async function deployConsumer(destination: EventDestination): Promise<void> {
  const setup = await setupOf(destination);
  const { app, cdkOut } = consumerApp({
    eventSourceName: setup.event_source_name,
    publisherAccount: setup.publisher_aws_account_id,
    echoEndpoint: setup.echo_endpoint,
  });
  buildConsumerApp(app).synth();
  await platform.cloud.deploy(cdkOut, owner());
}

/** As AWS says it of a whole call. */
const refusalOf = (
  destination: EventDestination,
  why = 'because no resource-based policy allows the events:PutEvents action',
) =>
  new AwsError(
    'AccessDeniedException',
    `User: arn:aws:sts::${SERVICE}:assumed-role/a/b is not authorized to perform: events:PutEvents on resource: ${busArn(destination)} ${why}`,
  );

const echoRuleOf = (destination: EventDestination) => ({ EventBusName: busArn(destination) });
async function stopEcho(destination: EventDestination, operation: 'DisableRule' | 'EnableRule') {
  const { Rules } = (await platform.cloud.eventbridge.handle('ListRules', echoRuleOf(destination), owner())) as {
    Rules: { Name: string; EventPattern: string }[];
  };
  const Name = Rules.find(
    ({ EventPattern }) => /"event_destination.echo"\]/.test(EventPattern) && !EventPattern.includes('anything-but'),
  )?.Name;
  await platform.cloud.eventbridge.handle(operation, { ...echoRuleOf(destination), Name }, owner());
}

describe('where deliveries go to an event bus', () => {
  it('they are held without an echo, however long, though AWS answers success to what is put on no bus', async () => {
    const destination = await create('invoice.voided');
    expect(destination.amazon_eventbridge).toMatchObject({
      aws_event_source_arn: busArn(destination),
      aws_event_source_status: 'pending',
    });
    const event = await publish(platform, 'invoice.voided');
    await clock().advance(2 * MINUTE);
    await platform.skip(8 * 24 * HOUR);
    await clock().advance(2 * MINUTE);
    expect(await statusOf(destination)).toBe('pending');
    expect(await deliveryOf(event, destination)).toMatchObject({
      status: 'pending',
      held_by: 'source_pending',
      attempts: [],
    });
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it("the consumer's echo makes the destination active within a minute, and what was held arrives", async () => {
    const destination = await create('invoice.paid');
    const event = await publish(platform, 'invoice.paid', { id: 'in_1' });
    await clock().advance(2 * MINUTE);
    await deployConsumer(destination);
    await clock().advance(65_000);
    expect(await statusOf(destination)).toBe('active');
    await clock().advance(5_000);
    const source = `example.com/${destination.id}`;
    expect(logged(destination)).toEqual([
      expect.objectContaining({
        source,
        'detail-type': 'invoice.paid',
        account: SERVICE,
        region: REGION,
        resources: [busArn(destination)],
        detail: expect.objectContaining({ id: event, data: { object: { id: 'in_1' } } }),
      }),
    ]);
    expect(await deliveryOf(event, destination)).toMatchObject({ status: 'delivered' });
    const { steps, delivery } = await setupOf(destination);
    expect(delivery).toBe('event_bus');
    expect(steps.map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual([
      ['create_event_bus', 'done'],
      ['echo_probes', 'done'],
      ['create_rule', 'not_visible'],
    ]);
  });

  it('an echo that stops makes it unknown, and what may be lost is held until it is back', async () => {
    const destination = await create('charge.refunded');
    await deployConsumer(destination);
    await clock().advance(65_000);
    expect(await statusOf(destination)).toBe('active');
    // A day later the next probe comes back, too.
    await platform.skip(24 * HOUR);
    await clock().advance(6 * MINUTE);
    expect(await statusOf(destination)).toBe('active');

    await stopEcho(destination, 'DisableRule');
    const before = await publish(platform, 'charge.refunded');
    await clock().advance(5_000);
    expect(eventsLogged(destination)).toEqual([before]);
    await platform.skip(24 * HOUR);
    await clock().advance(6 * MINUTE);
    expect(await statusOf(destination)).toBe('active');
    await platform.skip(HOUR);
    await clock().advance(6 * MINUTE);
    expect(await statusOf(destination)).toBe('unknown');
    const after = await publish(platform, 'charge.refunded');
    await clock().advance(3 * MINUTE);
    for (const event of [before, after])
      expect(await deliveryOf(event, destination)).toMatchObject({ status: 'pending', held_by: 'source_pending' });

    await stopEcho(destination, 'EnableRule');
    await clock().advance(3 * MINUTE);
    expect(await statusOf(destination)).toBe('active');
    expect(eventsLogged(destination)).toEqual([before, ...[before, after].sort()]);
    expect(await deliveryOf(after, destination)).toMatchObject({ status: 'delivered' });
  });

  it("sixty events take calls of ten, and one that the bus refuses is shown with AWS's reason", async () => {
    const destination = await create('payout.paid');
    await deployConsumer(destination);
    await clock().advance(65_000);
    const before = platform.cloud.eventbridge.counts.get('PutEvents') ?? 0;
    const events = await Promise.all(
      Array.from({ length: 60 }, (_, index) => publish(platform, 'payout.paid', { id: `po_${index}` })),
    );
    await clock().advance(5_000);
    expect(eventsLogged(destination).sort()).toEqual(events.sort());
    expect((platform.cloud.eventbridge.counts.get('PutEvents') ?? 0) - before).toBeLessThanOrEqual(30);

    const EventBusName = busArn(destination).split('/')[1];
    await platform.cloud.eventbridge.handle('RemovePermission', { EventBusName, RemoveAllPermissions: true }, owner());
    const refused = await publish(platform, 'payout.paid');
    await clock().advance(5_000);
    expect(await deliveryOf(refused, destination)).toMatchObject({
      status: 'pending',
      attempts: [expect.objectContaining({ outcome: 'failed', aws_error_code: 'AccessDeniedException' })],
    });
  });

  it('a bus for which AWS refuses whole calls spoils none for the others; a new one like it is pending, not unknown', async () => {
    const [refusing, taking] = [await create('topup.failed'), await create('topup.failed')];
    for (const destination of [refusing, taking]) await deployConsumer(destination);
    await clock().advance(65_000);
    const heal = failCalls(platform.cloud.eventbridge, 'PutEvents', refusalOf(refusing), busArn(refusing));
    const events = await Promise.all(Array.from({ length: 5 }, () => publish(platform, 'topup.failed')));
    await clock().advance(5_000);
    expect(eventsLogged(taking).sort()).toEqual(events.sort());
    for (const event of events)
      expect(await deliveryOf(event, refusing)).toMatchObject({
        status: 'pending',
        attempts: [expect.objectContaining({ outcome: 'failed', aws_error_code: 'AccessDeniedException' })],
      });
    heal();
    const without = await create('topup.failed');
    const end = failCalls(platform.cloud.eventbridge, 'PutEvents', refusalOf(without), busArn(without));
    await clock().advance(2 * MINUTE);
    expect(await statusOf(without)).toBe('pending');
    end();
  });

  it("what our own policy refuses is not the bus's: it is charged to nobody", async () => {
    const destination = await create('topup.reversed');
    await deployConsumer(destination);
    await clock().advance(65_000);
    const why = 'because no identity-based policy allows the events:PutEvents action';
    const heal = failCalls(platform.cloud.eventbridge, 'PutEvents', refusalOf(destination, why));
    const event = await publish(platform, 'topup.reversed');
    await clock().advance(5_000);
    expect(await deliveryOf(event, destination)).toMatchObject({ status: 'pending', attempts: [] });
    heal();
    await clock().advance(30_000);
    expect(await deliveryOf(event, destination)).toMatchObject({ status: 'delivered' });
  });

  it.each([
    ['CloudFormation template', ({ cloudformation }: Setup) => assemblyOf(JSON.parse(cloudformation.json))],
    ['CDK app', ({ cdk }: Setup) => synthesizeApp(cdk)],
  ])('the %s of the setup does the same', async (_what, assemblyFor) => {
    const destination = await create('refund.created');
    await platform.cloud.deploy(await assemblyFor(await setupOf(destination)), owner());
    await clock().advance(65_000);
    const event = await publish(platform, 'refund.created');
    await clock().advance(5_000);
    expect(eventsLogged(destination)).toEqual([event]);
  });
});

describe('the token of a probe', () => {
  const echo = (id: string, token: string) =>
    platform.request('POST', `/v2/core/event_destinations/${id}/echo`, { key: null, body: { token } });

  /** The customer's bus without an echo, and a rule that writes everything to a log group, probes too. */
  async function makeBus(destination: EventDestination): Promise<void> {
    const { steps } = await setupOf(destination);
    const [, policy = ''] = /--policy '(.*)'/.exec(steps[0].aws_cli[1]) ?? [];
    const EventBusName = `event-destinations-${destination.id}`;
    const group = `/aws/events/event-destinations/${destination.id}`;
    const Targets = [{ Id: 'log', Arn: `arn:aws:logs:${REGION}:${owner().account}:log-group:${group}` }];
    platform.cloud.logs.declare(group, owner());
    const call = (operation: string, input: object) => platform.cloud.eventbridge.handle(operation, input, owner());
    await call('CreateEventBus', { Name: EventBusName });
    await call('PutPermission', { EventBusName, Policy: policy });
    await call('PutRule', { Name: 'all', EventBusName, EventPattern: JSON.stringify({ region: [REGION] }) });
    await call('PutTargets', { Rule: 'all', EventBusName, Targets });
  }

  const tokensOf = (destination: EventDestination): string[] => logged(destination).map(({ detail }) => detail.token);

  it('confirms its own destination, once, within ten minutes', async () => {
    const [one, other] = [await create('tax_rate.created'), await create('tax_rate.updated')];
    await makeBus(one);
    await clock().advance(2 * MINUTE);
    const [first = '', ...later] = tokensOf(one);
    const newest = later.at(-1) ?? '';
    expect(new Set([first, ...later]).size).toBe(later.length + 1);
    expect(first).toMatch(/^[A-Za-z0-9]{32}$/);

    expect(await echo(other.id, first)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    expect((await echo(one.id, 'x'.repeat(32))).status).toBe(404);
    expect((await echo(`${one.id}x`, first)).status).toBe(404);
    expect((await echo(one.id, 'x'.repeat(101))).status).toBe(400);
    expect(await statusOf(one)).toBe('pending');

    expect(await echo(one.id, newest)).toMatchObject({ status: 200, body: { event_destination: one.id } });
    expect(await statusOf(one)).toBe('active');
    // What was used is used, and what is older says no more.
    for (const token of [newest, first]) expect((await echo(one.id, token)).status).toBe(404);
    expect(await statusOf(other)).toBe('pending');
  });

  it('is no good any more after ten minutes, nor when its destination is deleted', async () => {
    const [late, deleted] = [await create('coupon.created'), await create('coupon.deleted')];
    for (const destination of [late, deleted]) await makeBus(destination);
    await clock().advance(MINUTE);
    const [token = ''] = tokensOf(late);
    await platform.skip(10 * MINUTE);
    expect((await echo(late.id, token)).status).toBe(404);

    const [orphan = ''] = tokensOf(deleted).slice(-1);
    await platform.stripe().v2.core.eventDestinations.del(deleted.id);
    expect((await echo(deleted.id, orphan)).status).toBe(404);
  });
});
