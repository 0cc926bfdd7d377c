import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { FunctionConfig } from './function-config.ts';
import { type ErrorPayload, responseTooLarge } from './function-error.ts';
import type { Aws } from './protocol.ts';
import type { LogLine, Sandbox, SandboxOutcome } from './sandbox.ts';
import { SandboxPool } from './sandbox-pool.ts';

export type InvokeResult =
  | { readonly payload: unknown; readonly functionError?: undefined }
  | { readonly payload: ErrorPayload; readonly functionError: 'Unhandled' };

export interface InvokeOptions {
  /** Becomes `awsRequestId`; a random UUID where it is not given. */
  readonly requestId?: string;
}

/** What a benchmark counts of one function. AWS bills init and run, each invocation rounded up to a millisecond. */
export interface FunctionCounts {
  invocations: number;
  errors: number;
  throttles: number;
  coldStarts: number;
  billedMs: number;
  /** The part of `billedMs` that was init. */
  initMs: number;
}

/** One invocation that has ended, as a benchmark hears of it. */
export interface Invocation {
  readonly functionName: string;
  /** The run's part on the processor, ms: on Lambda the processor is given out by memory. */
  readonly cpuMs: number;
  /** Of its calls to AWS services. */
  readonly traceId: string;
}

/** Limits of synchronous invocations: 6 MB each way, and a little for the response's frame. */
const REQUEST_LIMIT = 6 * 1024 * 1024;
const RESPONSE_LIMIT = REQUEST_LIMIT + 100;

/** The functions of the embedded cloud: each runs its bundle in a pool of sandboxes. */
export class Lambda {
  readonly counts: ReadonlyMap<string, Readonly<FunctionCounts>>;
  /** A hook for tests: runs before a sandbox is taken. It may delay the invocation, or fail it by throwing an AwsError. */
  beforeInvoke: ((functionName: string, payload: unknown) => Promise<void> | void) | undefined;
  readonly #clock: Clock;
  readonly #log: (line: LogLine) => void;
  readonly #onInvocation: (invocation: Invocation) => void;
  readonly #aws: Aws | undefined;
  readonly #pools = new Map<string, SandboxPool>();
  readonly #counts = new Map<string, FunctionCounts>();

  constructor(options: {
    clock: Clock;
    log: (line: LogLine) => void;
    onInvocation?: ((invocation: Invocation) => void) | undefined;
    /** What functions call without sockets. */
    aws?: Aws | undefined;
  }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onInvocation = options.onInvocation ?? (() => {});
    this.#aws = options.aws;
    this.counts = this.#counts;
  }

  register(config: FunctionConfig): void {
    if (this.#pools.has(config.name)) throw new Error(`Function ${config.name} is registered twice`);
    this.#pools.set(config.name, new SandboxPool(config, this.#clock.state, this.#log, this.#aws));
    this.#counts.set(config.name, { invocations: 0, errors: 0, throttles: 0, coldStarts: 0, billedMs: 0, initMs: 0 });
  }

  has(nameOrArn: string): boolean {
    return this.#pools.has(functionName(nameOrArn));
  }

  /**
   * Invokes synchronously (RequestResponse). What goes wrong inside the function is a result with `functionError`; an
   * AwsError says that it was not run: ResourceNotFoundException 404, TooManyRequestsException 429,
   * RequestTooLargeException 413.
   */
  invoke(nameOrArn: string, payload: unknown, options: InvokeOptions = {}): Promise<InvokeResult> {
    // Tracked from this very moment, also while it waits for a sandbox: no virtual time passes meanwhile.
    return this.#clock.track(this.#invoke(nameOrArn, payload, options.requestId ?? randomUUID()));
  }

  /** The function may have so many sandboxes at a time, unless its reserved concurrency says otherwise. */
  widen(nameOrArn: string, sandboxes: number): void {
    this.#pool(nameOrArn).most = sandboxes;
  }

  /** Plays a crash: ends all sandboxes of the function now; running invocations end with Runtime.ExitError. */
  async kill(nameOrArn: string): Promise<void> {
    await this.#pool(nameOrArn).kill();
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  async #invoke(nameOrArn: string, payload: unknown, requestId: string): Promise<InvokeResult> {
    const pool = this.#pool(nameOrArn);
    const event = JSON.stringify(payload) ?? '{}';
    if (Buffer.byteLength(event) > REQUEST_LIMIT) {
      const message = `Request must be smaller than ${REQUEST_LIMIT} bytes for the InvokeFunction operation`;
      throw new AwsError('RequestTooLargeException', message, 413);
    }
    await this.beforeInvoke?.(pool.config.name, payload);
    const sandbox = await this.#acquire(pool);
    try {
      return this.#count(pool.config.name, await sandbox.run(requestId, event));
    } finally {
      pool.release(sandbox);
    }
  }

  async #acquire(pool: SandboxPool): Promise<Sandbox> {
    try {
      return await pool.acquire();
    } catch (error) {
      this.#countsOf(pool.config.name).throttles += 1;
      throw error;
    }
  }

  #pool(nameOrArn: string): SandboxPool {
    const pool = this.#pools.get(functionName(nameOrArn));
    if (pool) return pool;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
  }

  #count(name: string, outcome: SandboxOutcome): InvokeResult {
    const result = resultOf(outcome);
    const counts = this.#countsOf(name);
    counts.invocations += 1;
    counts.errors += result.functionError ? 1 : 0;
    counts.coldStarts += outcome.initMs > 0 ? 1 : 0;
    counts.billedMs += Math.ceil(outcome.initMs + outcome.runMs);
    counts.initMs += outcome.initMs;
    this.#onInvocation({ functionName: name, cpuMs: outcome.cpuMs, traceId: outcome.traceId });
    return result;
  }

  #countsOf(name: string): FunctionCounts {
    const counts = this.#counts.get(name);
    if (counts) return counts;
    throw new Error(`Function ${name} is not registered`);
  }
}

function resultOf(outcome: SandboxOutcome): InvokeResult {
  if ('error' in outcome) return { functionError: 'Unhandled', payload: outcome.error };
  if (Buffer.byteLength(outcome.payload) > RESPONSE_LIMIT) {
    return { functionError: 'Unhandled', payload: responseTooLarge(RESPONSE_LIMIT) };
  }
  const payload: unknown = JSON.parse(outcome.payload);
  return { payload };
}

/** `name`, `name:alias`, `arn:aws:lambda:region:account:function:name[:alias]` all mean the one version there is. */
function functionName(nameOrArn: string): string {
  const parts = nameOrArn.split(':');
  return (parts[0] === 'arn' ? parts[6] : parts[0]) ?? nameOrArn;
}
