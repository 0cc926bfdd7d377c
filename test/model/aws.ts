import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { ResourceNotFoundException } from '@aws-sdk/client-eventbridge';
import { ExecutionAlreadyExists } from '@aws-sdk/client-sfn';
import type { Attributes } from './expression.ts';
import { receiptOf } from './product.ts';
import type { Call } from './replay.ts';
import {
  holds,
  isRelease,
  itemName,
  namesOf,
  type Process,
  type QueueName,
  type Stored,
  toMessage,
  toStored,
  updated,
  type World,
  withItem,
  withMessages,
  withoutItem,
} from './world.ts';

/** What AWS does with a call: as asked, or the destination takes none of the events, or not the first, or the call is refused. */
export type Choice = 'done' | 'not taken' | 'one not taken' | 'refused';

export interface Answer {
  readonly world: World;
  readonly value?: unknown;
  readonly error?: Error;
  /** Tells the value from others, where that is cheaper to know than by looking at all of it. */
  readonly name?: string;
}

type Operation = (world: World, input: Call['input'], by: Process) => Answer;

/** One call, whole and at once. */
export function answer(world: World, { operation, input }: Call, by: Process, choice: Choice): Answer {
  if (choice === 'refused') {
    const left = { ...world.left, faults: world.left.faults - 1 };
    return {
      world: { ...world, left, extras: world.extras + 1 },
      error: Object.assign(new Error(`${operation} was throttled`), { $metadata: {} }),
    };
  }
  if (operation === 'PutPartnerEventsCommand') return putPartnerEvents(world, input, by, choice);
  const work = OPERATIONS[operation];
  if (!work) throw new Error(`The model has no ${operation}`);
  return work(world, input, by);
}

const CONDITION_FAILED = new ConditionalCheckFailedException({
  message: 'The conditional request failed',
  $metadata: {},
});
const failed = (world: World): Answer => ({ world, error: CONDITION_FAILED });

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetCommand: (world, { TableName, Key }) => {
    const found = world.items.get(itemName(TableName, Key.pk, Key.sk));
    return { world, value: { Item: found?.item }, name: String(found?.id) };
  },

  BatchGetCommand: (world, { RequestItems }) => {
    const [[table, { Keys }]] = Object.entries<{ Keys: Attributes[] }>(RequestItems) as [
      [string, { Keys: Attributes[] }],
    ];
    const found = Keys.map(({ pk, sk }) => world.items.get(itemName(table, pk, sk))).filter((one) => one !== undefined);
    const name = found.map(({ id }) => id).join();
    return { world, value: { Responses: { [table]: found.map(({ item }) => item) } }, name };
  },

  PutCommand: (world, { TableName, Item, ConditionExpression, ...names }) => {
    const before = world.items.get(itemName(TableName, Item.pk, Item.sk))?.item;
    if (!holds(ConditionExpression, before, namesOf(names))) return failed(world);
    return { world: withItem(world, TableName, storedOf(TableName, Item)), value: {}, name: 'put' };
  },

  UpdateCommand: (world, { TableName, Key, UpdateExpression, ConditionExpression, ...names }) => {
    const before = world.items.get(itemName(TableName, Key.pk, Key.sk))?.item;
    if (!holds(ConditionExpression, before, namesOf(names))) return failed(world);
    const after = updatedOf(TableName, UpdateExpression, before ?? Key, namesOf(names));
    return { world: withItem(world, TableName, after), value: { Attributes: after.item }, name: String(after.id) };
  },

  DeleteCommand: (world, { TableName, Key, ConditionExpression, ...names }) => {
    const name = itemName(TableName, Key.pk, Key.sk);
    if (!holds(ConditionExpression, world.items.get(name)?.item, namesOf(names))) return failed(world);
    return { world: withoutItem(world, name), value: {}, name: 'deleted' };
  },

  QueryCommand: (world, { TableName, KeyConditionExpression, ScanIndexForward, ...names }) => {
    const found = [...world.items]
      .filter(([name]) => name.startsWith(`${TableName} `))
      .map(([, stored]) => stored)
      .filter(({ item }) => holds(KeyConditionExpression, item, namesOf(names)))
      .sort((a, b) => (String(a.item.sk) < String(b.item.sk) ? -1 : 1));
    if (ScanIndexForward === false) found.reverse();
    return { world, value: { Items: found.map(({ item }) => item) }, name: found.map(({ id }) => id).join() };
  },

  ScanCommand: (world, { TableName, FilterExpression, ...names }) => {
    const found = [...world.items]
      .filter(([name, { item }]) => name.startsWith(`${TableName} `) && holds(FilterExpression, item, namesOf(names)))
      .map(([, stored]) => stored);
    return { world, value: { Items: found.map(({ item }) => item) }, name: found.map(({ id }) => id).join() };
  },

  SendMessageCommand: (world, { QueueUrl, MessageBody, DelaySeconds = 0 }) => ({
    world: withMessages(world, sent(world, QueueUrl, MessageBody, DelaySeconds)),
    value: {},
    name: 'sent',
  }),

  SendMessageBatchCommand: (before, { QueueUrl, Entries }, by) => {
    const world = isRelease(by) ? withRelease(before) : before;
    const entries = Entries as { MessageBody: string; DelaySeconds?: number }[];
    const messages = entries.flatMap(({ MessageBody, DelaySeconds = 0 }) =>
      sent(world, QueueUrl, MessageBody, DelaySeconds),
    );
    return { world: withMessages(world, messages), value: { Failed: [] }, name: 'sent' };
  },

  ChangeMessageVisibilityCommand: (world, { VisibilityTimeout, ReceiptHandle }, by) => {
    const visibleAt = world.now + VisibilityTimeout * 1000;
    const messages = by.messages.map((message, index) =>
      receiptOf(index) === ReceiptHandle
        ? toMessage(message.queue, message.body, visibleAt, message.receives)
        : message,
    );
    const shown = { ...by, messages };
    return { world: { ...world, processes: world.processes.map((one) => (one === by ? shown : one)) }, value: {} };
  },

  StartExecutionCommand: (world, { name, input }) => {
    const { slot, until } = JSON.parse(input);
    const wakeUps = new Map(world.seen.wakeUps).set(String(slot), (world.seen.wakeUps.get(String(slot)) ?? 0) + 1);
    const before = world.executions.get(name);
    if (before?.over) return { world, error: new ExecutionAlreadyExists({ message: 'It has run', $metadata: {} }) };
    if (before) return { world, value: {} };
    const executions = new Map(world.executions).set(name, { input, at: Date.parse(until), over: false });
    return { world: { ...world, executions, seen: { ...world.seen, wakeUps } }, value: {} };
  },

  CreatePartnerEventSourceCommand: (world, { Name }) => ({
    world,
    value: { EventSourceArn: `arn:aws:events:us-east-1::event-source/${Name}` },
  }),

  DeletePartnerEventSourceCommand: (world) => ({ world: { ...world, source: 'GONE' }, value: {} }),

  ListPartnerEventSourceAccountsCommand: (world) =>
    world.source === 'GONE'
      ? { world, error: new ResourceNotFoundException({ message: 'There is no such source', $metadata: {} }) }
      : { world, value: { PartnerEventSourceAccounts: [{ Account: CUSTOMER, State: world.source }] } },
};

