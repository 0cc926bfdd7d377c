import { resolve } from 'node:path';
import type { ApiDestinations } from './api-destinations.ts';
import type { AsyncInvocations } from './async-invocations.ts';
import { AwsError, type Caller } from './aws-error.ts';
import type { DynamoDb } from './dynamodb.ts';
import type { EventBridge } from './eventbridge/index.ts';
import { type Fields, isRecord } from './fields.ts';
import type { Kms } from './kms.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { LazyCloudWatch } from './lazy-cloudwatch.ts';
import type { Logs } from './logs.ts';
import { readSchedulerSchedule, type SchedulerSchedule } from './schedules.ts';
import type { SecretsManager } from './secrets-manager.ts';
import type { Sns } from './sns.ts';
import type { Sqs } from './sqs/sqs.ts';
import type { StepFunctions } from './stepfunctions/step-functions.ts';
import type { LoadedStack, Resource } from './templates/load-stacks.ts';

/** The parts in which the templates' resources come to be. */
export interface Parts {
  /** The account and Region into which the templates are deployed. */
  readonly owner: Caller;
  readonly cdkOut: string;
  readonly dynamodb: DynamoDb;
  readonly sqs: Sqs;
  readonly sns: Sns;
  readonly apiDestinations: ApiDestinations;
  readonly secrets: SecretsManager;
  readonly kms: Kms;
  readonly logs: Logs;
  readonly lambda: Lambda;
  readonly invocations: AsyncInvocations;
  readonly eventBridge: EventBridge;
  readonly cloudWatch: LazyCloudWatch;
  /** Loaded when the first state machine needs it: its interpreter takes a third of a second. */
  readonly stepFunctions: () => Promise<StepFunctions>;
  /** What every function gets beside the template's own variables, or instead of them. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  /** The ARN of its log group by function. */
  readonly functionLogs: Map<string, string>;
  readonly schedulerSchedules: SchedulerSchedule[];
}

type Create = (resource: Resource, parts: Parts) => unknown;

/** In this order: what comes later names what came before. */
const CREATE: readonly (readonly [type: string, create: Create])[] = [
  ['AWS::DynamoDB::Table', createTable],
  ['AWS::SQS::Queue', ({ arn = '', properties }, { sqs }) => sqs.declare(arn, queueAttributes(properties))],
  ['AWS::SQS::QueuePolicy', setQueuePolicy],
  ['AWS::SNS::Topic', ({ physicalId }, { sns }) => sns.declare(physicalId)],
  ['AWS::SNS::Subscription', subscribe],
  ['AWS::SecretsManager::Secret', createSecret],
  ['AWS::KMS::Key', ({ arn = '' }, { kms }) => kms.declare(arn)],
  ['AWS::Logs::LogGroup', ({ physicalName }, { logs, owner }) => logs.declare(physicalName, owner)],
  ['AWS::Lambda::Function', createFunction],
  ['AWS::Lambda::EventInvokeConfig', configureInvocations],
  ['AWS::StepFunctions::StateMachine', createStateMachine],
  ['AWS::Events::EventBus', createEventBus],
  ['AWS::Events::EventBusPolicy', setEventBusPolicy],
  [
    'AWS::Events::Connection',
    ({ arn = '', properties }, parts) => parts.apiDestinations.declareConnection(arn, properties),
  ],
  ['AWS::Events::ApiDestination', ({ arn = '', properties }, parts) => parts.apiDestinations.declare(arn, properties)],
  ['AWS::Events::Rule', createRule],
  ['AWS::Scheduler::Schedule', createSchedule],
  [
    'AWS::CloudWatch::Alarm',
    ({ physicalName, arn = '', properties }, { cloudWatch }) => cloudWatch.declareAlarm(physicalName, arn, properties),
  ],
  [
    'AWS::CloudWatch::Dashboard',
    ({ physicalName, properties }, { cloudWatch }) =>
      cloudWatch.declareDashboard(physicalName, properties.string('DashboardBody')),
  ],
];

export async function createResources(stacks: readonly LoadedStack[], parts: Parts): Promise<void> {
  const resources = stacks.flatMap((stack) => stack.resources);
  for (const [type, create] of CREATE) {
    for (const resource of resources.filter((candidate) => candidate.type === type)) await create(resource, parts);
  }
}

async function createTable({ physicalName, properties }: Resource, { dynamodb }: Parts): Promise<void> {
  const ttl = properties.fields('TimeToLiveSpecification');
  await dynamodb.createTable({
    name: physicalName,
    keySchema: properties.list('KeySchema'),
    attributeDefinitions: properties.list('AttributeDefinitions'),
    ...(properties.has('GlobalSecondaryIndexes') && {
      globalSecondaryIndexes: properties.list('GlobalSecondaryIndexes'),
    }),
    ...(ttl.boolean('Enabled', false) && { ttlAttribute: ttl.string('AttributeName') }),
  });
}

const QUEUE_ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
];

function queueAttributes(properties: Fields): Record<string, string> {
  const given = QUEUE_ATTRIBUTES.filter((name) => properties.has(name)).map((name) => [name, properties.string(name)]);
  const policies = ['RedrivePolicy', 'RedriveAllowPolicy'].filter((name) => properties.has(name));
  const asJson = policies.map((name) => [name, JSON.stringify(properties.values[name])]);
  return Object.fromEntries([...given, ...asJson]);
}

