import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { ClockState } from '../virtual-date.ts';
import { type FunctionConfig, sandboxEnvironment } from './function-config.ts';
import { type ErrorPayload, exitError, timeoutError } from './function-error.ts';
import { Lines } from './lines.ts';
import type { Aws, CallMessage, InvocationMessage, ReplyMessage, SandboxData, SandboxMessage } from './protocol.ts';
import { workerScript } from './worker-script.ts';

export interface LogLine {
  readonly functionName: string;
  /** The invocation during which the line was written; during init, the one that started the sandbox. */
  readonly requestId: string;
  readonly line: string;
}

/** `initMs` is above zero for the sandbox's first invocation only; it and `runMs` are real time, `cpuMs` is the run's part on the processor. */
export type SandboxOutcome = ({ readonly payload: string } | { readonly error: ErrorPayload }) & {
  readonly initMs: number;
  readonly runMs: number;
  readonly cpuMs: number;
  /** Of its calls to AWS services. */
  readonly traceId: string;
};

type Answer =
  | Exclude<SandboxMessage, { type: 'output' | 'call' }>
  | { readonly type: 'ended'; readonly error: ErrorPayload };

/** AWS gives the init phase ten seconds, or the function's own time-out where that is longer. */
const INIT_LIMIT_MS = 10_000;

/**
 * One sandbox: a worker thread that has imported the bundle and runs one invocation at a time.
 *
 *   starting -> idle      the bundle is imported and the handler found
 *   idle     -> running   run()
 *   running  -> idle      the handler answered or threw
 *   any      -> ending    init error, uncaught error, time-out, terminate(), process.exit, out of memory
 *   ending   -> ended     the thread is gone
 *
 * From `ending` on it takes no invocation, and nothing that it still answers counts; what it still writes does.
 */
export class Sandbox {
  readonly ended: Promise<void>;
  readonly #config: FunctionConfig;
  readonly #aws: Aws | undefined;
  readonly #worker: Worker;
  readonly #logStreamName = newLogStreamName();
  readonly #stdout: Lines;
  readonly #stderr: Lines;
  readonly #initialized: Promise<Answer>;
  readonly #createdAt = performance.now();
  #initMs: number | undefined;
  #requestId = '';
  #endedBy: ErrorPayload | undefined;
  #onAnswer: ((answer: Answer) => void) | undefined;

