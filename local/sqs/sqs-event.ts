import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import type { Inflight } from './fauxqs.ts';
import type { Queue } from './queue.ts';

/** One record of the event with which Lambda invokes a function for messages of a queue. */
export function sqsRecord(queue: Queue, { message, receiptHandle }: Inflight): SQSRecord {
  return {
    messageId: message.messageId,
    receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.approximateReceiveCount),
      SentTimestamp: String(message.sentTimestamp),
      SenderId: queue.senderOf(message),
      ApproximateFirstReceiveTimestamp: String(message.approximateFirstReceiveTimestamp),
      ...(message.messageGroupId !== undefined && { MessageGroupId: message.messageGroupId }),
      ...(message.messageDeduplicationId !== undefined && { MessageDeduplicationId: message.messageDeduplicationId }),
      ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
    },
    messageAttributes: attributesOf(message.messageAttributes),
    md5OfBody: message.md5OfBody,
    ...(message.md5OfMessageAttributes && { md5OfMessageAttributes: message.md5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: queue.arn.split(':')[3] ?? '',
  };
}

function attributesOf(attributes: Inflight['message']['messageAttributes']): SQSMessageAttributes {
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
    const value = {
      ...(StringValue !== undefined && { stringValue: StringValue }),
      ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
    };
    return [
      name,
      { ...value, stringListValues: [] as never[], binaryListValues: [] as never[], dataType: DataType },
    ] as const;
  });
  return Object.fromEntries(entries);
}
