import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { timeouts } from '../timeouts.ts';

/** Nothing is worked on for longer than this, and an operator has all of it to mend what fails. SQS's largest value. */
export const RETENTION = Duration.days(14);

/** After so many receives a message goes to the dead-letter queue: with growing visibility time-outs a day and a half. */
const MAX_RECEIVE_COUNT = 20;

/** Of every queue whose messages are returned by `return-dead-letters`. */
export const DEAD_LETTER_VISIBILITY = Duration.seconds(timeouts.returnDeadLetters.toSeconds() * 6);

export interface WorkQueueProps {
  readonly queueName: string;
  /** The time-out of the function that works on the queue; messages stay invisible for six times as long. */
  readonly functionTimeout: Duration;
  readonly fifo?: boolean;
}

/** A queue whose dead letters come to another, from which they are returned to it. */
export interface ReturningQueue {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** A dead-letter queue has none itself. */
export function acknowledgeLastQueue(deadLetters: Queue): void {
  const reason =
    'It is a dead-letter queue itself: what is in it is returned, or parked for the operator, by a function.';
  Validations.of(deadLetters).acknowledge({ id: 'Serverless-SQSRedrivePolicy', reason });
  Validations.of(deadLetters).acknowledge({ id: 'AwsSolutions-SQS3', reason });
}

/** Queues by the environment variable in which a function finds their URL: that environment. */
export const queueUrls = (queues: Readonly<Record<string, Queue>>): Record<string, string> =>
  Object.fromEntries(Object.entries(queues).map(([variable, { queueUrl }]) => [variable, queueUrl]));

/** A queue and its dead-letter queue, encrypted by SQS, TLS only. */
export class WorkQueue extends Construct implements ReturningQueue {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const suffix = props.fifo ? '.fifo' : '';
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      ...(props.fifo && { fifo: true }),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      visibilityTimeout: DEAD_LETTER_VISIBILITY,
      queueName: `${props.queueName}-dead-letters${suffix}`,
    });
    acknowledgeLastQueue(this.deadLetters);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName: `${props.queueName}${suffix}`,
      visibilityTimeout: Duration.seconds(props.functionTimeout.toSeconds() * 6),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }
}
