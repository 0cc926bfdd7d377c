import type { ApiDestinations } from './api-destinations.ts';
import type { AsyncInvocations } from './async-invocations.ts';
import { AwsError, type Caller } from './aws-error.ts';
import { isRecord } from './fields.ts';
import type { Logs } from './logs.ts';
import type { Sns } from './sns.ts';
import type { Sqs } from './sqs/sqs.ts';

/** What a rule, or a schedule, sends to a target. */
export interface TargetInput {
  readonly arn: string;
  /** The account and Region of the rule. */
  readonly account: string;
  readonly region: string;
  readonly ruleName: string;
  readonly input: string;
  readonly messageGroupId?: string | undefined;
  readonly messageAttributes?: Readonly<Record<string, string>>;
}

type Handle = (operation: string, input: unknown, caller: Caller) => Promise<unknown>;

export interface TargetParts {
  readonly sqs: Pick<Sqs, 'send'>;
  readonly sns: Pick<Sns, 'subscriptions' | 'notification'>;
  readonly apiDestinations: Pick<ApiDestinations, 'call'>;
  readonly logs: Pick<Logs, 'append'>;
  readonly hasFunction: (arn: string) => boolean;
  readonly invocations: Pick<AsyncInvocations, 'accept'>;
  readonly stepFunctions: Handle;
  readonly eventBridge: Handle;
}

type Send = (target: TargetInput, parts: TargetParts) => Promise<void>;

/** The kinds of target there are, by the service in their ARN. */
const SENDERS: Readonly<Record<string, Send>> = {
  sqs: ({ arn, input, messageGroupId, messageAttributes }, { sqs }) =>
    sqs.send(arn, { body: escaped(input), groupId: messageGroupId, attributes: messageAttributes }),
  sns: publishToTopic,
  logs: async ({ arn, ruleName, input }, { logs }) => logs.append(arn, ruleName, input),
  lambda: async ({ arn, input }, { hasFunction, invocations }) => {
    if (!hasFunction(arn)) throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    invocations.accept(arn, JSON.parse(input));
  },
  states: async ({ arn, account, region, input }, { stepFunctions }) => {
    await stepFunctions('StartExecution', { stateMachineArn: arn, input }, { account, region });
  },
  events: async (target, parts) =>
    target.arn.includes(':api-destination/')
      ? parts.apiDestinations.call(target.arn, target.input)
      : putOnBus(target, parts),
};

/** Brings what a rule sends to its target. It rejects with an AwsError where AWS would. */
export async function sendToTarget(target: TargetInput, parts: TargetParts): Promise<void> {
  const service = target.arn.split(':')[2] ?? '';
  const send = SENDERS[service];
  if (!send)
    throw new AwsError('ResourceNotFoundException', `The embedded cloud has no targets of ${service}: ${target.arn}`);
  await send(target, parts);
}

/** To its subscribers in the embedded cloud, queues and functions; nobody else gets anything from here. */
async function publishToTopic({ arn, input }: TargetInput, { sns, sqs, invocations }: TargetParts): Promise<void> {
  const notification = sns.notification(arn, input);
  for (const { protocol, endpoint, raw } of sns.subscriptions(arn)) {
    if (protocol === 'sqs') await sqs.send(endpoint, { body: escaped(raw ? input : JSON.stringify(notification)) });
    if (protocol === 'lambda') {
      const record = { EventVersion: '1.0', EventSource: 'aws:sns', EventSubscriptionArn: arn, Sns: notification };
      invocations.accept(endpoint, { Records: [record] });
    }
  }
}

/** From bus to bus an event keeps what its producer said; it gets another id, as no API takes one. */
async function putOnBus({ arn, account, region, input }: TargetInput, { eventBridge }: TargetParts): Promise<void> {
  const event: unknown = JSON.parse(input);
  if (!isRecord(event)) throw new AwsError('INVALID_JSON', 'Only an event can be put on an event bus');
  const entry = {
    EventBusName: arn,
    Source: event.source,
    DetailType: event['detail-type'],
    Detail: JSON.stringify(event.detail),
    Resources: event.resources,
    Time: typeof event.time === 'string' ? Date.parse(event.time) / 1000 : undefined,
  };
  const answer = await eventBridge('PutEvents', { Entries: [entry] }, { account, region });
  const [result]: unknown[] = isRecord(answer) && Array.isArray(answer.Entries) ? answer.Entries : [];
  if (isRecord(result) && typeof result.ErrorCode === 'string') {
    throw new AwsError(result.ErrorCode, String(result.ErrorMessage));
  }
}

/** SQS refuses two characters that JSON may have raw; what AWS does with them on this way is not documented. */
const escaped = (json: string): string => json.replaceAll('\ufffe', '\\ufffe').replaceAll('\uffff', '\\uffff');
