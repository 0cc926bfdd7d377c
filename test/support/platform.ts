import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  ListEventSourcesCommand,
  ListRulesCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import Stripe from 'stripe';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';
import { Contract } from './openapi/contract.ts';
import { PermittedCalls } from './permitted-calls.ts';

/** 2026-11-21 10:00 UTC: tests stand still there until they move time. */
const START = Date.UTC(2026, 10, 21, 10);

export interface Seed {
  readonly account: string;
  readonly connected_account: string;
  readonly test_key: string;
  readonly live_key: string;
  readonly publish_key: string;
  readonly publish_live_key: string;
  readonly customer_account_id: string;
}

/** The service as a platform runs it, on the embedded cloud under virtual time, with an account and its keys. */
export interface Platform {
  readonly cloud: Cloud;
  readonly seed: Seed;
  /** Every exchange of `stripe` and `request` is held to openapi.json. */
  readonly contract: Contract;
  /** Stripe's own SDK with a secret key; `options` as in `new Stripe`. */
  stripe(key?: string, options?: Stripe.StripeConfig): Stripe;
  /** A request by hand, for what no SDK sends. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** The operator's CLI; its answer. */
  admin(...args: string[]): Promise<unknown>;
  /** The customer with an AWS account in a Region. */
  customer(region?: string, account?: string): Customer;
  /** Moves time without the tracker's rounds of every minute and, unless it is asked for, without the daily
   * reconciliation: a jump of days takes a second instead of minutes. */
  skip(ms: number, options?: { readonly reconciling?: boolean }): Promise<void>;
  close(): Promise<void>;
}

export interface RequestOptions {
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as the test expects it to be
  readonly body: any;
}

export interface PlatformOptions extends Pick<CloudOptions, 'around' | 'functionLog' | 'onInvocation' | 'sockets'> {
  /** Told of what goes wrong in the embedded cloud itself. */
  readonly log?: (line: string) => void;
  readonly frozenAt?: number;
  /** Templates other than those of `cdk.out`: a copy in which a limit is changed. */
  readonly cdkOut?: string;
  /** Instead of what the templates say: a time-out that is shorter. */
  readonly functionEnvironment?: Readonly<Record<string, string>>;
  /** The seeded accounts have the deployment's rate limits. Otherwise none: while time stands still, all is one second. */
  readonly rateLimited?: boolean;
}

/** Of the operator's CLI, for accounts. */
export const UNLIMITED = ['--requests', '1000000', '--events', '1000000'];

export async function startPlatform({
  frozenAt = START,
  log = console.error,
  rateLimited = false,
  ...options
}: PlatformOptions = {}): Promise<Platform> {
  const calls = new PermittedCalls(options.cdkOut);
  const cloud = await startCloud({ frozenAt, log, ...options, ...calls.watching(options) });
  const contract = new Contract();
  const admin = async (...args: string[]) => JSON.parse(await runAdmin(cloud, args));
  const seed = (await admin('seed', ...(rateLimited ? [] : UNLIMITED))) as Seed;
  return {
    cloud,
    seed,
    contract,
    admin,
    stripe: (key = seed.test_key, options = {}) =>
      new Stripe(key, {
        host: '127.0.0.1',
        port: cloud.apiPort,
        protocol: 'http',
        maxNetworkRetries: 0,
        telemetry: false,
        httpClient: contract.watching(Stripe.createNodeHttpClient()),
        ...options,
      }),
    request: (method, path, options) => request({ cloud, seed, contract }, method, path, options),
    customer: (region = 'us-east-1', account = seed.customer_account_id) => new Customer(cloud, account, region),
    skip: (ms, { reconciling = false } = {}) =>
      withoutRules(cloud, reconciling ? [TRACKING] : [TRACKING, RECONCILING], () => cloud.clock.advance(ms)),
    async close() {
      await cloud.close();
      contract.assertKept();
      calls.assertPermitted();
    },
  };
}

/** Parts of the names of the rules that start the rounds. */
const TRACKING = 'EveryMinute';
const RECONCILING = 'EveryDay';

