import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';
import { listed, readContext } from '../context.ts';

const RETENTIONS = Object.values(RetentionDays).filter((days) => typeof days === 'number');

/** The CDK context of a consumer, set with `-c name=value`. */
const Context = z.object({
  /** The part of the event destination's `aws_event_source_arn` after `event-source/`. */
  eventSourceName: z
    .string('is required: what stands after event-source/ in aws_event_source_arn')
    .regex(/^aws\.partner(\/[.\-_A-Za-z0-9]+){2,}$/, 'must be aws.partner/<domain>/ed_…')
    .max(256),
  /** Event types, comma separated; without, all that the event destination is subscribed to. */
  eventTypes: z.preprocess(listed, z.array(z.string().min(1).max(128)).min(1)).optional(),
  /** Days for which the log group keeps events. */
  logRetentionDays: z.coerce
    .number()
    .refine((days) => RETENTIONS.includes(days), `must be one of ${RETENTIONS.join(', ')}`)
    .default(RetentionDays.ONE_MONTH),
  /** What to create and send the events to, besides the log group. */
  targets: z.preprocess(listed, z.array(z.enum(['sqs', 'sns'], 'must be sqs, sns or both'))).default([]),
  /** A Lambda function and a Step Functions state machine of the same account and Region to send the events to. */
  functionArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[^:]+$/, 'must be the ARN of a Lambda function')
    .optional(),
  stateMachineArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[^:]+$/, 'must be the ARN of a state machine')
    .optional(),
});

export type ConsumerConfig = z.infer<typeof Context>;

export const readConsumerConfig = (node: Node): ConsumerConfig =>
  readContext(node, Context, Object.keys(Context.shape));
