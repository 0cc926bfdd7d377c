import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FaultyEntry } from '../../local/eventbridge/faults.ts';
import { type EventDestination, sourceOf } from './main-job.ts';
import type { Platform } from './platform.ts';

/** Fails the entries for a destination, until what it returns is called. */
export function failEntries(
  { cloud }: Platform,
  destination: EventDestination,
  which: (entry: FaultyEntry) => boolean = () => true,
): () => void {
  const source = sourceOf(destination);
  return cloud.eventbridge.faults.injectEntryFault({
    match: (entry) => entry.Source === source && which(entry),
    code: 'InvalidArgument',
    message: 'The receiver does not take this',
  });
}

interface Many {
  readonly count: number;
  readonly type: string;
  readonly livemode: boolean;
}

/** Publishes many snapshot events by the queue, in as few requests as it takes. */
export async function publishMany({ cloud, seed }: Platform, { count, type, livemode }: Many): Promise<void> {
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: cloud.awsUrl,
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
    useQueueUrlAsEndpoint: false,
  });
  const outputs = Object.entries(cloud.outputs).find(([stack]) => stack.endsWith('-ingest'))?.[1] ?? {};
  const message = (index: number) => ({
    id: `${type}-${index}`,
    time: new Date(cloud.clock.now()).toISOString(),
    'detail-type': type,
    detail: { account: seed.account, livemode, data: { object: { id: `obj_${index}` } } },
  });
  for (let first = 0; first < count; first += 10) {
    const Entries = Array.from({ length: Math.min(10, count - first) }, (_, at) => ({
      Id: String(at),
      MessageBody: JSON.stringify(message(first + at)),
      MessageGroupId: seed.account,
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: String(outputs.EventsQueueUrl), Entries }));
  }
}

/** Executions and transitions of the state machine `retry` so far. */
export function retryMachineCounts({ cloud }: Platform): { executions: number; transitions: number } {
  const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:event-destinations-dev-retry';
  const { executions = 0, transitions = 0 } = cloud.stepFunctions?.counts(arn) ?? {};
  return { executions, transitions };
}