/** An operator disables rules for as long as the work takes. */
async function withoutRules({ clock, eventbridge }: Cloud, parts: readonly string[], work: () => Promise<void>) {
  await clock.settled();
  const owner = { account: '000000000000', region: 'us-east-1' };
  const names = parts.map((part) => eventbridge.scheduledRules().find(({ name }) => name.includes(part))?.name);
  const switchAll = (action: 'DisableRule' | 'EnableRule') =>
    Promise.all(names.map((Name) => eventbridge.handle(action, { Name }, owner)));
  await switchAll('DisableRule');
  await work();
  await switchAll('EnableRule');
}

async function runAdmin(cloud: Cloud, args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...cloud.serviceEnv };
  const command = ['--import', sameTimeAs(cloud), 'console/admin/main.ts', ...args, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  return stdout;
}

/** A module that sets a process's time to the cloud's: the operator lives in the same time. */
function sameTimeAs(cloud: Cloud): string {
  const virtualDate = new URL('../../local/virtual-date.ts', import.meta.url);
  const source = `import { installVirtualDate } from '${virtualDate}'; installVirtualDate([1, ${cloud.clock.now()}]);`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

async function request(
  { cloud, seed, contract }: Pick<Platform, 'cloud' | 'seed' | 'contract'>,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const { key = seed.test_key, body, headers } = options;
  const requestBody = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${cloud.apiUrl}${path}`, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(requestBody !== undefined && { body: requestBody }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  const requestType = headers?.['content-type'];
  contract.check({ method, path, requestType, requestBody, status: response.status, answer });
  return { status: response.status, headers: response.headers, body: answer };
}

/** An envelope as it arrives on the customer's bus. */
export interface Envelope {
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: string[];
  // biome-ignore lint/suspicious/noExplicitAny: whatever the event is
  readonly detail: any;
}

/** Plays the customer with AWS's own SDK: associates the source, and has a rule put what arrives into a queue. */
export class Customer {
  readonly events: EventBridgeClient;
  readonly #sqs: SQSClient;
  readonly #account: string;
  readonly #region: string;

  constructor(cloud: Pick<Cloud, 'awsUrl'>, account: string, region: string) {
    const credentials = { accessKeyId: account, secretAccessKey: 'local' };
    this.events = new EventBridgeClient({ region, credentials, endpoint: cloud.awsUrl });
    this.#sqs = new SQSClient({ region, credentials, endpoint: cloud.awsUrl, useQueueUrlAsEndpoint: false });
    this.#account = account;
    this.#region = region;
  }

  async associate(source: string): Promise<void> {
    await this.events.send(new CreateEventBusCommand({ Name: source, EventSourceName: source }));
  }

  listSources() {
    return this.events.send(new ListEventSourcesCommand({}));
  }

  /** Deletes the bus: rules and targets have to go first. */
  async deleteBus(EventBusName: string): Promise<void> {
    const { Rules = [] } = await this.events.send(new ListRulesCommand({ EventBusName }));
    for (const { Name: Rule } of Rules) {
      await this.events.send(new RemoveTargetsCommand({ EventBusName, Rule, Ids: ['queue'] }));
      await this.events.send(new DeleteRuleCommand({ EventBusName, Name: Rule }));
    }
    await this.events.send(new DeleteEventBusCommand({ Name: EventBusName }));
  }

  /** A rule for everything on the source's bus, with a queue as its target. */
  async collect(source: string): Promise<Collector> {
    const name = `received-${source.split('/').at(-1)?.toLowerCase()}-${this.#region}`;
    const { QueueUrl } = await this.#sqs.send(new CreateQueueCommand({ QueueName: name }));
    const pattern = JSON.stringify({ account: [this.#account] });
    await this.events.send(new PutRuleCommand({ Name: 'all', EventBusName: source, EventPattern: pattern }));
    const Targets = [{ Id: 'queue', Arn: `arn:aws:sqs:${this.#region}:${this.#account}:${name}` }];
    await this.events.send(new PutTargetsCommand({ Rule: 'all', EventBusName: source, Targets }));
    return { received: () => this.#receiveAll(QueueUrl ?? '') };
  }

  async #receiveAll(QueueUrl: string): Promise<Envelope[]> {
    const envelopes: Envelope[] = [];
    for (;;) {
      const { Messages = [] } = await this.#sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return envelopes;
      for (const { Body = '', ReceiptHandle } of Messages) {
        envelopes.push(JSON.parse(Body));
        await this.#sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }
}

export interface Collector {
  /** What has arrived since it was last asked. */
  received(): Promise<Envelope[]>;
}
