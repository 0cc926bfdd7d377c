import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Caller } from './aws-error.ts';
import { Clock } from './clock.ts';
import { Closers } from './closers.ts';
import { createControl } from './cloud-control.ts';
import { type CloudParts, openParts } from './cloud-parts.ts';
import { type Deployment, deploy, environmentOf, outputsOf } from './deploy.ts';
import { isRecord } from './fields.ts';
import type { Invocation } from './lambda/lambda.ts';
import type { LogLine } from './lambda/sandbox.ts';
import { DEFAULT_SANDBOXES } from './lambda/sandbox-pool.ts';
import { closeServer, listen } from './listen.ts';
import { createRestApiServer } from './rest-api-server.ts';
import { type SchedulerSchedule, Schedules, schedulerInput } from './schedules.ts';
import { StateFile } from './state-file.ts';
import { createAwsServer, type Handle, withoutSockets } from './wire/aws-port.ts';
import type { Control } from './wire/control.ts';

export interface CloudOptions {
  /** 0 takes a free port; so does leaving it out. */
  readonly apiPort?: number | undefined;
  readonly awsPort?: number | undefined;
  /** A folder in which everything is kept; without it all is gone at the end. */
  readonly dataDir?: string | undefined;
  /** Time stands still at this instant (ms since the epoch), and only `clock.advance` moves it. */
  readonly frozenAt?: number | undefined;
  readonly cdkOut?: string | undefined;
  /** What every function finds in its environment, whatever the template says: a limit that a benchmark shortens. */
  readonly functionEnvironment?: Readonly<Record<string, string>> | undefined;
  /** How many sandboxes a function has at most for each of its queues. */
  readonly sandboxes?: number | undefined;
  /** Functions reach AWS by its port, as everybody else does: connections are part of the processor time that is measured. */
  readonly sockets?: boolean | undefined;
  /** Told of what goes wrong in the embedded cloud itself; by default it is written to stderr. */
  readonly log?: ((line: string) => void) | undefined;
  /** Wraps the services that functions call, by the first part of `X-Amz-Target`: a benchmark counts what passes. */
  readonly around?: ((service: string, handle: Handle) => Handle) | undefined;
  /** Told of each invocation when it has ended. */
  readonly onInvocation?: ((invocation: Invocation) => void) | undefined;
  /** Told of each line that a function writes; they can be read in its log group as well. */
  readonly functionLog?: ((line: LogLine) => void) | undefined;
}

export type Cloud = Awaited<ReturnType<typeof boot>>;

/** The service's own account, and the Region of its stacks. */
const OWNER = { account: '000000000000', region: 'us-east-1' } as const;
const HOUR_MS = 3600_000;
/**
 * Receivers of webhooks are on this machine, too. The template's setting stays what a deployment has, so that `cdk.out` can
 * be deployed as it is.
 */
const LOCAL_RECEIVERS = { ALLOW_PRIVATE_WEBHOOK_TARGETS: 'loopback' } as const;
/** Real time that running functions get to end when the cloud closes. */
const GRACE_MS = 2_000;

/** Starts the embedded cloud: all that stands in the templates of `cdkOut`, and nothing else. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const closers = new Closers();
  try {
    return await boot(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function boot(options: CloudOptions, closers: Closers) {
  const { dataDir, functionLog, onInvocation, log = console.error } = options;
  const file = stateFiles(dataDir, closers);
  const clock = openClock(options.frozenAt, file('clock.json'), closers);

  // Queue URLs hold the port, so it comes first. Nobody is answered before all the rest is there.
  const services = new Map<string, Handle>();
  const ready = Promise.withResolvers<Control>();
  const port = { services, control: ready.promise, log };
  const awsServer = createAwsServer(port);
  closers.add(() => closeServer(awsServer));
  const awsPort = await listen(awsServer, options.awsPort ?? 0, 'AWS_PORT');
  const awsUrl = `http://127.0.0.1:${awsPort}`;

  const schedulerSchedules: SchedulerSchedule[] = [];
  const shared = { owner: OWNER, clock, log };
  const told = { functionLog, onInvocation };
  const aws = options.sockets ? undefined : withoutSockets(awsUrl, port);
  const parts = await openParts({ ...shared, ...told, awsUrl, aws, dataDir, file, closers, ready: ready.promise });
  const context = {
    ...{ parts, clock, awsUrl, schedulerSchedules, log },
    functionEnvironment: { ...LOCAL_RECEIVERS, ...options.functionEnvironment },
    sandboxes: options.sandboxes ?? DEFAULT_SANDBOXES,
  };
  const service = await deploy(options.cdkOut ?? 'cdk.out', OWNER, context);
  const { around = (_service: string, handle: Handle) => handle } = options;
  for (const [prefix, handle] of handlers(parts, file)) services.set(prefix, around(prefix, handle));

  const { server: apiServer, api } = createRestApiServer(service.stacks, { ...shared, lambda: parts.lambda });
  closers.add(() => closeServer(apiServer));
  const apiPort = await listen(apiServer, options.apiPort ?? 0, 'PORT');
  const urls = { api: `http://127.0.0.1:${apiPort}`, aws: awsUrl };

  startSchedules(clock, parts, schedulerSchedules);
  startHousekeeping(clock, parts, log);
  closers.add(() => untilIdle(clock));
  const work = (deployment: Deployment) => {
    const mappings = deployment.startMappings();
    closers.add(() => mappings.close());
    return outputsOf(deployment.stacks);
  };
  const outputs = work(service);
  ready.resolve(createControl({ ...parts, urls, clock }));

  return {
    ...{ apiUrl: urls.api, apiPort, awsUrl, awsPort, serviceEnv: environmentOf(awsUrl, OWNER), clock },
    ...{ lambda: parts.lambda, eventbridge: parts.eventBridge, sqs: parts.sqs, dynamodb: parts.dynamodb },
    ...{ logs: parts.logs, secrets: parts.secrets },
    /** Undefined while no template has a state machine. */
    stepFunctions: parts.stepFunctions.loaded,
    /** Undefined while no template has a REST API. */
    api,
    /** CloudFormation's outputs, by stack and name. */
    outputs,
    /** Deploys another cloud assembly, once, into an account and Region: a customer's. Its outputs. */
    deploy: async (cdkOut: string, owner: Caller) => work(await deploy(cdkOut, owner, context)),
    close: () => closers.close(),
  };
}

