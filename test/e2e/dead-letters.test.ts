import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { failCalls } from '../support/hold.ts';
import { createActiveDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform.close());

/** A permission that somebody took away: the SDK does not try again by itself. */
const denied = new AwsError('AccessDeniedException', 'Not authorized');

/** Whoever delivers dies before he has read anything, until what it returns is called. */
function breakDelivering(): () => void {
  platform.cloud.lambda.beforeInvoke = (name) => {
    if (name.includes('DeliverEventBridge')) throw new AwsError('ServiceException', 'Lambda encountered an error');
  };
  return () => {
    platform.cloud.lambda.beforeInvoke = undefined;
  };
}

/** After a rollback: this version cannot read it, and must not lose it. */
const OF_A_NEWER_VERSION = JSON.stringify({ v: 2, event: 'evt_1' });

describe('a message that its function cannot get done', () => {
  it('of a delivery is shown as waiting among the dead letters, and delivered when what stopped it is over', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['dead.delivery'] });
    const heal = breakDelivering();
    const event = await publish(platform, 'dead.delivery');
    await platform.skip(2 * DAY);
    expect(await deliveriesOf(platform, event)).toMatchObject([
      { status: 'pending', held_by: 'dead_letter', attempts: [] },
    ]);
    heal();
    await platform.skip(3 * HOUR);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
  });

  it('of an event is the same event when it is returned', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['dead.event'] });
    const heal = failCalls(platform.cloud.dynamodb, 'Query', denied);
    const event = await publish(platform, 'dead.event');
    await platform.skip(2 * DAY);
    heal();
    await platform.skip(3 * HOUR);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
  });

  it('is parked after ten returns over days, listed by the operator’s CLI, and redriven by it', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['dead.parked'] });
    const poison = [await sendToDeliveries('this is no delivery message'), await sendToDeliveries(OF_A_NEWER_VERSION)];
    const heal = breakDelivering();
    const event = await publish(platform, 'dead.parked');
    await platform.skip(22 * DAY);
    const parked = (await platform.admin('dead-letters', 'list')) as { id: string; queue: string; body: string }[];
    const isPoison = ({ id }: { id: string }) => poison.includes(id);
    expect(parked.filter(isPoison)).toHaveLength(2);
    const ofEvent = parked.filter((letter) => !isPoison(letter));
    expect(ofEvent).toEqual([expect.objectContaining({ body: expect.stringContaining(event) })]);
    heal();
    expect(await platform.admin('dead-letters', 'redrive')).toEqual({ redriven: parked.length });
    await platform.skip(MINUTE);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
    expect(await deliveriesOf(platform, event)).toMatchObject([
      { status: 'delivered', event_destination: destination.id, attempts: [{ number: 1, outcome: 'succeeded' }] },
    ]);
  }, 120_000);

  it('that the bus’s rule could not send on is returned as what the rule would have made of it', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['dead.bus'] });
    await send(RULE_DEAD_LETTERS, busEvent('dead.bus', platform.cloud.clock.now()));
    await platform.skip(10 * MINUTE);
    expect((await collector.received()).map(({ detail }) => detail.data.object.id)).toEqual(['obj_1']);
  });

  it('that the bus’s rule could not send on for a day is an event of the day before', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['dead.old'] });
    await platform.skip(2 * DAY);
    const now = platform.cloud.clock.now();
    await send(RULE_DEAD_LETTERS, busEvent('dead.old', now - DAY - MINUTE));
    await platform.skip(10 * MINUTE);
    const received = await collector.received();
    expect(received.map(({ detail }) => detail.data.object.id)).toEqual(['obj_1']);
    expect(Math.abs(received[0]?.detail.created * SECOND - (now - DAY))).toBeLessThan(MINUTE);
  });
});

const RULE_DEAD_LETTERS = 'event-destinations-dev-ingest-dead-letters';

/** As the bus had it. */
const busEvent = (type: string, time: number) => ({
  version: '0',
  id: '17e8dff5-d6cd-3770-ace9-aeac02b6ac3f',
  'detail-type': type,
  source: 'orders',
  account: '000000000000',
  time: new Date(time).toISOString(),
  region: 'us-east-1',
  resources: [],
  detail: { account: platform.seed.account, livemode: false, data: { object: { id: 'obj_1' } } },
});

const sendToDeliveries = (body: string) => send('event-destinations-dev-deliveries-eventbridge', body);

async function send(queue: string, body: unknown): Promise<string | undefined> {
  const credentials = { accessKeyId: '000000000000', secretAccessKey: 'local' };
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: platform.cloud.awsUrl,
    credentials,
    useQueueUrlAsEndpoint: false,
  });
  const { MessageId } = await sqs.send(
    new SendMessageCommand({
      QueueUrl: `${platform.cloud.awsUrl}/000000000000/${queue}`,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      MessageGroupId: 'test',
    }),
  );
  return MessageId;
}
