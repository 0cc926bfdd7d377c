import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AwsError } from '../../../local/aws-error.ts';
import type { Cloud } from '../../../local/cloud.ts';
import { changeVisibility, sendMessage } from '../../../shared/aws/queue.ts';
import { Table } from '../../../shared/aws/table.ts';
import { deliverBatch } from '../../../shared/deliveries/deliver.ts';
import { deliveryKey, findDelivery, listAttempts } from '../../../shared/deliveries/store.ts';
import type { DeliveringType } from '../../../shared/destinations/type.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { HOUR, SECOND } from '../../../shared/time.ts';
import { eventAt, messageOf, received, receiverOf, record, storedDestination } from '../../support/deliveries.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { failCalls } from '../../support/hold.ts';

let cloud: Cloud;
beforeAll(async () => {
  ({ cloud } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

/** Of events; nothing is held past its window yet. */
const START = Date.now() - 5 * HOUR;

/** A code that the SDK does not try again by itself. */
const REFUSED = new AwsError('AccessDeniedException', 'Not now');

describe('a batch of delivery messages', () => {
  it('records what a receiver said in whole characters, however long it is', async () => {
    const message = messageOf(await storedDestination(), eventAt(START), 'a');
    await record(message);
    const said = `${'x'.repeat(511)}\u{1f680}`;
    const receiver: DeliveringType = {
      ...receiverOf('none'),
      attempt: async () => [{ kind: 'failed', reason: 'HTTP 500', message: said, durationMs: 1 }],
    };
    expect(await deliverBatch(receiver, [received(message)])).toEqual([]);
    const delivery = await findDelivery(deliveryKey(message.destination, message.event, ONE_SHARD));
    expect(delivery?.last_attempt?.message).toBe(`${'x'.repeat(511)}\ufffd`);
  });

  it('records every attempt, also one whose delivery was written by a call that was not answered', async () => {
    const message = messageOf(await storedDestination(), eventAt(START), 'a');
    await record(message);
    const { pk, sk } = deliveryKey(message.destination, message.event, ONE_SHARD);
    const attempt = (number: number) =>
      deliverBatch(receiverOf('none'), [received({ ...message, attempt: number, again: true })]);
    await attempt(1);
    // The SDK asks again, and the condition holds no longer.
    const { put } = Table.prototype;
    const unanswered = vi.spyOn(Table.prototype, 'put').mockImplementation(async function (
      this: Table,
      item,
      condition,
    ) {
      const held = await put.call(this, item, condition);
      return held && item.pk !== pk;
    });
    expect(await attempt(2)).toEqual([]);
    unanswered.mockRestore();
    await attempt(3);
    const delivery = await findDelivery({ pk, sk });
    if (!delivery) throw new Error('There is no delivery');
    expect((await listAttempts(delivery)).map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('gives back those of a destination whose turns cannot be taken, and no other', async () => {
    const [limited, other] = [await storedDestination({ rate_limit: 10 }), await storedDestination({ rate_limit: 10 })];
    const messages = [limited, other].map((to) => messageOf(to, eventAt(START), 'good'));
    await Promise.all(messages.map(record));
    const heal = failCalls(cloud.dynamodb, 'PutItem', REFUSED, `${limited.id}#turns`);
    const [first, second] = messages.map(received);
    if (!first || !second) throw new Error('There are two messages');
    expect(await deliverBatch(receiverOf('good'), [first, second])).toEqual([first]);
    heal();
    expect(await deliverBatch(receiverOf('good'), [first])).toEqual([]);
    const statuses = messages.map(
      async ({ destination, event }) => (await findDelivery(deliveryKey(destination, event, ONE_SHARD)))?.status,
    );
    expect(await Promise.all(statuses)).toEqual(['delivered', 'delivered']);
  });
});

describe('a message that has been worked on for a while', () => {
  it('can still be hidden for as long as a dead letter waits at most', async () => {
    const [owner, queueUrl] = [{ account: '000000000000', region: 'us-east-1' }, `${cloud.awsUrl}/000000000000/slow`];
    await sendMessage(queueUrl, { body: 'x', group: 'a' });
    const answer = await cloud.sqs.handle('ReceiveMessage', { QueueUrl: queueUrl }, owner);
    const { Messages } = answer as { Messages: [{ ReceiptHandle: string }] };
    await sleep(5);
    await changeVisibility(queueUrl, Messages[0].ReceiptHandle, (12 * HOUR) / SECOND);
  });
});
