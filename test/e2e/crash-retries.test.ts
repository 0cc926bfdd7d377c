import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Crashing, killAtEveryCall as killAtEvery } from '../support/crash.ts';
import { createActiveDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { failEntries } from '../support/retries.ts';

/** `npm test` kills at every eighteenth call: each scenario is six virtual hours and more, and the model checker knows the order. */
const SAMPLED = 18;

// Each test plays its scenario some twenty times.
vi.setConfig({ testTimeout: 900_000 });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let platform: Platform;
beforeAll(async () => {
  // Every crash is an error in the embedded cloud, too: not worth a word here.
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform.close());

const DELIVER = 'DeliverEventBridge';

const killAtEveryCall = (functionName: string, scenario: (crashing: Crashing) => Promise<void>) =>
  killAtEvery(platform.cloud, functionName, scenario, SAMPLED);

interface Failing {
  readonly event: string;
  readonly heal: () => void;
}

/** An event that fails from its first attempt on, to a destination of its own type, for scenarios that end with its delivery. */
async function scenarioOf(
  type: string,
  functionName: string,
  play: (failing: Failing, crashing: Crashing) => Promise<void>,
) {
  const { live_key, publish_live_key } = platform.seed;
  const wants = { enabled_events: [type] };
  const { destination, collector } = await createActiveDestination(platform, wants, 'us-east-1', live_key);
  const publishNow = () => publish(platform, type, { id: 'obj_1' }, publish_live_key);
  return killAtEveryCall(functionName, async (crashing) => {
    const heal = failEntries(platform, destination);
    const event = await publishNow();
    await play({ event, heal }, crashing);
    expect(await deliveriesOf(platform, event, live_key)).toMatchObject([{ status: 'delivered' }]);
    // The breaker lets the next one through at once: nothing of the crash is left.
    const next = await publishNow();
    await platform.skip(2 * SECOND);
    expect(await deliveriesOf(platform, next, live_key)).toMatchObject([{ status: 'delivered' }]);
    const received = new Set((await collector.received()).map(({ detail }) => detail.id));
    expect(received).toEqual(new Set([event, next]));
  });
}

/** Long enough for every message that was being worked on to be visible again, and for a round of probes. */
const UNTIL_QUIET = 6 * HOUR;

describe('a crash at any AWS call', () => {
  it('of deliver when an attempt opens the breaker loses nothing', async () => {
    const crashes = await scenarioOf('crash.opening', DELIVER, async ({ heal }, crashing) => {
      await platform.skip(MINUTE);
      await crashing(() => platform.skip(2 * MINUTE));
      heal();
      await platform.skip(UNTIL_QUIET);
    });
    expect(crashes).toBeGreaterThanOrEqual(16);
  });

  it('of release when it wakes up to probe loses nothing, whether the probes fail or not', async () => {
    for (const healed of [true, false]) {
      const crashes = await scenarioOf(`crash.probe_${healed}`, 'Release', async ({ heal }, crashing) => {
        await platform.skip(3 * MINUTE);
        if (healed) heal();
        await crashing(() => platform.skip(40 * MINUTE));
        heal();
        await platform.skip(UNTIL_QUIET);
      });
      expect(crashes).toBeGreaterThanOrEqual(10);
    }
  });

  it('of deliver when a probe closes the breaker loses nothing', async () => {
    const crashes = await scenarioOf('crash.closing', DELIVER, async ({ heal }, crashing) => {
      await platform.skip(3 * MINUTE);
      heal();
      await crashing(() => platform.skip(40 * MINUTE));
      await platform.skip(UNTIL_QUIET);
    });
    expect(crashes).toBeGreaterThanOrEqual(10);
  });

  it.each([DELIVER, 'Release'])('of %s around a slot loses nothing', async (functionName) => {
    const { publish_live_key } = platform.seed;
    const type = `crash.slot_${functionName.toLowerCase()}`;
    const others = `${type}.others`;
    const wants = { enabled_events: [type, others] };
    const { destination, collector } = await createActiveDestination(
      platform,
      wants,
      'us-east-1',
      platform.seed.live_key,
    );
    const crashes = await killAtEveryCall(functionName, async (crashing) => {
      const heal = failEntries(platform, destination, ({ DetailType }) => DetailType === type);
      const event = await publish(platform, type, { id: 'obj_1' }, publish_live_key);
      // What succeeds in between keeps the breaker closed; the fourth attempt is the one that puts it into a slot.
      for (const wait of [10 * SECOND, 60 * SECOND, 4 * MINUTE]) {
        await platform.skip(wait);
        await publish(platform, others, { id: 'obj_2' }, publish_live_key);
      }
      await platform.skip(10 * SECOND);
      if (functionName === DELIVER) await crashing(() => platform.skip(10 * MINUTE));
      else await platform.skip(10 * MINUTE);
      heal();
      if (functionName !== DELIVER) await crashing(() => platform.skip(HOUR));
      await platform.skip(UNTIL_QUIET);
      const [delivery] = await deliveriesOf(platform, event, platform.seed.live_key);
      expect(delivery).toMatchObject({ status: 'delivered' });
      expect(delivery?.attempts.length).toBeGreaterThanOrEqual(5);
      const received = (await collector.received()).map(({ detail }) => detail.id);
      expect(received.filter((id) => id === event).length).toBeGreaterThanOrEqual(1);
    });
    expect(crashes).toBeGreaterThanOrEqual(functionName === DELIVER ? 16 : 8);
  });
});
