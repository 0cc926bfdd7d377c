import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDestination, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let platform: Platform;
const clock = () => platform.cloud.clock;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

describe('a destination with a snapshot_api_version', () => {
  it('receives events in that version, and another one as they were published', async () => {
    const enabled_events = ['invoice.finalized'];
    const old = await createActiveDestination(platform, { enabled_events, snapshot_api_version: '2024-10-28.acacia' });
    const unversioned = await createActiveDestination(platform, { enabled_events });
    const parent = { subscription_details: { subscription: 'sub_1' } };
    await publish(platform, 'invoice.finalized', { id: 'in_1', object: 'invoice', parent });
    await clock().advance(2000);
    expect((await old.collector.received()).map(({ detail }) => detail)).toMatchObject([
      { api_version: '2024-10-28.acacia', data: { object: { id: 'in_1', object: 'invoice', subscription: 'sub_1' } } },
    ]);
    expect((await unversioned.collector.received()).map(({ detail }) => detail)).toMatchObject([
      { api_version: null, data: { object: { id: 'in_1', object: 'invoice', parent } } },
    ]);
    for (const { destination } of [old, unversioned])
      await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });
});