/** The files of the data folder by name; what is still to be written is written when the cloud closes. */
function stateFiles(dataDir: string | undefined, closers: Closers): (name: string) => StateFile {
  const files = new Map<string, StateFile>();
  closers.add(() => {
    for (const file of files.values()) file.flush();
  });
  return (name) => {
    const file = files.get(name) ?? new StateFile(dataDir === undefined ? undefined : join(dataDir, name));
    files.set(name, file);
    return file;
  };
}

/** Time goes on where the last run had moved it to. */
function openClock(frozenAt: number | undefined, file: StateFile, closers: Closers): Clock {
  const onMoved = () => file.save(() => ({ offset: clock.state[1] }));
  const clock: Clock = new Clock(frozenAt === undefined ? { onMoved } : { frozenAt });
  closers.add(() => clock.close());
  const kept = file.read();
  if (frozenAt === undefined && isRecord(kept) && typeof kept.offset === 'number') clock.state[1] = kept.offset;
  return clock;
}

/** Tables and queues are written as they change; of the others what is answered has been written to its file before. */
function handlers(
  { dynamodb, sqs, eventBridge, secrets, kms, stepFunctions, logs, cloudWatch }: CloudParts,
  file: (name: string) => StateFile,
): [string, Handle][] {
  const keptIn =
    (name: string, service: { readonly handle: Handle }): Handle =>
    async (...call) => {
      const answer = await service.handle(...call);
      await file(name).written();
      return answer;
    };
  return [
    ['DynamoDB_20120810', (operation, input, caller) => dynamodb.handle(operation, input, caller)],
    ['AmazonSQS', (operation, input, caller) => sqs.handle(operation, input, caller)],
    ['AWSEvents', keptIn('eventbridge.json', eventBridge)],
    ['secretsmanager', keptIn('secrets.json', secrets)],
    ['TrentService', keptIn('kms.json', kms)],
    ['AWSStepFunctions', keptIn('executions.json', stepFunctions)],
    ['GraniteServiceVersion20100801', (operation, input) => cloudWatch.handle(operation, input)],
    ['Logs_20140328', (operation, input, caller) => logs.handle(operation, input, caller)],
  ];
}

function startSchedules(
  clock: Clock,
  { eventBridge, deliver }: CloudParts,
  schedules: readonly SchedulerSchedule[],
): void {
  const byArn = new Map(schedules.map((schedule) => [schedule.arn, schedule]));
  new Schedules(
    clock,
    () => eventBridge.scheduledRules(),
    (arn) => eventBridge.fire(arn),
  );
  new Schedules(
    clock,
    () => schedules,
    (arn, dueAt) => {
      const schedule = byArn.get(arn);
      if (!schedule) return;
      const { name: ruleName, targetArn } = schedule;
      void clock.track(deliver({ ...OWNER, arn: targetArn, ruleName, input: schedulerInput(schedule, dueAt) }));
    },
  );
}

/** What DynamoDB and SQS delete in their own time goes once an hour. */
function startHousekeeping(clock: Clock, { dynamodb, sqs }: CloudParts, log: (line: string) => void): void {
  const sweep = async () => {
    sqs.deleteExpired();
    await dynamodb.deleteExpired(clock.now());
  };
  const hourly = () => {
    void clock.track(sweep().catch((error: unknown) => log(`housekeeping: ${String(error)}`)));
    clock.setTimeout(hourly, HOUR_MS);
  };
  clock.setTimeout(hourly, HOUR_MS);
}

async function untilIdle(clock: Clock): Promise<void> {
  for (let waited = 0; clock.busy > 0 && waited < GRACE_MS; waited += 10) await delay(10);
}
