import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Crashing, killAtEveryCall } from '../support/crash.ts';
import { createActiveDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

// Each test plays its scenario some twenty times.
vi.setConfig({ testTimeout: 900_000 });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const RESENDS = '/v2/core/event_resends';

let platform: Platform;
beforeAll(async () => {
  // Every crash is an error in the embedded cloud, too: not worth a word here.
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform.close());

/** Two events that were skipped, resent while a function is killed: in the end both are delivered and the job says so. */
async function scenarioOf(
  type: string,
  functionName: string,
  play: (begin: () => Promise<void>, crashing: Crashing) => Promise<void>,
) {
  const { destination, collector } = await createActiveDestination(platform, { enabled_events: [type] });
  const path = `/v2/core/event_destinations/${destination.id}`;
  return killAtEveryCall(platform.cloud, functionName, async (crashing) => {
    const gte = new Date(platform.cloud.clock.now()).toISOString();
    await platform.request('POST', `${path}/disable`);
    const events = [await publish(platform, type), await publish(platform, type)];
    await platform.skip(2 * MINUTE);
    await platform.request('POST', `${path}/enable`);
    const headers = { 'idempotency-key': `${type}-${gte}` };
    const body = { event_destination: destination.id, event_created: { gte } };
    let id = '';
    await play(async () => {
      id = (await platform.request('POST', RESENDS, { body, headers })).body.id ?? '';
    }, crashing);
    const { body: job } = await platform.request('GET', `${RESENDS}/${id}`);
    expect(job).toMatchObject({ status: 'completed', progress: { matched: 2, sent: 2 } });
    for (const event of events) {
      const [delivery] = await deliveriesOf(platform, event);
      expect(delivery).toMatchObject({ status: 'delivered' });
      // A copy may cost an attempt at most.
      expect(delivery?.attempts.length).toBeLessThanOrEqual(2);
    }
    const received = new Set((await collector.received()).map(({ detail }) => detail.id));
    expect(received).toEqual(new Set(events));
  });
}

describe('a crash at any AWS call', () => {
  it('of release at work on a bulk resend sends everything, and counts it once', async () => {
    const crashes = await scenarioOf('crash.resend', 'Release', async (begin, crashing) => {
      // What is sent without a delay is worked on at once.
      await crashing(async () => {
        await begin();
        await platform.skip(20 * SECOND);
      });
      await platform.skip(3 * HOUR);
    });
    expect(crashes).toBeGreaterThanOrEqual(20);
  });

  it('of the API at the beginning of one is mended by the repeat of its request', async () => {
    const crashes = await scenarioOf('crash.begin', 'Events', async (begin, crashing) => {
      await crashing(begin);
      await platform.skip(MINUTE);
      await begin();
      await platform.skip(MINUTE);
    });
    expect(crashes).toBeGreaterThanOrEqual(10);
  });
});
