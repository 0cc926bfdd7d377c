import { AwsError, type Caller } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { Fields, isRecord } from '../fields.ts';
import { actions, type FauxqsPersistence } from './fauxqs.ts';
import { openQueueFile } from './persistence.ts';
import type { Queue } from './queue.ts';
import { allowsAccount } from './queue-policy.ts';
import { CallerStore, QueueStore } from './queue-store.ts';

/** The longest delay of a message: the service counts on it, and fauxqs would take any. */
const MAX_DELAY_SECONDS = 900;

export interface SqsOptions {
  readonly clock: Clock;
  /** `http://127.0.0.1:<port>`, the beginning of every queue URL. */
  readonly awsUrl: string;
  /** A folder in which the messages are kept. */
  readonly dataDir?: string | undefined;
}

export interface OwnMessage {
  readonly body: string;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** SQS, played by fauxqs in this process: queues of all accounts and Regions. */
export class Sqs {
  /** Requests by operation: what a benchmark counts. */
  readonly counts = new Map<string, number>();
  readonly #store: QueueStore;
  readonly #persistence: FauxqsPersistence | undefined;

  static async open({ clock, awsUrl, dataDir }: SqsOptions): Promise<Sqs> {
    return new Sqs(clock, awsUrl, dataDir === undefined ? undefined : await openQueueFile(dataDir));
  }

  private constructor(clock: Clock, awsUrl: string, persistence: FauxqsPersistence | undefined) {
    this.#store = new QueueStore(awsUrl);
    this.#persistence = persistence;
    persistence?.loadSqsQueues(this.#store);
    for (const queue of this.#store.all()) {
      queue.persistence = persistence;
      queue.recomputeDue();
    }
    this.#store.persistence = persistence;
    clock.watch({ nextDue: () => this.#nextDue(), fire: () => this.#fire() });
  }

  /** Creates a queue, or gives one that was kept from the last run the attributes that its template has now. */
  declare(arn: string, attributes: Record<string, string>): Queue {
    const existing = this.#store.get(arn);
    if (!existing) return this.#store.createQueue(arn, '', arn, attributes);
    existing.setAttributes(attributes);
    return existing;
  }

  queue(arn: string): Queue | undefined {
    return this.#store.get(arn);
  }

  queues(): Queue[] {
    return [...this.#store.all()];
  }

  /** One operation of the API: a request's JSON to a response's JSON, or an AwsError. */
  async handle(operation: string, input: unknown, caller: Caller): Promise<unknown> {
    const action = actions.get(operation);
    if (!action) throw new AwsError('InvalidAction', `${operation} is not part of the embedded SQS`);
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    const fields = new Fields(input, operation, (message) => new AwsError('InvalidParameterValue', message));
    const owner = fields.optionalString('QueueOwnerAWSAccountId') ?? caller.account;
    const view = new CallerStore(this.#store, caller, owner);
    const queue = fields.has('QueueUrl') ? view.getQueue(fields.string('QueueUrl')) : undefined;
    if (queue) this.#admit(queue, operation, caller);
    if (queue && operation === 'SendMessage') prepareSend(queue, fields, caller);
    if (queue && operation === 'SendMessageBatch')
      for (const entry of fields.listOfFields('Entries')) prepareSend(queue, entry, caller);
    const authorization = `Credential=${caller.account}/20000101/${caller.region}/sqs/aws4_request`;
    try {
      return await action(fields.values, view, { headers: { authorization } });
    } catch (error) {
      throw answeredError(error);
    }
  }

  /** Sends as the queue's owner: for EventBridge's targets and tests. */
  async send(arn: string, message: OwnMessage): Promise<void> {
    const queue = this.#store.get(arn);
    if (!queue) throw new AwsError('QueueDoesNotExist', `There is no queue ${arn}`);
    const [region = '', account = ''] = arn.split(':').slice(3);
    const input = {
      QueueUrl: queue.url,
      MessageBody: message.body,
      ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
      ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
      MessageAttributes: stringAttributes(message.attributes ?? {}),
    };
    await this.handle('SendMessage', input, { account, region });
  }

  deleteExpired(): void {
    for (const queue of this.#store.all()) queue.deleteExpired();
  }

  close(): void {
    for (const queue of this.#store.all()) queue.cancelWaiters();
    this.#persistence?.close();
  }

  #nextDue(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const queue of this.#store.all()) next = Math.min(next, queue.nextDue());
    return Number.isFinite(next) ? next : undefined;
  }

  #fire(): void {
    for (const queue of this.#store.all()) queue.processTimers();
  }

  #admit(queue: Queue, operation: string, caller: Caller): void {
    const owner = queue.arn.split(':')[4];
    const action = operation.replace(/Batch$/, '');
    if (owner === caller.account || allowsAccount(queue.attributes.Policy, caller.account, action)) return;
    const who = `User: arn:aws:iam::${caller.account}:root is not authorized to perform: sqs:${action.toLowerCase()}`;
    const why = `no resource-based policy allows the sqs:${action.toLowerCase()} action`;
    throw new AwsError('AccessDenied', `${who} on resource: ${queue.arn} because ${why}`, 403);
  }
}

const stringAttributes = (attributes: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );

/** Each entry gets an attributes object of its own: by it the queue finds again what fauxqs does not pass on. */
function prepareSend(queue: Queue, entry: Fields, caller: Caller): void {
  const delay = entry.number('DelaySeconds', 0);
  if (!Number.isInteger(delay) || delay < 0 || delay > MAX_DELAY_SECONDS) {
    const reason = `Reason: DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}`;
    throw new AwsError('InvalidParameterValue', `Value ${delay} for parameter DelaySeconds is invalid. ${reason}.`);
  }
  const groupId = entry.optionalString('MessageGroupId');
  if (groupId !== undefined && !/^[!-~]{1,128}$/.test(groupId)) {
    const reason = 'Reason: it can be at most 128 letters long, of alphanumeric characters and punctuation';
    throw new AwsError('InvalidParameterValue', `Value for parameter MessageGroupId is invalid. ${reason}.`);
  }
  const attributes = { ...entry.fields('MessageAttributes').values };
  Object.assign(entry.values, { MessageAttributes: attributes });
  queue.stamp(attributes, { senderId: caller.account, ...(groupId !== undefined && { groupId }) });
}

function answeredError(error: unknown): unknown {
  if (error instanceof AwsError || !isRecord(error) || typeof error.code !== 'string') return error;
  return new AwsError(error.code, String(error.message), Number(error.statusCode ?? 400));
}
