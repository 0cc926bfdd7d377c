import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { noAwsCli } from '../support/aws-cli.ts';
import { type Collector, type Envelope, type Platform, startPlatform } from '../support/platform.ts';

const missing = noAwsCli();
/** Each command is a process of its own, on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

const SERVICE = '000000000000';
const REGION = 'us-east-1';

describe.skipIf(missing)(`the AWS CLI${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let platform: Platform;
  let customer: string;
  beforeAll(async () => {
    platform = await startPlatform();
    customer = platform.seed.customer_account_id;
  });
  afterAll(() => platform?.close());

  const environment = (account: string) => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
    AWS_ENDPOINT_URL: platform.cloud.awsUrl,
    AWS_DEFAULT_OUTPUT: 'json',
  });

  /** Runs `aws`, as whoever has an account with that id; its answer. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as the test expects it to be
  async function aws(account: string, ...args: string[]): Promise<any> {
    const { stdout } = await promisify(execFile)('aws', ['--endpoint-url', platform.cloud.awsUrl, ...args], {
      env: environment(account),
    });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  }

  /** Runs a script as the customer, who has pasted it into his shell; what it prints. */
  async function shell(script: string): Promise<string> {
    const { stdout } = await promisify(execFile)('sh', ['-e', '-c', script], { env: environment(customer) });
    return stdout;
  }

  async function createDestination(): Promise<{ id: string; source: string; arn: string }> {
    const { body } = await platform.request('POST', '/v2/core/event_destinations', {
      body: {
        name: 'For the CLI',
        type: 'amazon_eventbridge',
        event_payload: 'snapshot',
        enabled_events: ['*'],
        amazon_eventbridge: { aws_account_id: customer, aws_region: REGION },
      },
    });
    const arn: string = body.amazon_eventbridge.aws_event_source_arn;
    return { id: body.id, arn, source: arn.slice(arn.indexOf('/') + 1) };
  }

  describe('as the customer', () => {
    it('runs the commands of the setup as they are, and reads the envelope of an event', async () => {
      const { id, source, arn } = await createDestination();
      const { body: setup } = await platform.request('GET', `/v2/core/event_destinations/${id}/setup`);
      const describeSource = () => aws(customer, 'events', 'describe-event-source', '--name', source);
      const pending = await describeSource();
      expect(pending).toMatchObject({ Arn: arn, CreatedBy: 'aws.partner/example.com', Name: source, State: 'PENDING' });

      const [associate, createRule] = setup.steps.map(({ aws_cli }: { aws_cli: string[] }) => aws_cli);
      const created = JSON.parse(await shell(associate.join('\n')));
      expect(created).toEqual({ EventBusArn: `arn:aws:events:${REGION}:${customer}:event-bus/${source}` });
      expect((await describeSource()).State).toBe('ACTIVE');
      expect(await shell(createRule.join('\n'))).toContain('"FailedEntryCount": 0');
      await platform.cloud.clock.advance(120_000);

      const published = await platform.request('POST', '/v1/events', {
        key: platform.seed.publish_key,
        body: { type: 'customer.created', data: { object: { id: 'cus_1', name: 'Zoë' } } },
      });
      await platform.cloud.clock.advance(5_000);

      const group = `/aws/events/event-destinations/${id}`;
      const { events } = await aws(customer, 'logs', 'filter-log-events', '--log-group-name', group);
      const envelopes: Envelope[] = events.map(({ message }: { message: string }) => JSON.parse(message));
      expect(envelopes).toEqual([
        expect.objectContaining({
          source,
          'detail-type': 'customer.created',
          account: customer,
          region: REGION,
          resources: [arn],
          detail: published.body,
        }),
      ]);
    });
  });

  describe('as a producer', () => {
    let collector: Collector;
    beforeAll(async () => {
      const { source } = await createDestination();
      await platform.customer().associate(source);
      collector = await platform.customer().collect(source);
      await platform.cloud.clock.advance(120_000);
    });

    const detail = (id: string) => ({
      account: platform.seed.account,
      livemode: false,
      data: { object: { id, object: 'customer' } },
    });

    /** What arrives of the events on the object; other tests' do not count. */
    async function received(...ids: string[]): Promise<Envelope[]> {
      await platform.cloud.clock.advance(5_000);
      const envelopes = await collector.received();
      return envelopes.filter((envelope) => ids.includes(envelope.detail.data.object.id));
    }

    it('publishes by PutEvents on the ingest bus', async () => {
      const entry = {
        EventBusName: ingest('IngestBusName'),
        Source: 'example.billing',
        DetailType: 'customer.updated',
        Detail: JSON.stringify(detail('cus_by_bus')),
      };
      const answer = await aws(SERVICE, 'events', 'put-events', '--entries', JSON.stringify([entry]));
      expect(answer).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
      expect(await received('cus_by_bus')).toEqual([expect.objectContaining({ 'detail-type': 'customer.updated' })]);
    });

    it('publishes by SendMessageBatch into the events queue', async () => {
      const entries = ['cus_by_queue_1', 'cus_by_queue_2'].map((id, index) => ({
        Id: `entry-${index}`,
        MessageBody: JSON.stringify({ 'detail-type': 'customer.deleted', detail: detail(id) }),
      }));
      const batch = ['--queue-url', ingest('EventsQueueUrl'), '--entries', JSON.stringify(entries)];
      const answer = await aws(SERVICE, 'sqs', 'send-message-batch', ...batch);
      expect(answer.Successful.map(({ Id }: { Id: string }) => Id)).toEqual(['entry-0', 'entry-1']);
      const envelopes = await received('cus_by_queue_1', 'cus_by_queue_2');
      expect(envelopes.map((envelope) => envelope['detail-type'])).toEqual(['customer.deleted', 'customer.deleted']);
    });

    it('is refused at both doors in an account that may not publish', async () => {
      const entry = {
        EventBusName: ingest('IngestBusArn'),
        Source: 'somebody.else',
        DetailType: 'customer.updated',
        Detail: JSON.stringify(detail('cus_foreign')),
      };
      const [byBus, byQueue] = await Promise.all([
        aws(customer, 'events', 'put-events', '--entries', JSON.stringify([entry])),
        aws(customer, 'sqs', 'send-message', '--queue-url', ingest('EventsQueueUrl'), '--message-body', '{}').catch(
          (error: { stderr: string }) => error.stderr,
        ),
      ]);
      expect(byBus).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'AccessDeniedException' }] });
      expect(byQueue).toMatch(/AccessDenied/);
      expect(await received('cus_foreign')).toEqual([]);
    });

    const ingest = (output: string): string => platform.cloud.outputs['event-destinations-dev-ingest']?.[output] ?? '';
  });
});
