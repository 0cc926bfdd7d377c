import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Cloud } from '../../local/cloud.ts';

/** A message of the events queue, as README has it. */
export interface Publication {
  /** With `time`, what makes the event's id; else the message does. */
  readonly id?: string;
  readonly time?: string;
  readonly 'detail-type': string;
  readonly detail: { readonly account: string; readonly livemode: boolean; readonly data: object };
}

/** What SQS takes in a request. */
const MOST_AT_ONCE = 10;

export type SendToQueue = (publications: readonly Publication[]) => Promise<void>;

/** The queue door of a cloud, as a producer uses it: in as few requests as it takes, each account a group. */
export function queueDoor({ awsUrl, outputs }: Pick<Cloud, 'awsUrl' | 'outputs'>): SendToQueue {
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: awsUrl,
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
    useQueueUrlAsEndpoint: false,
  });
  const ingest = Object.values(outputs).find((of) => 'EventsQueueUrl' in of);
  const QueueUrl = String(ingest?.EventsQueueUrl);
  return async (publications) => {
    for (let first = 0; first < publications.length; first += MOST_AT_ONCE) {
      const Entries = publications.slice(first, first + MOST_AT_ONCE).map((publication, index) => ({
        Id: String(index),
        MessageGroupId: publication.detail.account,
        MessageBody: JSON.stringify(publication),
      }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    }
  };
}
