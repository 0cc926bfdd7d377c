import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { failCalls } from '../support/hold.ts';
import { createActiveDestination, deliveriesOf, publish, sourceOf } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform.close());

describe('an event source that is deleted while it is in use', () => {
  it('cancels what its open circuit breaker holds, and the destination is disabled with the reason', async () => {
    const { live_key, publish_live_key, customer_account_id: Account } = platform.seed;
    const wants = { enabled_events: ['order.lost'] };
    const { destination } = await createActiveDestination(platform, wants, 'us-east-1', live_key);
    await platform.skip(5 * MINUTE);
    const owner = { account: '000000000000', region: 'us-east-1' };
    await platform.cloud.eventbridge.handle(
      'DeletePartnerEventSource',
      { Name: sourceOf(destination), Account },
      owner,
    );
    // The breaker opens before AWS says what is wrong.
    const outage = new AwsError('InternalException', 'The Region is in trouble', 500);
    const answers = failCalls(platform.cloud.eventbridge, 'ListPartnerEventSourceAccounts', outage);
    const event = await publish(platform, 'order.lost', { id: 'order_1' }, publish_live_key);
    await platform.skip(4 * MINUTE);
    const [held] = await deliveriesOf(platform, event, live_key);
    expect(held).toMatchObject({ status: 'pending', held_by: 'circuit_breaker' });
    expect(held?.attempts).toHaveLength(3);
    answers();
    await platform.cloud.clock.advance(4 * MINUTE);
    expect(await deliveriesOf(platform, event, live_key)).toMatchObject([
      { status: 'canceled', reason: 'no_aws_event_source_exists', held_by: null },
    ]);
    expect(await platform.stripe(live_key).v2.core.eventDestinations.retrieve(destination.id)).toMatchObject({
      status: 'disabled',
      status_details: { disabled: { reason: 'no_aws_event_source_exists' } },
    });
  });
});
