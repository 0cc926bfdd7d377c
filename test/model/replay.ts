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
 * `Programs` keeps a tree of all that was ever run; most steps of an exploration only follow it.
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
  /** What a sandbox remembers from one invocation to the next: here nothing, every invocation has a new one. */
  readonly memory: Map<string, unknown>;
}

let current: Run | undefined;
const running = (): Run => {
  if (!current) throw new Error('The product is only run by the checker');
  return current;
};

/** A text for a value; bytes are named by their length and their end. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) =>
    inner instanceof Uint8Array || inner?.type === 'Buffer' ? `bytes ${inner.length ?? inner.data.length}` : inner,
  );

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
  // Who keeps a pace sleeps no longer than it takes to say so.
  Object.assign(timers, { setTimeout: () => Promise.resolve() });
  syncBuiltinESMExports();
  Object.assign(globalThis, { sandboxMemory: () => running().memory });
}

/** All microtasks have run: the function has made its next call, or is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

export class Programs {
  readonly #roots = new Map<string, Program>();
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
    const program = this.#roots.get(name) ?? (await this.#run(start, [], []));
    this.#roots.set(name, program);
    return program;
  }

  /** The program after the result of its next call. `name` tells the result from others. */
  async goOn(program: Program, name: string, result: Result): Promise<Program> {
    const results = [...program.results, result];
    const child = await this.#run(program.start, results, program.calls);
    program.children.set(name, child);
    return child;
  }

  async #run(start: Start, results: readonly Result[], expected: readonly Call[]): Promise<Program> {
    this.#runs += 1;
    const run: Run = { ordinal: start.ordinal, calls: [], now: start.now, tokens: 0, memory: new Map() };
    current = run;
    let done: Program['done'];
    start.run().then(
      (value) => {
        done = { value };
      },
      (error: Error) => {
        done = { error };
      },
    );
    await settled();
    for (const [index, result] of results.entries()) {
      const call = run.calls[index];
      if (!call || call.text !== (expected[index] ?? call).text)
        throw new Error(
          `${start.name} is not deterministic at call ${index}: ${call?.text} / ${expected[index]?.text}`,
        );
      run.now = result.now;
      if (result.error) call.reject(result.error);
      else call.resolve(result.value);
      await settled();
    }
    current = undefined;
    const calls = run.calls.map(({ operation, input, text }) => ({ operation, input, text }));
    const next = calls[results.length];
    if (!next && !done) throw new Error(`${start.name} waits for something that is no AWS call`);
    const tokensOf = ordinalsIn(textOf(results.map(({ value }) => value)));
    this.#count += 1;
    return {
      id: this.#count,
      start,
      results,
      calls,
      next,
      done: next ? undefined : done,
      children: new Map(),
      tokensOf,
    };
  }
}

/** Whose tokens are in a text. */
export const ordinalsIn = (text: string): Set<number> =>
  new Set([...text.matchAll(/token-(\d+)-/g)].map(([, ordinal]) => Number(ordinal)));

const rootName = ({ name, now, ordinal }: Omit<Start, 'run'>): string => `${now} ${ordinal} ${name}`;
