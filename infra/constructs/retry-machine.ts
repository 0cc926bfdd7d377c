import { CfnElement, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  LogLevel,
  StateMachine,
  Succeed,
  Timeout,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { timeouts } from '../timeouts.ts';
import type { ServiceFunction } from './service-function.ts';

/** What goes wrong is tried again for about an hour, then an hour is waited, for ever: an execution never fails by itself. */
const RETRY = { interval: Duration.seconds(30), backoffRate: 2, maxDelay: Duration.minutes(10), maxAttempts: 10 };
const REST = Duration.hours(1);

/**
 * The state machine `retry`: one execution for each destination and slot, whose name is the lock. It waits for the slot's
 * end, then has `release` send what is due for as long as there is more. JSONPath; its input is `WakeUp` in
 * shared/deliveries/slot.ts.
 */
export class RetryMachine extends Construct {
  /** Made of its name: the machine needs its function, and the function, which starts the next probe, needs this. */
  readonly arn: string;
  readonly #name: string;

  constructor(scope: Construct, id: string, stage: string) {
    super(scope, id);
    this.#name = `event-destinations-${stage}-retry`;
    const { partition, region, account } = Stack.of(this);
    this.arn = `arn:${partition}:states:${region}:${account}:stateMachine:${this.#name}`;
  }

  /** Lets the function start executions; it finds the machine by its environment. */
  grantStart(grantee: ServiceFunction): void {
    grantee.addEnvironment('RETRY_STATE_MACHINE_ARN', this.arn);
    grantee.addToRolePolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: [this.arn] }));
  }

  define(releaseFunction: ServiceFunction): StateMachine {
    const release = new LambdaInvoke(this, 'Release', {
      stateName: 'Release what is due',
      lambdaFunction: releaseFunction,
      payloadResponseOnly: true,
      resultPath: '$.result',
      taskTimeout: Timeout.duration(timeouts.release.plus(Duration.seconds(30))),
      retryOnServiceExceptions: false,
    });
    const rest = new Wait(this, 'Rest', { stateName: 'Rest', time: WaitTime.duration(REST) });
    release.addRetry({ errors: ['States.ALL'], ...RETRY });
    release.addCatch(rest, { errors: ['States.ALL'], resultPath: '$.error' });
    rest.next(release);
    const definition = new Wait(this, 'UntilSlot', {
      stateName: 'Until the slot ends',
      time: WaitTime.timestampPath('$.until'),
    })
      .next(release)
      .next(
        new Choice(this, 'More', { stateName: 'More' })
          .when(Condition.booleanEquals('$.result.more', true), release)
          .otherwise(new Succeed(this, 'Done', { stateName: 'Done' })),
      );
    const machine = new StateMachine(this, 'Machine', {
      stateMachineName: this.#name,
      comment:
        'Wakes a destination at the end of a slot, for its scheduled retries and for probes of its circuit breaker',
      definitionBody: DefinitionBody.fromChainable(definition),
      logs: {
        destination: new LogGroup(this, 'Logs', {
          retention: RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        // One execution serves all failing events of a destination and slot: its log stays small, and holds ids alone.
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
      tracingEnabled: true,
    });
    this.#acknowledge(machine, releaseFunction);
    return machine;
  }

  #acknowledge(machine: StateMachine, { node }: ServiceFunction): void {
    const fn = CfnElement.isCfnElement(node.defaultChild) ? Stack.of(this).getLogicalId(node.defaultChild) : '';
    Validations.of(machine.role).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'The log deliveries of CloudWatch and the segments of X-Ray have no resource type to name.',
      },
      {
        id: `AwsSolutions-IAM5[Resource::<${fn}.Arn>:*]`,
        reason: 'The versions of the one function that the machine invokes.',
      },
    );
  }
}
