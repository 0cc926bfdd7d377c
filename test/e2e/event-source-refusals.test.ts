import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { failCallsIn } from '../support/sources.ts';

const MINUTE = 60_000;

let platform: Platform;
const clock = () => platform.cloud.clock;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());
afterEach(() => platform.cloud.eventbridge.faults.clear());

describe('a refusal of AWS', () => {
  const create = (region = 'sa-east-1', key = platform.seed.test_key) =>
    platform.request('POST', '/v2/core/event_destinations', {
      key,
      body: {
        name: 'Refused',
        type: 'amazon_eventbridge',
        event_payload: 'snapshot',
        enabled_events: ['refused.event'],
        amazon_eventbridge: { aws_account_id: platform.seed.customer_account_id, aws_region: region },
      },
    });
  const sourcesIn = async (region: string) => (await platform.customer(region).listSources()).EventSources ?? [];

  it.each([
    [
      'LimitExceededException',
      400,
      'aws_limit_exceeded',
      /no more partner event sources.*sa-east-1.*another Region/,
      'false',
    ],
    ['OperationDisabledException', 400, 'invalid_fields', /aws_region.*does not take.*sa-east-1.*another Region/, null],
    ['ValidationException', 400, 'invalid_fields', /aws_account_id.*does not accept/, null],
    ['AccessDeniedException', 500, 'partner_not_authorized', /not authorized.*operator has been told/, 'false'],
    [
      'ConcurrentModificationException',
      503,
      'aws_concurrent_modification',
      /another change.*Try again in a minute/,
      'true',
    ],
    ['ThrottlingException', 503, 'aws_throttled', /no more requests.*Try again in a minute/, 'true'],
    ['InternalException', 503, 'aws_unavailable', /just now.*Try again/, 'true'],
  ])('to create a source, %s, says what to do', async (code, status, answered, words, retry) => {
    const heal = failCallsIn(platform, 'sa-east-1', 'CreatePartnerEventSource', new AwsError(code, 'x', 400));
    const answer = await create();
    heal();
    expect([answer.status, answer.body.error.code]).toEqual([status, answered]);
    expect(answer.body.error.message).toMatch(words);
    expect(answer.headers.get('stripe-should-retry')).toBe(retry);
    expect(await sourcesIn('sa-east-1')).toEqual([]);
    const { data } = await platform.stripe().v2.core.eventDestinations.list({ limit: 100 });
    expect(data.filter(({ name }) => name === 'Refused')).toEqual([]);
  });

  it('that is over in a moment is not even seen', async () => {
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'CreatePartnerEventSource',
      region: 'sa-east-1',
      times: 2,
      error: new AwsError('ConcurrentModificationException', 'x'),
    });
    const { status, body } = await create();
    expect(status).toBe(200);
    await platform.stripe().v2.core.eventDestinations.del(body.id);
  });

  it('because the name is taken is none if the source is our own, and names a way out if it is not', async () => {
    const exists = () =>
      failCallsIn(
        platform,
        'sa-east-1',
        'CreatePartnerEventSource',
        new AwsError('ResourceAlreadyExistsException', 'Event source exists'),
      );
    const heal = exists();
    const foreign = await create();
    heal();
    expect([foreign.status, foreign.body.error.code]).toEqual([500, 'aws_event_source_name_taken']);
    expect(foreign.body.error.message).toMatch(/another Idempotency-Key/);
    // Ours: AWS created it, and the answer was lost.
    const lost = loseAnswersOf('CreatePartnerEventSource');
    const own = await create();
    lost();
    expect(own.status).toBe(200);
    expect(own.body.amazon_eventbridge.aws_event_source_status).toBe('pending');
    expect((await sourcesIn('sa-east-1')).map(({ Arn }) => Arn)).toEqual([
      own.body.amazon_eventbridge.aws_event_source_arn,
    ]);
    await platform.stripe().v2.core.eventDestinations.del(own.body.id);
  });

  /** The first call takes effect and answers an error; so the SDK's own second try finds the name taken. */
  function loseAnswersOf(operation: string): () => void {
    const { eventbridge } = platform.cloud;
    const handle = eventbridge.handle.bind(eventbridge);
    let lost = false;
    eventbridge.handle = async (called, input, caller) => {
      const answer = await handle(called, input, caller);
      if (called !== operation || lost) return answer;
      lost = true;
      throw new AwsError('InternalException', 'The answer was lost', 500);
    };
    return () => {
      eventbridge.handle = handle;
    };
  }

  it.each([
    ['ThrottlingException', 503, 'aws_deletion_pending', /goes on by itself/],
    ['AccessDeniedException', 500, 'partner_not_authorized', /operator has been told/],
  ])(
    'to delete a source, %s, keeps the destination deleted, and is gone on with',
    async (code, status, answered, words) => {
      const { body } = await create('ca-central-1');
      const heal = failCallsIn(platform, 'ca-central-1', 'DeletePartnerEventSource', new AwsError(code, 'x'));
      const answer = await platform.request('DELETE', `/v2/core/event_destinations/${body.id}`);
      expect([answer.status, answer.body.error.code]).toEqual([status, answered]);
      expect(answer.body.error.message).toMatch(words);
      expect((await platform.request('GET', `/v2/core/event_destinations/${body.id}`)).status).toBe(404);
      await clock().advance(3 * MINUTE);
      expect(await sourcesIn('ca-central-1')).toHaveLength(1);
      heal();
      await clock().advance(3 * MINUTE);
      expect(await sourcesIn('ca-central-1')).toEqual([]);
    },
  );
});
