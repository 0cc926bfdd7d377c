import { type Attributes, holds, updated } from './expression.ts';
import type { Program } from './replay.ts';
import { textOf } from './replay.ts';

/**
 * What is outside of the product's functions: tables, queues, executions, the customer's event source, the clock, and the
 * functions that run, each at a point of its program. A world is a value; every step makes a new one.
 */
export interface World {
  readonly now: number;
  readonly items: Items;
  readonly messages: readonly Message[];
  readonly executions: ReadonlyMap<string, Execution>;
  readonly source: SourceState;
  readonly processes: readonly Process[];
  /** What may still go wrong. */
  readonly left: Budget;
  /** How much went wrong of what may cost an extra attempt or an extra copy of a message. */
  readonly extras: number;
  /** How far each script of customer and operator has come. */
  readonly scripts: readonly number[];
  readonly seen: Seen;
}

/** What the properties go by: what really happened, whatever the product says of it. */
export interface Seen {
  /** Events that arrived on the customer's bus. */
  readonly received: ReadonlySet<string>;
  /** Puts by event and number of the attempt. */
  readonly attempts: ReadonlyMap<string, number>;
  /** The destination was disabled, deleted or without its source at some time: what is canceled is so by right. */
  readonly ended: boolean;
  /** A function died: it may have taken along what it knew of an attempt. */
  readonly crashed: boolean;
  /** How many executions each slot has. */
  readonly wakeUps: ReadonlyMap<string, number>;
  /** How many releases have sent something at this instant. */
  readonly releases: number;
}

export type SourceState = 'PENDING' | 'ACTIVE' | 'GONE';

export interface Stored {
  readonly item: Attributes;
  readonly id: number;
}

/** Both tables. `sum` is made of all items' numbers, in whatever order they came. */
export class Items extends Map<string, Stored> {
  sum = 0;

  put(name: string, stored: Stored): void {
    this.remove(name);
    this.set(name, stored);
    this.sum += scattered(stored.id);
  }

  remove(name: string): void {
    const before = this.get(name);
    if (!before) return;
    this.delete(name);
    this.sum -= scattered(before.id);
  }
}

/** A number of 46 bits that says nothing of its origin: 128 of them can be added and taken away again exactly. */
const scatters: number[] = [];
function scattered(id: number): number {
  const known = scatters[id] ?? hash(`scattered ${id}`) % 2 ** 46;
  scatters[id] = known;
  return known;
}

export interface Message {
  readonly queue: QueueName;
  readonly body: string;
  readonly visibleAt: number;
  readonly receives: number;
  readonly id: number;
}
export type QueueName = 'deliveries' | 'releases';

export interface Execution {
  readonly input: string;
  /** When its function is to be invoked; undefined while it runs, and when it is over. */
  readonly at: number | undefined;
  readonly over: boolean;
}

export interface Process {
  /** For the reader of a trace. */
  readonly label: string;
  readonly kind: 'deliver' | 'release' | 'wake' | 'track' | 'api';
  readonly program: Program;
  readonly ordinal: number;
  /** Its function's time-out. */
  readonly deadline: number;
  /** What it was given to work on: a batch of a queue, or nothing. */
  readonly messages: readonly Message[];
  readonly execution?: string;
}

/** It releases what is held: that is neither a step of a resend nor one of a fallback's return. */
export const isRelease = ({ kind, messages: [message] }: Process): boolean =>
  kind === 'release' && message !== undefined && !message.body.includes('"kind"');

export interface Budget {
  /** Functions that die at any call. */
  readonly crashes: number;
  /** Calls that AWS refuses, of the operations that the instance names. */
  readonly faults: number;
  /** Attempts that the destination does not take. */
  readonly failures: number;
  /** Messages that SQS delivers twice. */
  readonly duplicates: number;
  /** Steps of the clock while something that could run does not: slow functions, queues that lag. */
  readonly lags: number;
  /** Rounds of the tracker. */
  readonly rounds: number;
}

/** Texts by number: a world is compared by the numbers of its parts. */
const numbers = new Map<string, number>();
export function numberOf(text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}

export const itemName = (table: string, pk: unknown, sk: unknown): string => `${table} ${pk} ${sk}`;

export const toStored = (table: string, item: Attributes): Stored => ({
  item,
  id: numberOf(`${table} ${textOf(item)}`),
});

export function withItem(world: World, table: string, stored: Stored): World {
  const items = copyOf(world.items);
  items.put(itemName(table, stored.item.pk, stored.item.sk), stored);
  return { ...world, items };
}

export function withoutItem(world: World, name: string): World {
  const items = copyOf(world.items);
  items.remove(name);
  return { ...world, items };
}

function copyOf(items: Items): Items {
  const copy = new Items(items);
  copy.sum = items.sum;
  return copy;
}

export const toMessage = (queue: QueueName, body: string, visibleAt: number, receives: number): Message => ({
  queue,
  body,
  visibleAt,
  receives,
  id: numberOf(`${queue} ${visibleAt} ${receives} ${numberOf(body)}`),
});

/** In an order of their own, so that two worlds with the same messages are the same. */
export const withMessages = (world: World, added: readonly Message[]): World => ({
  ...world,
  messages: [...world.messages, ...added].sort((a, b) => a.id - b.id),
});

export function withoutMessages(world: World, taken: readonly Message[]): World {
  const messages = [...world.messages];
  for (const message of taken) messages.splice(messages.indexOf(message), 1);
  return { ...world, messages };
}

/** The world in a number of 53 bits: of two million worlds the chance that any two share one is one in four thousand. */
export function keyOf(world: World): number {
  const { now, items, messages, executions, source, processes, left, extras, scripts, seen } = world;
  let running = 0;
  for (const process of processes) running += markOf(process);
  return hash(
    `${now};${items.sum};${numberOfMessages(messages)};${numberOfMap(executions)};${source};${running};${scripts.join()}` +
      `;${extras};${numberOfBudget(left)};${numberOfSeen(seen)}`,
  );
}

/** Most steps leave most parts of a world as they are: the number of each is made once. */
function numberedOnce<T extends object>(toText: (part: T) => string): (part: T) => number {
  const known = new WeakMap<T, number>();
  return (part) => {
    const number = known.get(part) ?? numberOf(toText(part));
    known.set(part, number);
    return number;
  };
}

const numberOfMessages = numberedOnce((messages: readonly Message[]) => messages.map(({ id }) => id).join());
const numberOfBudget = numberedOnce((left: Budget) => Object.values(left).join());
const numberOfMap = numberedOnce((map: ReadonlyMap<string, unknown>) =>
  [...map]
    .map(([name, value]) => `${name} ${textOf(value)}`)
    .sort()
    .join(),
);
const numberOfSeen = numberedOnce(
  ({ attempts, wakeUps, received, ended, crashed, releases }: Seen) =>
    `${numberOfMap(attempts)};${numberOfMap(wakeUps)};${[...received].sort().map(numberOf).join()};${ended};${crashed};${releases}`,
);

export const idsOf = ({ messages }: Pick<Process, 'messages'>): string => messages.map(({ id }) => id).join();

const marks = new WeakMap<Process, number>();
function markOf(process: Process): number {
  const { program, execution } = process;
  const known = marks.get(process) ?? scattered(numberOf(`${program.id} ${idsOf(process)} ${execution}`));
  marks.set(process, known);
  return known;
}

function hash(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}

export interface Names {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Attributes;
}

export const namesOf = ({ ExpressionAttributeNames, ExpressionAttributeValues }: Names) => ({
  names: ExpressionAttributeNames,
  values: ExpressionAttributeValues,
});

export { holds, updated };
