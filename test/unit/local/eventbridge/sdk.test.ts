import { Readable } from 'node:stream';
import {
  CreateEventBusCommand,
  CreatePartnerEventSourceCommand,
  DescribeEventSourceCommand,
  EventBridgeClient,
  ListPartnerEventSourceAccountsCommand,
  PutPartnerEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError, type Caller } from '../../../../local/aws-error.ts';
import { CUSTOMER, DAY, inputs, PARTNER, REGION, type Setup, SOURCE, START, sendToQueue, setUp } from './harness.ts';

/** The SDK's client with the emulation in the place of the network. */
function clientOf({ cloud }: Setup, caller: Caller): EventBridgeClient {
  const handle = async (request: { readonly headers: Record<string, string>; readonly body?: Uint8Array | string }) => {
    const operation = (request.headers['x-amz-target'] ?? '').replace('AWSEvents.', '');
    const { statusCode, body } = await answered(
      cloud.handle(operation, JSON.parse(Buffer.from(request.body ?? '').toString()), caller),
    );
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    return { response: { statusCode, headers, body: Readable.from([JSON.stringify(body)]) } };
  };
  return new EventBridgeClient({
    region: REGION,
    maxAttempts: 1,
    credentials: { accessKeyId: caller.account, secretAccessKey: 'x' },
    requestHandler: { handle },
  });
}

async function answered(call: Promise<unknown>) {
  try {
    return { statusCode: 200, body: await call };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { statusCode: error.statusCode, body: { __type: error.code, message: error.message } };
  }
}

describe('the AWS SDK', () => {
  let cloud: Setup;
  let partner: EventBridgeClient;
  let customer: EventBridgeClient;
  beforeEach(() => {
    cloud = setUp();
    partner = clientOf(cloud, PARTNER);
    customer = clientOf(cloud, CUSTOMER);
  });

  it('plays partner and customer, and reads the times', async () => {
    await partner.send(new CreatePartnerEventSourceCommand({ Name: SOURCE, Account: CUSTOMER.account }));
    const described = await customer.send(new DescribeEventSourceCommand({ Name: SOURCE }));
    expect(described.ExpirationTime).toEqual(new Date(START + 7 * DAY));
    expect(described.CreationTime).toEqual(new Date(START));
    await customer.send(new CreateEventBusCommand({ Name: SOURCE, EventSourceName: SOURCE }));
    const accounts = await partner.send(new ListPartnerEventSourceAccountsCommand({ EventSourceName: SOURCE }));
    expect(accounts.PartnerEventSourceAccounts).toEqual([
      { Account: CUSTOMER.account, CreationTime: new Date(START), State: 'ACTIVE' },
    ]);
    await sendToQueue(cloud, SOURCE);
    const Time = new Date('2024-03-07T18:27:56.789Z');
    const put = await partner.send(
      new PutPartnerEventsCommand({ Entries: [{ Source: SOURCE, DetailType: 't', Detail: '{"n":1}', Time }] }),
    );
    await cloud.clock.settled();
    expect(inputs(cloud)).toMatchObject([
      { id: put.Entries?.[0]?.EventId, time: '2024-03-07T18:27:56Z', detail: { n: 1 } },
    ]);
  });

  it('throws its own error classes', async () => {
    await expect(customer.send(new DescribeEventSourceCommand({ Name: SOURCE }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });
});
