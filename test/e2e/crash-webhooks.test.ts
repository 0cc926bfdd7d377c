import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Crashing, killAtEveryCall } from '../support/crash.ts';
import { deliveriesOf } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { answer, createWebhook, hang, type Receiver, startReceiver, type Webhook } from '../support/receiver.ts';

// Each test plays its scenario some twenty times.
vi.setConfig({ testTimeout: 900_000 });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let platform: Platform;
let receiver: Receiver;
beforeAll(async () => {
  // Every crash is an error in the embedded cloud, too: not worth a word here.
  platform = await startPlatform({
    log: () => undefined,
    functionEnvironment: { WEBHOOK_TIMEOUT_SECONDS: '0.5' },
  });
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await platform.close();
});
beforeEach(() => {
  receiver.answering = answer(200);
});

/** Long enough for every message that was being worked on to be visible again, and for the probes of test mode's window. */
const UNTIL_QUIET = HOUR;

/** Publishes so many events in one request, and has everything run that they set off within two seconds. */
async function publishAll(type: string, count: number): Promise<string[]> {
  const events = Array.from({ length: count }, (_, index) => ({ type, data: { object: { id: `obj_${index}` } } }));
  const { body } = await platform.request('POST', '/v1/events', { key: platform.seed.publish_key, body: { events } });
  await platform.cloud.clock.advance(2 * SECOND);
  return body.data.map(({ id }: { id: string }) => id);
}

/**
 * A scenario of a webhook endpoint for its own type of event, which ends with everything delivered: each event at the
 * receiver, each delivery in the ledger. Then the next one comes at once: nothing of the crash is left.
 */
async function scenarioOf(
  type: string,
  publishing: (crashing: Crashing) => Promise<readonly string[]>,
  prepare: (hook: Webhook) => Promise<unknown> = async () => undefined,
): Promise<number> {
  const hook = await createWebhook(platform, receiver.url, { enabled_events: [type] });
  await prepare(hook);
  const play = async (crashing: Crashing) => {
    receiver.requests.splice(0);
    const events = await publishing(crashing);
    receiver.answering = answer(200);
    await platform.skip(UNTIL_QUIET);
    const [last = ''] = await publishAll(type, 1);
    for (const event of [...events, last])
      expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
    const taken = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
    expect(taken).toEqual(new Set([...events, last]));
  };
  // What times out does so in real time.
  const crashes = await killAtEveryCall(platform.cloud, 'DeliverWebhook', play, 18);
  await platform.stripe().v2.core.eventDestinations.del(hook.id);
  return crashes;
}

describe('a crash at any AWS call of what delivers to webhook endpoints', () => {
  it('loses nothing of a batch of which some are taken, some refused, and some wait for their turn', async () => {
    const crashes = await scenarioOf(
      'crash.limited',
      (crashing) => {
        let refused = 0;
        receiver.answering = (request, response) => answer(refused++ < 1 ? 503 : 200)(request, response);
        return crashing(() => publishAll('crash.limited', 3));
      },
      ({ id }) => {
        const of = ['--destination', id, '--account', platform.seed.account];
        return platform.admin('deliveries', 'limit', ...of, '--per-second', '1');
      },
    );
    // What is known of the destination, the turns, the health, each delivery, and the messages that follow.
    expect(crashes).toBeGreaterThanOrEqual(20);
  });

  it('loses nothing of what times out, is put off to the queue of the slow, and then held', async () => {
    // Five are attempted at once, and what they say spares the others.
    const crashes = await scenarioOf('crash.hanging', (crashing) => {
      receiver.answering = hang;
      return crashing(() => publishAll('crash.hanging', 7));
    });
    expect(crashes).toBeGreaterThanOrEqual(20);
  });
});
