import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { attempt } from '../../../shared/destinations/amazon-eventbridge/attempt.ts';
import type { EventBridgeDestination } from '../../../shared/destinations/destination.ts';
import { packContent, unpackEvent } from '../../../shared/events/codec.ts';
import { newId } from '../../../shared/ids.ts';
import { partner } from '../../../shared/sources/modes/partner.ts';

const SECOND = 1000;

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterAll(() => {
  vi.useRealTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** An attempt at a destination in the Region. */
const requestTo = (aws_region: string) => {
  const head = { id: newId('evt', false, Date.now()), account: 'acct_1', livemode: false };
  const content = { type: 'customer.created', data: { object: {} } };
  const destination = {
    account: 'acct_1',
    amazon_eventbridge: { aws_region },
    source: { name: 'aws.partner/example.com/ed_1', arn: 'arn' },
  };
  return {
    event: unpackEvent(head, packContent(content as never)),
    destination: destination as EventBridgeDestination,
    pendingWebhooks: 1,
  };
};

const SILENT = Object.assign(new Error('No answer'), { name: 'TimeoutError', $metadata: {} });

/** Regions that were asked. */
function regionsThat(answer: (region: string) => boolean): string[] {
  const asked: string[] = [];
  vi.spyOn(partner, 'put').mockImplementation(async (region, entries) => {
    asked.push(region);
    if (answer(region)) return entries.map(() => ({ EventId: 'id' }));
    throw SILENT;
  });
  return asked;
}

describe('a Region that does not answer', () => {
  it('is asked no more for half a minute, and the others as before', async () => {
    const asked = regionsThat((region) => region !== 'eu-south-2');
    expect(await attempt([requestTo('eu-south-2'), requestTo('eu-west-1')])).toMatchObject([
      { kind: 'ours', code: 'TimeoutError', awsRefused: true },
      { kind: 'succeeded' },
    ]);
    vi.advanceTimersByTime(29 * SECOND);
    expect(await attempt([requestTo('eu-south-2'), requestTo('eu-west-1')])).toMatchObject([
      { kind: 'ours', code: 'RegionSilent', awsRefused: true },
      { kind: 'succeeded' },
    ]);
    expect(asked).toEqual(['eu-south-2', 'eu-west-1', 'eu-west-1']);
    vi.advanceTimersByTime(2 * SECOND);
    await attempt([requestTo('eu-south-2')]);
    expect(asked.at(-1)).toBe('eu-south-2');
  });

  it('is asked again at once after an error that came in time', async () => {
    const refusal = Object.assign(new Error('No'), { name: 'ThrottlingException', $metadata: {} });
    const put = vi.spyOn(partner, 'put').mockRejectedValue(refusal);
    for (let call = 0; call < 2; call += 1)
      expect(await attempt([requestTo('eu-south-1')])).toMatchObject([
        { code: 'ThrottlingException', awsRefused: true },
      ]);
    expect(put).toHaveBeenCalledTimes(2);
  });
});

describe('what is no answer of AWS', () => {
  it('is given back until it is a dead letter: it may be the event’s fault', async () => {
    vi.spyOn(partner, 'put').mockRejectedValue(new TypeError('undefined is not a function'));
    const [outcome] = await attempt([requestTo('eu-north-1')]);
    expect(outcome).toMatchObject({ kind: 'ours', code: 'TypeError' });
    expect(outcome).not.toHaveProperty('awsRefused');
  });
});
