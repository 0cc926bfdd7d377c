import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { EventBus, type EventPattern, type IRuleTarget, Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ECHO_TYPE, Echo } from './echo.ts';
import {
  type BoundDelivery,
  LogGroupTarget,
  logResourcePolicy,
  type TargetDelivery,
  TopicTarget,
  withDefaults,
} from './targets.ts';

export interface EventDestinationConsumerProps {
  /** The name of the event source, as the event destination's setup says it: `aws.partner/example.com/ed_…`. */
  readonly eventSourceName: string;
  /** Who puts events on an event bus of yours, where the event source is not a partner's. */
  readonly publisher?: Publisher;
}

/** As the event destination's setup says it. */
export interface Publisher {
  /** The AWS account that may put events. */
  readonly account: string;
  /** Where the echo goes: an https URL. */
  readonly echoEndpoint: string;
}

export interface RuleOptions extends TargetDelivery {
  /** Which events; by default all that the event destination is subscribed to. */
  readonly eventTypes?: readonly string[];
}

export interface LogOptions extends RuleOptions {
  readonly retention?: RetentionDays;
  /** What becomes of the log group with the stack; by default it stays, because what is in it came once. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The customer's side of an event destination: the event bus of its event source, rules, and a dead-letter queue for what
 * EventBridge cannot deliver to their targets.
 *
 * @example
 * const consumer = new EventDestinationConsumer(this, 'Orders', { eventSourceName: 'aws.partner/example.com/ed_…' });
 * consumer.logEvents();
 * consumer.toFunction('Paid', onPaid, { eventTypes: ['invoice.paid'] });
 */
export class EventDestinationConsumer extends Construct {
  readonly eventBus: EventBus;
  readonly deadLetterQueue: Queue;
  readonly #eventSourceName: string;
  readonly #echoes: boolean;

  constructor(scope: Construct, id: string, { eventSourceName, publisher }: EventDestinationConsumerProps) {
    super(scope, id);
    this.#eventSourceName = eventSourceName;
    this.#echoes = publisher !== undefined;
    this.eventBus = publisher ? this.#ownBus(publisher) : new EventBus(this, 'EventBus', { eventSourceName });
    this.deadLetterQueue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const reason = 'It is the dead-letter queue of the rules.';
    for (const id of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy'])
      Validations.of(this.deadLetterQueue).acknowledge({ id, reason });
  }

  /** Writes events to a log group under /aws/events/, where EventBridge's console looks for them. */
  logEvents({ retention, removalPolicy, ...options }: LogOptions = {}): LogGroup {
    const id = this.#destinationId;
    const logGroup = new LogGroup(this, 'Events', {
      logGroupName: `/aws/events/event-destinations/${id}`,
      retention: retention ?? RetentionDays.ONE_MONTH,
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const policy = logResourcePolicy(logGroup, `event-destinations-${id}`);
    const rule = this.#rule('Log', options, (delivery) => new LogGroupTarget(logGroup, delivery));
    rule.node.addDependency(policy);
    return logGroup;
  }

  toFunction(id: string, handler: IFunction, options: RuleOptions = {}): Rule {
    return this.#rule(id, options, (delivery) => new LambdaFunction(handler, delivery));
  }

  toStateMachine(id: string, machine: IStateMachine, options: RuleOptions = {}): Rule {
    return this.#rule(id, options, (delivery) => new SfnStateMachine(machine, delivery));
  }

  toTopic(id: string, topic: ITopic, options: RuleOptions = {}): Rule {
    return this.#rule(id, options, (delivery) => new TopicTarget(topic, delivery));
  }

  toQueue(id: string, queue: IQueue, options: RuleOptions = {}): Rule {
    return this.#rule(id, options, (delivery) => new SqsQueue(queue, delivery));
  }

  /** An event bus on which the publisher's account may put events of this source alone, with an echo. */
  #ownBus({ account, echoEndpoint }: Publisher): EventBus {
    const eventSourceName = this.#eventSourceName;
    const eventBus = new EventBus(this, 'EventBus', { eventBusName: `event-destinations-${this.#destinationId}` });
    eventBus.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PutEventsOfTheEventDestination',
        principals: [new AccountPrincipal(account)],
        actions: ['events:PutEvents'],
        resources: [eventBus.eventBusArn],
        conditions: { StringEquals: { 'events:source': eventSourceName } },
      }),
    );
    new Echo(this, 'Echo', { eventBus, eventSourceName, echoEndpoint });
    return eventBus;
  }

  get #destinationId(): string {
    return this.#eventSourceName.split('/').at(-1) ?? '';
  }

  /** A rule for each target: EventBridge takes at most five targets a rule, and so each has events of its own. */
  #rule(id: string, options: RuleOptions, target: (delivery: BoundDelivery) => IRuleTarget): Rule {
    return new Rule(this, id, {
      eventBus: this.eventBus,
      description: `Events of ${this.#eventSourceName}`,
      eventPattern: this.#pattern(options.eventTypes),
      targets: [target(withDefaults(options, this.deadLetterQueue))],
    });
  }

  #pattern(eventTypes: readonly string[] | undefined): EventPattern {
    // What the echo has for itself is none of the event destination's events.
    const detailType = eventTypes ? [...eventTypes] : Match.anythingBut(ECHO_TYPE);
    return { source: [this.#eventSourceName], ...((eventTypes || this.#echoes) && { detailType }) };
  }
}
