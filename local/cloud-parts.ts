import { join } from 'node:path';
import { ApiDestinations } from './api-destinations.ts';
import { AsyncInvocations } from './async-invocations.ts';
import type { Caller } from './aws-error.ts';
import type { Clock } from './clock.ts';
import type { Closers } from './closers.ts';
import { DynamoDb } from './dynamodb.ts';
import { EventBridge } from './eventbridge/index.ts';
import { Kms } from './kms.ts';
import { type Invocation, Lambda } from './lambda/lambda.ts';
import type { Aws } from './lambda/protocol.ts';
import type { LogLine } from './lambda/sandbox.ts';
import { LazyCloudWatch } from './lazy-cloudwatch.ts';
import { LazyStepFunctions } from './lazy-step-functions.ts';
import { Logs } from './logs.ts';
import { SecretsManager } from './secrets-manager.ts';
import { Sns } from './sns.ts';
import { Sqs } from './sqs/sqs.ts';
import type { StateFile } from './state-file.ts';
import { sendToTarget, type TargetInput } from './targets.ts';

export interface PartsOptions {
  readonly owner: Caller;
  readonly clock: Clock;
  readonly awsUrl: string;
  readonly aws: Aws | undefined;
  readonly dataDir: string | undefined;
  readonly file: (name: string) => StateFile;
  readonly closers: Closers;
  readonly log: (line: string) => void;
  readonly functionLog: ((line: LogLine) => void) | undefined;
  readonly onInvocation: ((invocation: Invocation) => void) | undefined;
  /** Deliveries that were kept from the last run wait for it: their targets must be there first. */
  readonly ready: Promise<unknown>;
}

export type CloudParts = Awaited<ReturnType<typeof openParts>>;

/** Opens the services, still empty but for what the data folder kept, and connects them with each other. */
export async function openParts({
  owner,
  clock,
  awsUrl,
  aws,
  dataDir,
  file,
  closers,
  log,
  functionLog,
  onInvocation,
  ready,
}: PartsOptions) {
  const folder = (name: string) => (dataDir === undefined ? undefined : join(dataDir, name));
  const now = () => clock.now();

  const dynamodb = new DynamoDb({ ...owner, path: folder('dynamodb') });
  closers.add(() => dynamodb.close());
  const sqs = await Sqs.open({ clock, awsUrl, dataDir: folder('sqs') });
  closers.add(() => sqs.close());

  const sns = new Sns(now);
  const apiDestinations = new ApiDestinations();

  const kmsFile = file('kms.json');
  const kms: Kms = new Kms({ restore: kmsFile.read(), onChange: () => kmsFile.save(() => kms.snapshot()) });
  const secretsFile = file('secrets.json');
  const secrets: SecretsManager = new SecretsManager({
    now,
    restore: secretsFile.read(),
    onChange: () => secretsFile.save(() => secrets.snapshot()),
  });
  const logsFile = file('logs.json');
  const logs: Logs = new Logs({
    now,
    restore: logsFile.read(),
    onChange: () => logsFile.save(() => logs.snapshot(owner.account)),
  });

  /** The ARN of its log group by function. */
  const functionLogs = new Map<string, string>();
  const lambda = new Lambda({
    clock,
    onInvocation,
    aws,
    log(line) {
      const group = functionLogs.get(line.functionName);
      cloudWatch.line(line.line);
      if (group !== undefined) logs.append(group, line.functionName, line.line);
      functionLog?.(line);
    },
  });
  const cloudWatch: LazyCloudWatch = new LazyCloudWatch(clock, { sqs, lambda, owner });
  closers.add(() => lambda.close());
  const invocations = new AsyncInvocations(
    clock,
    (functionName, payload) => lambda.invoke(functionName, payload),
    (functionName, reason) => log(`${functionName}: gave up on an asynchronous invocation: ${reason}`),
  );
  const stepFunctions = new LazyStepFunctions(clock, lambda, file('executions.json'));
  closers.add(() => stepFunctions.close());

  const deliver = async (target: TargetInput) => {
    await ready;
    await sendToTarget(target, {
      sqs,
      sns,
      apiDestinations,
      logs,
      invocations,
      hasFunction: (arn) => lambda.has(arn),
      stepFunctions: (operation, input, caller) => stepFunctions.handle(operation, input, caller),
      eventBridge: (operation, input, caller) => eventBridge.handle(operation, input, caller),
    });
  };
  const eventBridgeFile = file('eventbridge.json');
  const eventBridge: EventBridge = new EventBridge({
    clock,
    deliver,
    partnerAccounts: new Set([owner.account]),
    restore: eventBridgeFile.read(),
    onChange: () => eventBridgeFile.save(() => eventBridge.snapshot()),
    onUndelivered: ({ rule, target }, error) =>
      log(`${rule.name}: gave up on an event for ${target.arn}: ${String(error)}`),
  });
  return {
    dynamodb,
    sqs,
    sns,
    apiDestinations,
    secrets,
    kms,
    logs,
    lambda,
    functionLogs,
    invocations,
    stepFunctions,
    eventBridge,
    cloudWatch,
    deliver,
  };
}
