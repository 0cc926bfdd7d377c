import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCloud } from '../../local/cloud.ts';
import { type DeliveryMessage, parseDeliveryMessage } from '../../shared/deliveries/message.ts';
import { logger } from '../../shared/telemetry.ts';
import { arn, assembly, queue } from '../unit/local/boot/assembly.ts';

const SERVICE = { account: '000000000000', region: 'us-east-1' };

const table = (TableName: string) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  },
});

const RESOURCES = {
  Registry: table('registry'),
  Ledger: table('ledger'),
  Deliveries: queue('deliveries'),
  Slow: queue('slow'),
  Releases: queue('releases'),
  Retry: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'retry',
      DefinitionString: '{"StartAt":"Pass","States":{"Pass":{"Type":"Pass","End":true}}}',
    },
  },
};

/**
 * Tables, queues and a state machine without the functions, for a test of what one of those does with them: modules of
 * `shared` that are used in the test's own process find them by its environment.
 */
export async function startEmbeddedAws() {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-aws-'));
  const cloud = await startCloud({ cdkOut: assembly(RESOURCES, {}, folder) });
  rmSync(folder, { recursive: true });
  const queueUrl = (name: string) => `${cloud.awsUrl}/${SERVICE.account}/${name}`;
  Object.assign(process.env, cloud.serviceEnv, {
    REGISTRY_TABLE: 'registry',
    LEDGER_TABLE: 'ledger',
    DELIVERIES_WEBHOOK_QUEUE_URL: queueUrl('deliveries'),
    SLOW_WEBHOOK_QUEUE_URL: queueUrl('slow'),
    RELEASES_QUEUE_URL: queueUrl('releases'),
    RETRY_STATE_MACHINE_ARN: arn('states', 'stateMachine:retry'),
  });
  logger.setLogLevel('SILENT');
  /** The bodies of what can be received from a queue, which are taken from it. */
  const take = async (name: string): Promise<string[]> => {
    const receive = { QueueUrl: queueUrl(name), MaxNumberOfMessages: 10 };
    const bodies: string[] = [];
    for (;;) {
      const answer = await cloud.sqs.handle('ReceiveMessage', receive, SERVICE);
      const { Messages = [] } = answer as { Messages?: { Body: string }[] };
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body }) => Body));
    }
  };
  const sent = async (): Promise<DeliveryMessage[]> => (await take('deliveries')).map(parseDeliveryMessage);
  /** The ids of destinations a release of whose deliveries was asked for, to be done at once. */
  const released = async (): Promise<string[]> => (await take('releases')).map((body) => JSON.parse(body).destination);
  return { cloud, sent, released };
}
