import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import { holdNext } from '../support/hold.ts';
import { type Answer, type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';

const PATH = '/v2/core/event_destinations';

let platform: Platform;
let seed: Platform['seed'];
let other: OwnAccount;
beforeAll(async () => {
  platform = await startPlatform();
  seed = platform.seed;
  other = await createAccount(platform);
});
afterAll(() => platform?.close());

interface Changes {
  readonly name?: string;
  /** The customer's AWS account: one of a test's own has no sources but the test's. */
  readonly aws?: string;
}

const valid = ({ name = 'Destination', aws = '123456789012' }: Changes = {}) => ({
  name,
  type: 'amazon_eventbridge',
  event_payload: 'snapshot',
  enabled_events: ['customer.created'],
  amazon_eventbridge: { aws_account_id: aws, aws_region: 'us-east-1' },
});

const withKey = (key: string, options: RequestOptions = {}): RequestOptions => ({
  ...options,
  headers: { 'idempotency-key': key },
});
const create = (body: unknown, options: RequestOptions): Promise<Answer> =>
  platform.request('POST', PATH, { body, ...options });
const retrieve = (id: string, options: RequestOptions = {}) => platform.request('GET', `${PATH}/${id}`, options);

async function created(body: unknown, options: RequestOptions): Promise<string> {
  const answer = await create(body, options);
  expect(answer.status).toBe(200);
  return answer.body.id;
}

const errorWith = (status: number, code: string) => ({
  status,
  body: { error: { code, message: expect.stringMatching(/./) } },
});

describe('an Idempotency-Key', () => {
  it('used again with the same body gives the same destination, as it is now', async () => {
    const first = await create(valid(), withKey('same'));
    await platform.customer().associate(sourceOf(first));
    await platform.cloud.clock.advance(120_000);

    const again = await create(valid(), withKey('same'));

    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(first.body.amazon_eventbridge.aws_event_source_status).toBe('pending');
    expect(again.body).toMatchObject({
      id: first.body.id,
      created: first.body.created,
      amazon_eventbridge: { aws_event_source_status: 'active' },
    });
  });

  it('used again with another body is a conflict that is not worth a retry', async () => {
    await created(valid(), withKey('conflict'));
    const answer = await create(valid({ name: 'Another' }), withKey('conflict'));
    expect(answer).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'idempotency_error',
          type: 'idempotency_error',
          message: 'Idempotency keys can only be reused with the same parameters they were first used with.',
        },
      },
    });
    expect(answer.headers.get('stripe-should-retry')).toBe('false');
  });

  it('of one account or mode means nothing to another', async () => {
    const ids = [
      await created(valid(), withKey('shared')),
      await created(valid(), withKey('shared', { key: seed.live_key })),
      await created(valid(), withKey('shared', { key: other.key })),
    ];
    expect(new Set(ids).size).toBe(3);
  });

  it('of a deleted destination does not bring it back', async () => {
    const id = await created(valid(), withKey('gone'));
    await platform.request('DELETE', `${PATH}/${id}`);
    expect(await create(valid(), withKey('gone'))).toMatchObject(errorWith(404, 'not_found'));
  });

  it('may have 255 characters, and not one more', async () => {
    expect((await create(valid(), withKey('k'.repeat(255)))).status).toBe(200);
    const { status, body } = await create(valid(), withKey('k'.repeat(256)));
    expect(status).toBe(400);
    expect(body.error.message).toContain("'Idempotency-Key: Must be at most 255 characters long.'");
  });

  it('lets a refused create be corrected', async () => {
    expect((await create(valid({ name: '' }), withKey('corrected'))).status).toBe(400);
    expect((await create(valid(), withKey('corrected'))).status).toBe(200);
  });

  it('lets a create that failed at AWS be repeated', async () => {
    const aws = '222222222221';
    const limit = new AwsError('LimitExceededException', 'The account 000000000000 has too many sources');
    const heal = platform.cloud.eventbridge.faults.injectFault({ operation: 'CreatePartnerEventSource', error: limit });
    const failed = await create(valid({ aws }), withKey('repeated'));
    heal();
    expect(failed).toMatchObject(errorWith(400, 'aws_limit_exceeded'));
    expect(failed.body.error.message).not.toContain('000000000000');
    expect(await sourcesOf(aws)).toEqual([]);

    const repeated = await create(valid({ aws }), withKey('repeated'));
    expect(repeated.status).toBe(200);
    expect(await sourcesOf(aws)).toEqual([sourceOf(repeated)]);
  });

  it('makes one destination of two creates at once', async () => {
    const aws = '222222222222';
    const answers = await Promise.all([1, 2].map(() => create(valid({ aws }), withKey('at-once'))));
    const succeeded = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 409);
    expect(succeeded.length + refused.length).toBe(2);
    expect(new Set(succeeded.map(({ body }) => body.id)).size).toBe(1);
    for (const { headers } of refused) expect(headers.get('stripe-should-retry')).toBe('true');
    expect(await destinationsOf(aws)).toHaveLength(1);
    expect(await sourcesOf(aws)).toEqual(succeeded.slice(0, 1).map(sourceOf));
  });

  it('makes one destination also if the first create crashed after AWS had made the source', async () => {
    const aws = '222222222223';
    const repeat = () => create(valid({ aws }), withKey('crashed'));
    const held = holdNext(platform.cloud.eventbridge, 'CreatePartnerEventSource');
    const crashing = repeat();
    await held.reached;
    await platform.cloud.lambda.kill(apiFunction());
    held.release();
    expect((await crashing).status).toBe(502);
    expect(await sourcesOf(aws)).toHaveLength(1);

    const tooEarly = await repeat();
    expect(tooEarly.status).toBe(409);
    expect(tooEarly.headers.get('stripe-should-retry')).toBe('true');

    await platform.cloud.clock.advance(30_000);
    const repeated = await repeat();
    expect(repeated.status).toBe(200);
    expect(await sourcesOf(aws)).toEqual([sourceOf(repeated)]);
    expect(await destinationsOf(aws)).toHaveLength(1);
  });

  it('lets a delete be repeated', async () => {
    const id = await created(valid(), {});
    const remove = (key: string) => platform.request('DELETE', `${PATH}/${id}`, withKey(key));
    const first = await remove('delete');
    const again = await remove('delete');
    expect(first).toMatchObject({ status: 200, body: { id, object: 'v2.core.event_destination' } });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect((await remove('another')).status).toBe(404);
  });

  it('lets a delete that failed at AWS be repeated', async () => {
    const aws = '222222222224';
    const id = await created(valid({ aws }), {});
    const remove = () => platform.request('DELETE', `${PATH}/${id}`, withKey('delete-repeated'));
    const trouble = new AwsError('InternalException', 'Host 10.0.0.1 is gone', 500);
    const heal = platform.cloud.eventbridge.faults.injectFault({
      operation: 'DeletePartnerEventSource',
      error: trouble,
    });
    const failed = await remove();
    heal();
    expect(failed.status).toBe(503);
    expect(failed.body.error.message).not.toContain('10.0.0.1');
    expect(await remove()).toMatchObject({ status: 200, body: { id } });
    expect(await sourcesOf(aws)).toEqual([]);
  });

  it('of a create does not do for a delete', async () => {
    const id = await created(valid(), withKey('created'));
    expect((await platform.request('DELETE', `${PATH}/${id}`, withKey('created'))).status).toBe(409);
    expect((await retrieve(id)).status).toBe(200);
  });

  it('on a read is ignored', async () => {
    const id = await created(valid(), withKey('read'));
    expect((await retrieve(id, withKey('read'))).status).toBe(200);
    expect((await retrieve(id, withKey('read'))).status).toBe(200);
  });
});

const sourceOf = ({ body }: Answer): string => body.amazon_eventbridge.aws_event_source_arn.split('event-source/')[1];

const sourcesOf = async (account: string): Promise<(string | undefined)[]> => {
  const { EventSources = [] } = await platform.customer('us-east-1', account).listSources();
  return EventSources.map(({ Name }) => Name);
};

/** The account's destinations that have their sources in an AWS account. */
async function destinationsOf(aws: string): Promise<unknown[]> {
  const { body } = await platform.request('GET', `${PATH}?limit=100`);
  return body.data.filter((one: Answer['body']) => one.amazon_eventbridge.aws_account_id === aws);
}

const apiFunction = (): string =>
  [...platform.cloud.lambda.counts.keys()].find((name) => name.includes('-api-Api')) ?? '';
