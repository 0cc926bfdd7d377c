import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * The product's functions as programs whose every AWS call is one atomic step.
 *
 * What a function has done is its start and the results of its calls so far: nothing else goes into it, because the clock
 * stands still between two calls, and randomness is taken away. So the same start and results always lead to the same
 * next call, and a running function can be forgotten and brought back: it is started again and given those results.
 * `Programs` keeps a tree of all that was ever run; most steps of an exploration only follow it. A function that waits at
 * its point is kept for a while, because its next step is often the next one: that spares bringing it back.
 */
export interface Call {
  /** The SDK's command: `PutCommand`, `StartExecutionCommand`. */
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: an SDK command's input, which the world looks into as it expects it to be
  readonly input: any;
  /** Input and operation in one text. */
  readonly text: string;
}

export interface Result {
  readonly value?: unknown;
  readonly error?: Error;
  /** The clock when the function goes on. */
  readonly now: number;
}

export interface Start {
  /** What is started and with what, in one text. */
  readonly name: string;
  readonly run: () => Promise<unknown>;
  readonly now: number;
  /** Different from that of every other that runs at the same time, or that left a token behind. */
  readonly ordinal: number;
}

/** A function at a point of its run. */
export interface Program {
  readonly id: number;
  readonly start: Start;
  readonly results: readonly Result[];
  readonly calls: readonly Call[];
  /** The next call; undefined when it is done. */
  readonly next: Call | undefined;
  readonly done: { readonly value?: unknown; readonly error?: Error } | undefined;
  readonly children: Map<string, Program>;
  /** Whose tokens it has seen: the ordinals of other functions, dead ones too. */
  readonly tokensOf: ReadonlySet<number>;
}

interface IssuedCall extends Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Run {
  readonly ordinal: number;
  readonly calls: IssuedCall[];
  now: number;
  tokens: number;
  done: Program['done'];
  /** What a sandbox remembers from one invocation to the next: here nothing, every invocation has a new one. */
  readonly memory: Map<string, unknown>;
}

let current: Run | undefined;
const running = (): Run => {
  if (!current) throw new Error('The product is only run by the checker');
  return current;
};

/** A text for a value; bytes are named by their length (see `takeBorders`: a replacer here takes five times as long). */
export const textOf = (value: unknown): string => JSON.stringify(value);

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

function send(command: Command): Promise<unknown> {
  const { calls } = running();
  const { input } = command;
  const operation = command.constructor.name;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  calls.push({ operation, input, text: `${operation} ${textOf(input)}`, resolve, reject });
  return promise;
}

/** Takes AWS, the clock and randomness away from everything that this process imports. */
export function takeBorders(): void {
  for (const client of [DynamoDBClient, DynamoDBDocumentClient, SQSClient, SFNClient, EventBridgeClient])
    Object.assign(client.prototype, { send });
  Date.now = () => (current ? current.now : 0);
  performance.now = () => 0;
  Math.random = () => 0.5;
  Object.assign(crypto, { randomUUID: () => `token-${running().ordinal}-${running().tokens++}` });
  for (const { prototype } of [Uint8Array, Buffer]) Object.assign(prototype, { toJSON: lengthOfBytes });
  // Who keeps a pace sleeps no longer than it takes to say so.
  Object.assign(timers, { setTimeout: () => Promise.resolve() });
  syncBuiltinESMExports();
  Object.assign(globalThis, { sandboxMemory: () => running().memory });
}

function lengthOfBytes(this: Uint8Array): string {
  return `bytes ${this.length}`;
}

/** All microtasks have run: the function has made its next call, or is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** So many functions are kept at their points; each has some kilobytes. */
const MOST_KEPT = 500;

export class Programs {
  readonly #roots = new Map<string, Program>();
  readonly #kept = new Map<Program, Run>();
  #count = 0;
  #runs = 0;

  /** How many points there are, and how often a function was really run. */
  get counts() {
    return { points: this.#count, runs: this.#runs };
  }

  known(start: Omit<Start, 'run'>): Program | undefined {
    return this.#roots.get(rootName(start));
  }

  async begin(start: Start): Promise<Program> {
    const name = rootName(start);
    const program = this.#roots.get(name) ?? this.#pointOf(start, await this.#start(start), []);
    this.#roots.set(name, program);
    return program;
  }

  /** The program after the result of its next call. `name` tells the result from others. */
  async goOn(program: Program, name: string, result: Result): Promise<Program> {
    const run = this.#kept.get(program) ?? (await this.#broughtBack(program));
    this.#kept.delete(program);
    await resume(run, program.results.length, result);
    const child = this.#pointOf(program.start, run, [...program.results, result]);
    program.children.set(name, child);
    return child;
  }

  async #start({ run: work, ordinal, now }: Start): Promise<Run> {
    this.#runs += 1;
    const run: Run = { ordinal, calls: [], now, tokens: 0, memory: new Map(), done: undefined };
    current = run;
    work().then(
      (value) => {
        run.done = { value };
      },
      (error: Error) => {
        run.done = { error };
      },
    );
    await settled();
    current = undefined;
    return run;
  }

  async #broughtBack({ start, results, calls }: Program): Promise<Run> {
    const run = await this.#start(start);
    for (const [index, result] of results.entries()) {
      expectCall(start, run, index, calls[index]);
      await resume(run, index, result);
    }
    expectCall(start, run, results.length, calls[results.length]);
    return run;
  }

  #pointOf(start: Start, run: Run, results: readonly Result[]): Program {
    const calls = run.calls.map(({ operation, input, text }) => ({ operation, input, text }));
    const next = calls[results.length];
    if (!next && !run.done) throw new Error(`${start.name} waits for something that is no AWS call`);
    const tokensOf = ordinalsIn(textOf(results.map(({ value }) => value)));
    this.#count += 1;
    const done = next ? undefined : run.done;
    const program = { id: this.#count, start, results, calls, next, done, children: new Map(), tokensOf };
    if (next) this.#keep(program, run);
    return program;
  }

  #keep(program: Program, run: Run): void {
    this.#kept.set(program, run);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= MOST_KEPT) return;
      this.#kept.delete(oldest);
    }
  }
}

/** Has the function go on with the result of its call of that number, until it makes another, or is done. */
async function resume(run: Run, index: number, { now, error, value }: Result): Promise<void> {
  const call = run.calls[index];
  if (!call) throw new Error(`There is no call ${index} to be answered`);
  current = run;
  run.now = now;
  if (error) call.reject(error);
  else call.resolve(value);
  await settled();
  current = undefined;
}

function expectCall({ name }: Start, { calls }: Run, index: number, expected: Call | undefined): void {
  if (calls[index]?.text !== expected?.text)
    throw new Error(`${name} is not deterministic at call ${index}: ${calls[index]?.text} / ${expected?.text}`);
}

/** Whose tokens are in a text. */
export const ordinalsIn = (text: string): Set<number> =>
  new Set([...text.matchAll(/token-(\d+)-/g)].map(([, ordinal]) => Number(ordinal)));

const rootName = ({ name, now, ordinal }: Omit<Start, 'run'>): string => `${now} ${ordinal} ${name}`;
