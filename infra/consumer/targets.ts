import { Duration, Stack } from 'aws-cdk-lib';
import type { IRule, IRuleTarget, RuleTargetConfig } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** How EventBridge delivers to a target: what AWS itself does by default, and then the dead-letter queue. */
export interface TargetDelivery {
  /** How long EventBridge tries, one minute to 24 hours. */
  readonly maxEventAge?: Duration;
  /** How often, 0 to 185. */
  readonly retryAttempts?: number;
}

export interface BoundDelivery {
  readonly deadLetterQueue: IQueue;
  readonly maxEventAge: Duration;
  readonly retryAttempts: number;
}

export const withDefaults = (
  { maxEventAge = Duration.hours(24), retryAttempts = 185 }: TargetDelivery,
  deadLetterQueue: IQueue,
): BoundDelivery => ({ deadLetterQueue, maxEventAge, retryAttempts });

/**
 * A log group. CDK's own target brings a Lambda function of a custom resource for the policy that this needs; here it is
 * CloudFormation's resource. EventBridge writes to log groups by their resource policy alone, never by a role.
 */
export class LogGroupTarget implements IRuleTarget {
  readonly #logGroup: ILogGroup;
  readonly #delivery: BoundDelivery;

  constructor(logGroup: ILogGroup, delivery: BoundDelivery) {
    this.#logGroup = logGroup;
    this.#delivery = delivery;
  }

  bind(rule: IRule): RuleTargetConfig {
    const { account, region, partition } = Stack.of(rule);
    const { logGroupName } = this.#logGroup;
    // The target's ARN, unlike the log group's own, does not end with `:*`.
    const arn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
    return { ...configOf(rule, this.#delivery), arn };
  }
}

/**
 * Lets EventBridge write to the log groups. AWS documents these two principals, and no condition on CreateLogStream; each
 * account can have ten such policies in a Region.
 */
export function logResourcePolicy(logGroup: ILogGroup, policyName: string): CfnResourcePolicy {
  const { account, region, partition } = Stack.of(logGroup);
  const statement = {
    Effect: 'Allow',
    Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `arn:${partition}:logs:${region}:${account}:log-group:${logGroup.logGroupName}:*`,
  };
  const document = { Version: '2012-10-17', Statement: [statement] };
  return new CfnResourcePolicy(logGroup, 'FromEventBridge', {
    policyName,
    policyDocument: Stack.of(logGroup).toJsonString(document),
  });
}

/** A topic, to which this rule alone may publish; CDK's own target lets every rule of every account. */
export class TopicTarget implements IRuleTarget {
  readonly #topic: ITopic;
  readonly #delivery: BoundDelivery;

  constructor(topic: ITopic, delivery: BoundDelivery) {
    this.#topic = topic;
    this.#delivery = delivery;
  }

  bind(rule: IRule): RuleTargetConfig {
    this.#topic.addToResourcePolicy(
      new PolicyStatement({
        sid: `PublishFrom${rule.node.addr}`,
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.#topic.topicArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
    return { ...configOf(rule, this.#delivery), arn: this.#topic.topicArn, targetResource: this.#topic };
  }
}

function configOf(rule: IRule, { deadLetterQueue, maxEventAge, retryAttempts }: BoundDelivery) {
  deadLetterQueue.addToResourcePolicy(
    new PolicyStatement({
      sid: `DeadLettersOf${rule.node.addr}`,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [deadLetterQueue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
    }),
  );
  return {
    deadLetterConfig: { arn: deadLetterQueue.queueArn },
    retryPolicy: { maximumEventAgeInSeconds: maxEventAge.toSeconds(), maximumRetryAttempts: retryAttempts },
  };
}
