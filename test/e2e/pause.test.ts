import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { failEntries } from '../support/retries.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const pause = (...scope: string[]) => platform.admin('deliveries', 'pause', ...scope);
const resume = (...scope: string[]) => platform.admin('deliveries', 'resume', ...scope);
const settle = () => platform.skip(2 * SECOND);

async function statusOf(event: string) {
  const [delivery] = await deliveriesOf(platform, event);
  return [delivery?.status, delivery?.held_by];
}

describe('the operator’s switch', () => {
  it('holds everything, and lets it go when deliveries are resumed', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['pause.all'] });
    await pause('--all');
    const event = await publish(platform, 'pause.all');
    await settle();
    expect(await statusOf(event)).toEqual(['pending', 'paused']);
    expect(await platform.admin('deliveries', 'paused')).toEqual({ all: true, regions: [] });
    await resume('--all');
    await settle();
    expect(await statusOf(event)).toEqual(['delivered', null]);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
  });

  it('holds one Region, and no other', async () => {
    const wants = { enabled_events: ['pause.region'] };
    const here = await createActiveDestination(platform, wants, 'us-east-1');
    const there = await createActiveDestination(platform, wants, 'eu-west-1');
    expect(await pause('--region', 'eu-west-1')).toMatchObject({ destinations: 1 });
    const event = await publish(platform, 'pause.region');
    await settle();
    expect(await here.collector.received()).toHaveLength(1);
    expect(await there.collector.received()).toHaveLength(0);
    expect(await resume('--region', 'eu-west-1')).toMatchObject({ released: 1 });
    await settle();
    expect((await there.collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
  });

  it('holds one destination, and the time counts against no retry window', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['pause.one'] });
    const heal = failEntries(platform, destination);
    const one = ['--destination', destination.id, '--account', platform.seed.account];
    const event = await publish(platform, 'pause.one');
    await settle();
    await pause(...one);
    await platform.skip(2 * DAY);
    expect(await statusOf(event)).toEqual(['pending', 'paused']);
    await resume(...one);
    await settle();
    // It was attempted, failed once more, and is far from the end of test mode's six hours.
    expect(await statusOf(event)).toEqual(['pending', null]);
    heal();
    await platform.skip(2 * 60 * MINUTE);
    expect(await statusOf(event)).toEqual(['delivered', null]);
  });

  it('counts against no retry window either of what the circuit breaker had held before', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['pause.open'] });
    const heal = failEntries(platform, destination);
    for (let failures = 0; failures < 4; failures += 1) {
      await publish(platform, 'pause.open');
      await platform.skip(MINUTE);
    }
    const event = await publish(platform, 'pause.open');
    await settle();
    expect(await statusOf(event)).toEqual(['pending', 'circuit_breaker']);
    await pause('--all');
    await platform.skip(2 * DAY);
    heal();
    await resume('--all');
    // Until the next round of probes.
    await platform.skip(5 * 60 * MINUTE);
    expect(await statusOf(event)).toEqual(['delivered', null]);
    expect(await collector.received()).toHaveLength(5);
  });

  it('leaves to an open circuit breaker what came during the pause', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['pause.after'] });
    failEntries(platform, destination);
    for (let failures = 0; failures < 4; failures += 1) {
      await publish(platform, 'pause.after');
      await platform.skip(MINUTE);
    }
    await pause('--all');
    const events: string[] = [];
    // Most of them are none of the few that go out as probes.
    for (let count = 0; count < 12; count += 1) events.push(await publish(platform, 'pause.after'));
    await settle();
    const held = async () => (await Promise.all(events.map((event) => deliveriesOf(platform, event)))).flat();
    for (const { held_by, next_attempt } of await held()) expect([held_by, next_attempt]).toEqual(['paused', null]);
    await resume('--all');
    await settle();
    for (const { held_by, next_attempt } of await held())
      expect([held_by, next_attempt]).toEqual(['circuit_breaker', expect.any(String)]);
    // It is charged from then on: test mode's window is over after six hours, and seen to be with the next probes.
    await platform.skip(DAY);
    for (const { status } of await held()) expect(status).toBe('failed');
  });

  it('says when there is no destination in what is paused', async () => {
    const other = ['--region', 'ap-south-1'];
    expect(await pause(...other)).toMatchObject({ destinations: 0 });
    await resume(...other);
  });

  it('asks for exactly one thing to pause', async () => {
    await expect(pause()).rejects.toThrow('Say what: one of --all');
    await expect(pause('--all', '--region', 'eu-west-1')).rejects.toThrow('Say what: one of --all');
    await expect(pause('--destination', 'ed_test_1', '--account', 'acct_1')).rejects.toThrow(
      'is not an event destination',
    );
  });
});
