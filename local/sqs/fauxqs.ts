/**
 * The parts of fauxqs that the embedded cloud uses. The package shows only its HTTP application, which brings fastify,
 * S3 and SNS (0.3 s of every start) and knows one account; its store, its persistence and its actions are imported by
 * file. The version is pinned exactly, and the types below say all that is relied upon.
 */
interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly messageAttributes: Record<string, MessageAttribute>;
  readonly md5OfMessageAttributes: string;
  readonly sentTimestamp: number;
  readonly approximateReceiveCount: number;
  readonly approximateFirstReceiveTimestamp?: number;
  readonly delayUntil?: number;
  messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  sequenceNumber?: string;
}

export interface Inflight {
  readonly message: Message;
  readonly receiptHandle: string;
  readonly visibilityDeadline: number;
}

interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
}

export interface FauxqsQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly createdTimestamp: number;
  readonly lastModifiedTimestamp: number;
  readonly sequenceCounter: number;
  readonly tags: Map<string, string>;
  attributes: Record<string, string>;
  messages: Message[];
  delayedMessages: Message[];
  readonly inflightMessages: Map<string, Inflight>;
  /** FIFO queues keep their messages by group, and a group with a message in flight is locked. */
  readonly fifoMessages: Map<string, Message[]>;
  readonly fifoDelayed: Map<string, Message[]>;
  readonly fifoLockedGroups: Map<string, number>;
  persistence?: FauxqsPersistence | undefined;
  isFifo(): boolean;
  getAttribute(name: string): string | undefined;
  setAttributes(attributes: Record<string, string>): void;
  enqueue(message: Message): void;
  dequeue(
    max: number,
    visibility: number | undefined,
    deadLetters: (arn: string) => FauxqsQueue | undefined,
  ): Received[];
  deleteMessage(receiptHandle: string): boolean;
  changeVisibility(receiptHandle: string, seconds: number): void;
  processTimers(): void;
  notifyWaiters(): void;
  cancelWaiters(): void;
  purge(): void;
}

type Attributes = Record<string, string>;

export interface FauxqsStore {
  createQueue(name: string, url: string, arn: string, attributes?: Attributes, tags?: Attributes): FauxqsQueue;
}

export interface FauxqsPersistence {
  readonly db: { exec(sql: string): void; prepare(sql: string): { run(...values: unknown[]): unknown } };
  insertQueue(queue: FauxqsQueue): void;
  deleteQueue(name: string): void;
  deleteMessage(messageId: string): void;
  updateMessageReady(messageId: string): void;
  transaction(work: () => void): void;
  loadSqsQueues(store: FauxqsStore): void;
  close(): void;
}

/** An operation's JSON in, its JSON out; wrong requests throw an error with `code`, `message` and `statusCode`. */
export type Action = (input: unknown, store: unknown, request: { headers: Record<string, string> }) => unknown;

interface StoreModule {
  readonly SqsQueue: new (
    name: string,
    url: string,
    arn: string,
    attributes?: Attributes,
    tags?: Attributes,
  ) => FauxqsQueue;
  readonly SqsStore: {
    createMessage(
      body: string,
      attributes: Record<string, MessageAttribute>,
      delaySeconds?: number,
      groupId?: string,
      deduplicationId?: string,
    ): Message;
  };
}

const file = (path: string): string => new URL(path, import.meta.resolve('fauxqs')).href;

const store: StoreModule = await import(file('./sqs/sqsStore.js'));
export const { SqsQueue, SqsStore } = store;

/** SQS takes every character of XML 1.0; fauxqs looks at UTF-16 units, and would refuse those beyond U+FFFF. */
const refused = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const { INVALID_MESSAGE_BODY_CHAR }: { INVALID_MESSAGE_BODY_CHAR: RegExp } = await import(file('./sqs/sqsTypes.js'));
INVALID_MESSAGE_BODY_CHAR.test = (body) => refused.test(body);

export async function openPersistence(folder: string): Promise<FauxqsPersistence> {
  const { PersistenceManager }: { PersistenceManager: new (folder: string) => FauxqsPersistence } = await import(
    file('./persistence.js')
  );
  return new PersistenceManager(folder);
}

const ACTIONS = [
  'changeMessageVisibility',
  'changeMessageVisibilityBatch',
  'createQueue',
  'deleteMessage',
  'deleteMessageBatch',
  'deleteQueue',
  'getQueueAttributes',
  'getQueueUrl',
  'listQueueTags',
  'listQueues',
  'purgeQueue',
  'receiveMessage',
  'sendMessage',
  'sendMessageBatch',
  'setQueueAttributes',
  'tagQueue',
  'untagQueue',
] as const;

export const actions: ReadonlyMap<string, Action> = new Map(
  await Promise.all(
    ACTIONS.map(async (name): Promise<[string, Action]> => {
      const module: Record<string, Action> = await import(file(`./sqs/actions/${name}.js`));
      const action = module[name];
      if (!action) throw new Error(`fauxqs has no action ${name}: is another version installed?`);
      return [name.charAt(0).toUpperCase() + name.slice(1), action];
    }),
  ),
);