function setQueuePolicy({ properties }: Resource, { sqs }: Parts): void {
  const urls = new Set(properties.strings('Queues'));
  const Policy = JSON.stringify(properties.values.PolicyDocument);
  for (const queue of sqs.queues()) if (urls.has(queue.url)) queue.setAttributes({ Policy });
}

function subscribe({ logicalId, properties }: Resource, { sns }: Parts): void {
  if (properties.has('FilterPolicy')) throw new Error(`${logicalId}: FilterPolicy is not supported locally`);
  sns.subscribe(properties.string('TopicArn'), {
    protocol: properties.string('Protocol'),
    endpoint: properties.string('Endpoint'),
    raw: properties.boolean('RawMessageDelivery', false),
  });
}

function createSecret({ arn, physicalId, physicalName, properties }: Resource, { secrets }: Parts): void {
  secrets.declare(arn ?? physicalId, physicalName, properties);
}

function createFunction({ physicalName, arn = '', properties, metadata, logicalId }: Resource, parts: Parts): void {
  const asset = metadata.optionalString('aws:asset:path');
  if (asset === undefined) {
    throw new Error(`${logicalId} has no asset: synthesize with the context aws:cdk:enable-asset-metadata`);
  }
  const variables = properties.fields('Environment').fields('Variables');
  const environment = Object.keys(variables.values).map((name) => [name, variables.string(name)] as const);
  const reservedConcurrency = properties.optionalNumber('ReservedConcurrentExecutions');
  parts.lambda.register({
    name: physicalName,
    arn,
    codeDir: resolve(parts.cdkOut, asset),
    handler: properties.string('Handler'),
    timeoutSeconds: properties.number('Timeout', 3),
    memoryMb: properties.number('MemorySize', 128),
    environment: { ...Object.fromEntries(environment), ...parts.functionEnvironment },
    ...(reservedConcurrency !== undefined && { reservedConcurrency }),
  });
  const logGroup = properties.fields('LoggingConfig').optionalString('LogGroup') ?? `/aws/lambda/${physicalName}`;
  parts.logs.declare(logGroup, parts.owner);
  parts.functionLogs.set(physicalName, parts.logs.arn(logGroup, parts.owner));
}

function configureInvocations({ properties }: Resource, { invocations }: Parts): void {
  invocations.setRetries(properties.string('FunctionName'), properties.number('MaximumRetryAttempts', 2));
}

async function createStateMachine({ physicalName, arn = '', properties }: Resource, parts: Parts): Promise<void> {
  const text = properties.optionalString('DefinitionString');
  const definition: unknown = text === undefined ? properties.values.Definition : JSON.parse(text);
  if (!isRecord(definition)) throw new Error(`${physicalName}: only DefinitionString and Definition are supported`);
  const type = properties.optionalString('StateMachineType') === 'EXPRESS' ? 'EXPRESS' : 'STANDARD';
  (await parts.stepFunctions()).register({ name: physicalName, arn, definition, type });
}

async function createEventBus({ physicalName, properties }: Resource, { eventBridge, owner }: Parts): Promise<void> {
  const input = {
    Name: physicalName,
    EventSourceName: properties.optionalString('EventSourceName'),
    Description: properties.optionalString('Description'),
  };
  await eventBridge.handle('CreateEventBus', input, owner).catch((error: unknown) => {
    const kept = error instanceof AwsError && error.code === 'ResourceAlreadyExistsException';
    if (!kept) throw error;
  });
}

/** PutPermission takes a whole policy or a simple statement; the templates' statements are added one by one. */
async function setEventBusPolicy({ properties }: Resource, { eventBridge, owner }: Parts): Promise<void> {
  const EventBusName = properties.optionalString('EventBusName') ?? 'default';
  const StatementId = properties.string('StatementId');
  if (!properties.has('Statement')) {
    const [Action, Principal] = [properties.string('Action'), properties.string('Principal')];
    await eventBridge.handle('PutPermission', { EventBusName, StatementId, Action, Principal }, owner);
    return;
  }
  const bus = await eventBridge.handle('DescribeEventBus', { Name: EventBusName }, owner);
  const policy: unknown = JSON.parse(isRecord(bus) && typeof bus.Policy === 'string' ? bus.Policy : '{}');
  const before: unknown[] = isRecord(policy) && Array.isArray(policy.Statement) ? policy.Statement : [];
  const others = before.filter((statement) => isRecord(statement) && statement.Sid !== StatementId);
  const Statement = [...others, { Sid: StatementId, ...properties.fields('Statement').values }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await eventBridge.handle('PutPermission', { EventBusName, Policy }, owner);
}

async function createRule({ physicalName, properties }: Resource, { eventBridge, owner }: Parts): Promise<void> {
  const EventBusName = properties.optionalString('EventBusName') ?? 'default';
  const pattern = properties.has('EventPattern') ? JSON.stringify(properties.values.EventPattern) : undefined;
  const rule = {
    Name: physicalName,
    EventBusName,
    EventPattern: pattern,
    ScheduleExpression: properties.optionalString('ScheduleExpression'),
    State: properties.optionalString('State'),
    Description: properties.optionalString('Description'),
  };
  await eventBridge.handle('PutRule', rule, owner);
  const Targets = properties.list('Targets');
  if (Targets.length > 0) await eventBridge.handle('PutTargets', { Rule: physicalName, EventBusName, Targets }, owner);
}

function createSchedule({ physicalName, arn = '', properties }: Resource, { schedulerSchedules }: Parts): void {
  schedulerSchedules.push(readSchedulerSchedule(physicalName, arn, properties));
}
