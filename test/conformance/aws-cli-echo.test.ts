import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { echoProbes } from '../../shared/destinations/amazon-eventbridge/setup/aws-cli.ts';
import { noAwsCli } from '../support/aws-cli.ts';

const missing = noAwsCli();
/** Each command is a process of its own, on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

const ID = 'ed_test_01M7YRRT80NJV7GN7EHF0W928N';
const NAME = `echo-${ID}`;
const CONNECTION = `arn:aws:events:eu-west-1:123456789012:connection/${NAME}/f1a2`;
const API_DESTINATION = `arn:aws:events:eu-west-1:123456789012:api-destination/${NAME}/b3c4`;
const source = `example.com/${ID}`;
const busName = `event-destinations-${ID}`;
const ownBus = {
  statement: { Sid: 'PutEventsOfTheEventDestination' },
  probeType: 'v2.core.event_destination.echo',
  echoEndpoint: `https://api.example.com/v2/core/event_destinations/${ID}/echo`,
  publisherAccount: '000000000000',
};
const parts = {
  id: ID,
  name: source,
  account: '123456789012',
  region: 'eu-west-1',
  busName,
  ownBus,
  ruleName: `log-${ID}`,
  pattern: {},
  logGroup: '/aws/events/x',
  logGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/events/x',
  retentionDays: 30,
};

/** What AWS makes up itself, and the commands have to look up. */
const ANSWERS: Readonly<Record<string, object>> = {
  DescribeConnection: { ConnectionArn: CONNECTION },
  DescribeApiDestination: { ApiDestinationArn: API_DESTINATION },
  PutTargets: { FailedEntryCount: 0, FailedEntries: [] },
};

interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

describe.skipIf(missing)(`the AWS CLI${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const calls: Call[] = [];
  /** In place of AWS: writes the calls of EventBridge (JSON) and of IAM (a form) down. */
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const target = String(request.headers['x-amz-target'] ?? '');
    if (target === '') {
      const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(body));
      calls.push({ operation: Action, input });
      response.setHeader('content-type', 'text/xml').end(`<${Action}Response><${Action}Result/></${Action}Response>`);
      return;
    }
    const operation = target.slice(target.indexOf('.') + 1);
    calls.push({ operation, input: JSON.parse(body) });
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(ANSWERS[operation] ?? {}));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());

  it('makes of the commands for the echo what the templates make', async () => {
    const { port } = server.address() as AddressInfo;
    await promisify(execFile)('sh', ['-e', '-c', echoProbes(parts, ownBus).join('\n')], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_PAGER: '',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      },
    });
    const made = (operation: string) => calls.find((call) => call.operation === operation)?.input;
    expect(made('CreateConnection')).toEqual({
      Name: NAME,
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'Event-Source', ApiKeyValue: source } },
    });
    expect(made('CreateApiDestination')).toEqual({
      Name: NAME,
      ConnectionArn: CONNECTION,
      InvocationEndpoint: ownBus.echoEndpoint,
      HttpMethod: 'POST',
      InvocationRateLimitPerSecond: 1,
    });
    expect(made('CreateRole')).toMatchObject({ RoleName: NAME });
    expect(made('PutRolePolicy')).toMatchObject({
      RoleName: NAME,
      PolicyDocument: expect.stringContaining(`arn:aws:events:eu-west-1:123456789012:api-destination/${NAME}/*`),
    });
    const rule = made('PutRule');
    expect(rule).toMatchObject({ Name: NAME, EventBusName: busName });
    expect(JSON.parse(String(rule?.EventPattern))).toEqual({ source: [source], 'detail-type': [ownBus.probeType] });
    const RoleArn = `arn:aws:iam::123456789012:role/${NAME}`;
    expect(made('PutTargets')).toEqual({
      Rule: NAME,
      EventBusName: busName,
      Targets: [{ Id: 'echo', Arn: API_DESTINATION, RoleArn, InputPath: '$.detail' }],
    });
  });
});
