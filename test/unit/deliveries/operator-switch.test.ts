import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/aws-error.ts';
import type { Cloud } from '../../../local/cloud.ts';
import { deliverBatch } from '../../../shared/deliveries/deliver.ts';
import { deliveryKey, findDelivery } from '../../../shared/deliveries/store.ts';
import { findDestination } from '../../../shared/destinations/store.ts';
import { pauseDelivery, resumeDelivery } from '../../../shared/health/operator-switch.ts';
import { findPauses } from '../../../shared/health/pauses.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { SECOND } from '../../../shared/time.ts';
import { eventAt, messageOf, received, receiverOf, record, storedDestination } from '../../support/deliveries.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { failCalls, holdNext } from '../../support/hold.ts';
import { arn } from '../local/boot/assembly.ts';

let cloud: Cloud;
let released: Awaited<ReturnType<typeof startEmbeddedAws>>['released'];
beforeAll(async () => {
  ({ cloud, released } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

/** A code that the SDK does not try again by itself. */
const REFUSED = new AwsError('AccessDeniedException', 'Not now');

describe('an operator’s pause', () => {
  it('of one Region takes away none of another that is begun at the same moment', async () => {
    const writing = holdNext(cloud.dynamodb, 'PutItem', '"pauses"');
    const first = pauseDelivery({ scope: 'region', region: 'eu-west-1' });
    await writing.reached;
    await pauseDelivery({ scope: 'region', region: 'eu-west-2' });
    writing.release();
    await first;
    const { regions, history } = await findPauses();
    expect([...regions].sort()).toEqual(['eu-west-1', 'eu-west-2']);
    expect(Object.keys(history).sort()).toEqual(['eu-west-1', 'eu-west-2']);
    for (const region of regions) await resumeDelivery({ scope: 'region', region });
    expect((await findPauses()).regions).toEqual([]);
  });
});

describe('the end of an operator’s pause', () => {
  it('is announced further ahead than a run over thousands of destinations takes, and asks to be run again if it failed', async () => {
    const destination = await storedDestination();
    const scope = { scope: 'destination', destination } as const;
    await pauseDelivery(scope);
    const releases = () => cloud.sqs.queue(arn('sqs', 'releases'))?.delayedMessages ?? [];
    const before = releases().length;
    const heal = failCalls(cloud.sqs, 'SendMessage', REFUSED, destination.id);
    await expect(resumeDelivery(scope)).rejects.toThrow('(Not now): run it again');
    expect(await findDestination(destination)).toMatchObject({ paused: true });
    heal();
    expect(await resumeDelivery(scope)).toEqual({ released: 1 });
    expect(await findDestination(destination)).toMatchObject({ paused: false });
    const [announced] = releases().slice(before);
    expect((announced?.delayUntil ?? 0) - (announced?.sentTimestamp ?? 0)).toBe(900 * SECOND);
  });

  it('releases several destinations at once, whatever their number', async () => {
    const known = [await storedDestination(), await storedDestination(), await storedDestination()];
    await pauseDelivery({ scope: 'all' });
    await resumeDelivery({ scope: 'all' });
    expect(await released()).toEqual(expect.arrayContaining(known.map(({ id }) => id)));
  });

  it('releases also what was held of destinations that were created while it was announced', async () => {
    const known = await storedDestination();
    await pauseDelivery({ scope: 'all' });
    const announcing = holdNext(cloud.sqs, 'SendMessage', known.id);
    const resuming = resumeDelivery({ scope: 'all' });
    await announcing.reached;
    const created = await storedDestination();
    const message = messageOf(created, eventAt(Date.now()), 'good');
    await record(message);
    await deliverBatch(receiverOf('good'), [received(message)]);
    const key = deliveryKey(created.id, message.event, ONE_SHARD);
    expect(await findDelivery(key)).toMatchObject({ status: 'pending', held_by: 'paused' });
    announcing.release();
    await resuming;
    const asked = await released();
    expect(asked).toContain(known.id);
    expect(asked).toContain(created.id);
  });

  it('asks to be run again if what was created meanwhile could not be found', async () => {
    const known = await storedDestination();
    await pauseDelivery({ scope: 'all' });
    const announcing = holdNext(cloud.sqs, 'SendMessage', known.id);
    const resuming = resumeDelivery({ scope: 'all' });
    await announcing.reached;
    const heal = failCalls(cloud.dynamodb, 'Scan', REFUSED);
    announcing.release();
    await expect(resuming).rejects.toThrow('(Not now): run it again');
    heal();
    await resumeDelivery({ scope: 'all' });
    expect(await released()).toContain(known.id);
  });
});
