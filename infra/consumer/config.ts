import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';
import { listed, readContext } from '../context.ts';

const RETENTIONS = Object.values(RetentionDays).filter((days) => typeof days === 'number');

/** The CDK context of a consumer, set with `-c name=value`. */
const Context = z.object({
  /** As the setup of the event destination says it; of a partner, what stands after `event-source/` in its ARN. */
  eventSourceName: z
    .string('is required: what stands after event-source/ in aws_event_source_arn')
    .regex(/^[.\-_A-Za-z0-9]+(\/[.\-_A-Za-z0-9]+)+$/, 'must be aws.partner/<domain>/ed_… or <domain>/ed_…')
    .max(256),
  /** Only for a source that is not a partner's: the AWS account that may put events, and where the echo goes. */
  publisherAccount: z.coerce
    .string()
    .regex(/^\d{12}$/, 'must be an AWS account id')
    .optional(),
  echoEndpoint: z
    .string()
    .regex(/^(https:\/\/|http:\/\/127\.0\.0\.1:)/, 'must be an https URL')
    .optional(),
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

const isPartners = ({ eventSourceName }: ConsumerConfig) => eventSourceName.startsWith('aws.partner/');

const Checked = Context.refine(
  (config) => isPartners(config) !== (config.publisherAccount !== undefined && config.echoEndpoint !== undefined),
  {
    path: ['eventSourceName'],
    message: 'a source that is not a partner has to come with publisherAccount and echoEndpoint, and only such a one',
  },
);

export const readConsumerConfig = (node: Node): ConsumerConfig =>
  readContext(node, Checked, Object.keys(Context.shape));