  constructor(config: FunctionConfig, clockState: ClockState, log: (line: LogLine) => void, aws: Aws | undefined) {
    this.#config = config;
    this.#aws = aws;
    const onLine = (line: string) => log({ functionName: config.name, requestId: this.#requestId, line });
    this.#stdout = new Lines(onLine);
    this.#stderr = new Lines(onLine);
    const { codeDir, handler } = config;
    const workerData: SandboxData = { clockState, codeDir, handler, awsUrl: aws?.url };
    this.#worker = new Worker(workerScript(), {
      eval: true,
      name: config.name,
      workerData,
      env: sandboxEnvironment(config, this.#logStreamName),
      // Flags of the parent (a test runner's, for example) are not the function's.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: config.memoryMb },
    });
    this.#worker.on('message', (message: SandboxMessage) => this.#receive(message));
    // Running out of memory is the only error that comes this way: all others are caught inside.
    this.#worker.on('error', (error) => {
      this.#stderr.push(`${error.message}\n`);
      this.#end(exitError(this.#requestId, { signal: 'killed' }));
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', (exitCode) => {
        this.#end(exitError(this.#requestId, { exitCode }));
        resolve();
      });
    });
    this.#initialized = this.#nextAnswer(Math.max(INIT_LIMIT_MS, config.timeoutSeconds * 1000));
  }

  get usable(): boolean {
    return this.#endedBy === undefined;
  }

  /** Runs one invocation; the first one waits for the bundle's import. Never rejects. */
  async run(requestId: string, event: string): Promise<SandboxOutcome> {
    this.#requestId = requestId;
    const initialized = await this.#initialized;
    const initMs = this.#takeInitMs();
    if (initialized.type !== 'ready') return { ...errorOf(initialized), initMs, runMs: 0, cpuMs: 0, traceId: '' };

    const sentAt = performance.now();
    const answered = this.#nextAnswer(this.#config.timeoutSeconds * 1000);
    this.#worker.postMessage(this.#invocation(event));
    const answer = await answered;
    const spent = 'elapsedMs' in answer ? answer : { elapsedMs: performance.now() - sentAt, cpuMs: 0, traceId: '' };
    const times = { initMs, runMs: spent.elapsedMs, cpuMs: spent.cpuMs, traceId: spent.traceId };
    return answer.type === 'result' ? { payload: answer.payload, ...times } : { ...errorOf(answer), ...times };
  }

  /** Ends the sandbox now, wherever its code is: it plays a crash. */
  async terminate(): Promise<void> {
    this.#end(exitError(this.#requestId, { signal: 'killed' }));
    await this.#worker.terminate();
  }

  #receive(message: SandboxMessage): void {
    if (message.type === 'output') {
      const lines = message.stream === 'stdout' ? this.#stdout : this.#stderr;
      lines.push(message.text);
    } else if (message.type === 'call') {
      void this.#call(message);
    } else if (this.usable) {
      if (message.type === 'ready' || message.type === 'initError') this.#initMs = performance.now() - this.#createdAt;
      this.#answer(message);
      // The thread exits by itself after a fatal error; after an init error nothing else ends it.
      if (message.type === 'initError') void this.#worker.terminate();
      if (message.type === 'initError' || (message.type === 'error' && message.fatal)) this.#end(message.error);
    }
  }

  /** It has left the sandbox: what it asks for is done, whatever becomes of the sandbox meanwhile. */
  async #call({ call, headers, body }: CallMessage): Promise<void> {
    const reply = await this.#aws?.respond({ headers, body });
    if (reply) this.#worker.postMessage({ type: 'reply', call, ...reply } satisfies ReplyMessage);
  }

  #end(error: ErrorPayload): void {
    if (this.#endedBy !== undefined) return;
    this.#endedBy = error;
    this.#answer({ type: 'ended', error });
  }

  #answer(answer: Answer): void {
    this.#stdout.flush();
    this.#stderr.flush();
    this.#onAnswer?.(answer);
  }

  /** The sandbox's next word on its init or its invocation, or why there will be none. */
  #nextAnswer(limitMs: number): Promise<Answer> {
    if (this.#endedBy !== undefined) return Promise.resolve({ type: 'ended', error: this.#endedBy });
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        this.#end(timeoutError(this.#requestId, limitMs));
        void this.#worker.terminate();
      }, limitMs);
      this.#onAnswer = (answer) => {
        clearTimeout(limit);
        this.#onAnswer = undefined;
        resolve(answer);
      };
    });
  }

  #takeInitMs(): number {
    const initMs = this.#initMs ?? 0;
    this.#initMs = 0;
    return initMs;
  }

  #invocation(event: string): InvocationMessage {
    return {
      type: 'invocation',
      requestId: this.#requestId,
      event,
      timeoutMs: this.#config.timeoutSeconds * 1000,
      functionName: this.#config.name,
      functionArn: this.#config.arn,
      memoryMb: this.#config.memoryMb,
      logGroupName: `/aws/lambda/${this.#config.name}`,
      logStreamName: this.#logStreamName,
    };
  }
}

/** A sandbox says `ready` only once, and `result` is no error: what is left carries one. */
const errorOf = (answer: Answer): { readonly error: ErrorPayload } => {
  if ('error' in answer) return { error: answer.error };
  throw new Error(`A sandbox answered '${answer.type}' out of turn`);
};

const newLogStreamName = (): string =>
  `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
