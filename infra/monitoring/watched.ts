import type { App } from 'aws-cdk-lib';
import { CfnRestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { RetryMachine } from '../constructs/retry-machine.ts';
import { ServiceFunction } from '../constructs/service-function.ts';

export interface Watched {
  /** Names of the queues that functions work on, without and with the prefix of the stage. */
  readonly queues: readonly Named[];
  readonly deadLetters: readonly Named[];
  readonly tables: readonly Named[];
  readonly functions: readonly Named[];
  readonly apiName: string;
  readonly retryMachineArn: string;
}

export interface Named {
  /** As people say it. */
  readonly label: string;
  readonly name: string;
}

/** Everything in the app that has metrics: what somebody adds tomorrow is watched, too. */
export function findWatched(app: App, prefix: string): Watched {
  const all = app.node.findAll();
  const named = (names: (string | undefined)[]) =>
    names
      .filter((name) => name !== undefined)
      .map((name) => ({ name, label: name.replace(prefix, '').replace('.fifo', '') }))
      .sort((a, b) => (a.label < b.label ? -1 : 1));
  const queues = named(all.flatMap((construct) => (construct instanceof CfnQueue ? [construct.queueName] : [])));
  const isDead = ({ label }: Named) => label.endsWith('dead-letters');
  const functions = all
    .filter((construct) => construct instanceof ServiceFunction)
    .map((fn) => ({ label: fn.folder, name: fn.functionName }));
  return {
    queues: queues.filter((queue) => !isDead(queue)),
    deadLetters: queues.filter(isDead),
    tables: named(all.flatMap((construct) => (construct instanceof CfnTable ? [construct.tableName] : []))),
    functions: functions.sort((a, b) => (a.label < b.label ? -1 : 1)),
    apiName: all.flatMap((construct) => (construct instanceof CfnRestApi ? [construct.name ?? ''] : [])).join(),
    retryMachineArn: all.flatMap((construct) => (construct instanceof RetryMachine ? [construct.arn] : [])).join(),
  };
}
