import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Cloud } from '../../local/cloud.ts';
import { destinationKey, type EventBridgeDestination } from '../../shared/destinations/destination.ts';
import { newId } from '../../shared/ids.ts';
import { ONE_SHARD } from '../../shared/shards.ts';
import type { Lane } from '../../shared/sources/schedule.ts';
import { createdSource, newSource, observed } from '../../shared/sources/source.ts';
import { checkKeys } from '../../shared/sources/store.ts';

export interface Seed {
  readonly sources: number;
  /** How many of them are due in each lane; all others are idle and due in an hour. */
  readonly due: Readonly<Record<Lane, number>>;
  readonly now: number;
}

const REGION = 'us-east-1';
const CUSTOMER = '123456789012';
const PARTNER = 'aws.partner/example.com';
const SERVICE = { account: '000000000000', region: REGION };
const TABLE = 'event-destinations-dev-registry';
const PER_ACCOUNT = 16;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Writes destinations with sources as the service would have, thirty days ago, and AWS's side of them. */
export async function seedSources(cloud: Cloud, { sources, due, now }: Seed): Promise<void> {
  const table = clientOf(cloud);
  await write(table, [
    { pk: 'regions', sk: REGION },
    { pk: 'source-sweeps', sk: REGION, began: now },
  ]);
  const lanes = Object.entries(due).flatMap(([lane, count]) => Array<Lane>(count).fill(lane as Lane));
  let batch: object[] = [];
  for (let index = 0; index < sources; index += 1) {
    const lane = lanes[index];
    const destination = destinationOf(index, lane ?? 'idle', now);
    const { name } = destination.source;
    await cloud.eventbridge.handle('CreatePartnerEventSource', { Name: name, Account: CUSTOMER }, SERVICE);
    // AWS is asked only for those that are due.
    if (lane && lane !== 'watch')
      await cloud.eventbridge.handle(
        'CreateEventBus',
        { Name: name, EventSourceName: name },
        { account: CUSTOMER, region: REGION },
      );
    const keys = checkKeys(destination, { at: lane ? now : now + HOUR, lane: lane ?? 'idle' });
    batch.push({ ...destinationKey(destination), ...destination, ...keys });
    if (batch.length < 25) continue;
    await write(table, batch);
    batch = [];
  }
  await write(table, batch);
}

async function write(table: DynamoDBDocumentClient, items: readonly object[]): Promise<void> {
  if (items.length === 0) return;
  const puts = items.map((Item) => ({ PutRequest: { Item } }));
  await table.send(new BatchWriteCommand({ RequestItems: { [TABLE]: puts } }));
}

const clientOf = ({ awsUrl }: Cloud): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: awsUrl,
      region: REGION,
      credentials: { accessKeyId: SERVICE.account, secretAccessKey: 'local' },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );

function destinationOf(index: number, lane: Lane, now: number): EventBridgeDestination {
  const created = now - 30 * DAY;
  const id = newId('ed', false, created + index);
  const pending = createdSource(
    newSource(`${PARTNER}/${id}`, created),
    `arn:aws:events:${REGION}::event-source/${PARTNER}/${id}`,
    created,
  );
  const source = lane === 'watch' ? pending : observed(pending, { state: 'ACTIVE' }, created + HOUR);
  return {
    id,
    account: `acct_${String(Math.floor(index / PER_ACCOUNT)).padStart(8, '0')}`,
    livemode: false,
    lifecycle: 'ready',
    name: `Destination ${index}`,
    description: '',
    enabled_events: ['*'],
    event_payload: 'snapshot',
    events_from: ['self'],
    metadata: {},
    metadata_revision: 0,
    snapshot_api_version: null,
    status: 'enabled',
    disabled_reason: null,
    created,
    updated: created,
    delivery_shards: ONE_SHARD,
    type: 'amazon_eventbridge',
    amazon_eventbridge: { aws_account_id: CUSTOMER, aws_region: REGION },
    source,
    ...(lane === 'confirm' && { put_to_at: now }),
  };
}