/** The AWS account of the destination's customer. */
export const CUSTOMER = '111122223333';

/** AWS answers success for a source without a bus, and drops the event. */
function putPartnerEvents(world: World, { Entries }: Call['input'], { messages }: Process, choice: Choice): Answer {
  const details = (Entries as { Detail: string }[]).map(({ Detail }) => JSON.parse(Detail).id as string);
  const refused = choice === 'done' ? 0 : choice === 'one not taken' ? 1 : details.length;
  const taken = world.source === 'GONE' ? [] : details.slice(refused);
  const attempts = new Map(world.seen.attempts);
  for (const event of details) {
    const asked = messages.map(({ body }) => JSON.parse(body)).find((message) => message.event === event);
    const name = `${event} ${asked?.manual ? 'manual' : asked?.attempt}`;
    attempts.set(name, (attempts.get(name) ?? 0) + 1);
  }
  const received = world.source === 'ACTIVE' ? new Set([...world.seen.received, ...taken]) : world.seen.received;
  const left = { ...world.left, failures: world.left.failures - refused };
  const answerOf = (event: string) =>
    taken.includes(event) ? { EventId: 'id' } : { ErrorCode: 'InvalidArgument', ErrorMessage: 'It is not taken' };
  return {
    world: { ...world, left, seen: { ...world.seen, attempts, received } },
    value: { Entries: details.map(answerOf) },
  };
}

const withRelease = (world: World): World => ({
  ...world,
  seen: { ...world.seen, releases: world.seen.releases + 1 },
});

/** Whether the queue is one of those whose functions the model runs. */
export const isOfTheModel = (queueUrl: string): queueUrl is QueueName =>
  queueUrl === 'deliveries' || queueUrl === 'releases';

/** What goes to other queues (events about a destination, checks that cannot wait) is nobody's business here. */
const sent = (world: World, queueUrl: string, body: string, delaySeconds: number) =>
  isOfTheModel(queueUrl) ? [toMessage(queueUrl, body, world.now + delaySeconds * 1000, 0)] : [];

/** A call is the same object whenever a program comes by it. */
const stored = new WeakMap<Attributes, Stored>();
function storedOf(table: string, item: Attributes): Stored {
  const known = stored.get(item) ?? toStored(table, withoutUndefined(item));
  stored.set(item, known);
  return known;
}

const updates = new WeakMap<object, WeakMap<Attributes, Stored>>();
function updatedOf(table: string, update: string, before: Attributes, names: ReturnType<typeof namesOf>): Stored {
  const ofCall = updates.get(names.values ?? before) ?? new WeakMap<Attributes, Stored>();
  updates.set(names.values ?? before, ofCall);
  const known = ofCall.get(before) ?? toStored(table, updated(update, before, names));
  ofCall.set(before, known);
  return known;
}

/** As the document client writes it. */
const withoutUndefined = (item: Attributes): Attributes => {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]));
  };
  return plain(item) as Attributes;
};
