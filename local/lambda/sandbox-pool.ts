import { AwsError } from '../aws-error.ts';
import type { ClockState } from '../virtual-date.ts';
import type { FunctionConfig } from './function-config.ts';
import type { Aws } from './protocol.ts';
import { type LogLine, Sandbox } from './sandbox.ts';

/** How many sandboxes a function without reserved concurrency has at most: one for each core of a small machine. */
export const DEFAULT_SANDBOXES = 2;

/**
 * The sandboxes of one function. The most recently used idle one is taken first, so that few stay warm. At the limit a
 * function with reserved concurrency is throttled as on AWS; any other waits its turn, because the limit is only ours.
 */
export class SandboxPool {
  readonly config: FunctionConfig;
  /** Where the function has no reserved concurrency. */
  most = DEFAULT_SANDBOXES;
  readonly #start: () => Sandbox;
  readonly #all = new Set<Sandbox>();
  readonly #idle: Sandbox[] = [];
  readonly #waiting: PromiseWithResolvers<Sandbox>[] = [];

  constructor(config: FunctionConfig, clockState: ClockState, log: (line: LogLine) => void, aws: Aws | undefined) {
    this.config = config;
    this.#start = () => new Sandbox(config, clockState, log, aws);
  }

  /** A sandbox for one invocation: give it back with `release`. */
  async acquire(): Promise<Sandbox> {
    const idle = this.#takeIdle();
    if (idle) return idle;
    if (this.#all.size < (this.config.reservedConcurrency ?? this.most)) return this.#add();
    if (this.config.reservedConcurrency !== undefined)
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    const turn = Promise.withResolvers<Sandbox>();
    this.#waiting.push(turn);
    return turn.promise;
  }

  release(sandbox: Sandbox): void {
    if (!this.#all.has(sandbox)) return;
    const next = sandbox.usable ? this.#waiting.shift() : undefined;
    if (next) next.resolve(sandbox);
    else if (sandbox.usable) this.#idle.push(sandbox);
    else this.#forget(sandbox);
  }

  /** Ends every sandbox, and takes no invocation any more: what waits is refused. */
  async close(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    for (const { reject } of waiting) reject(new Error(`${this.config.name}: the embedded cloud was closed`));
    await this.kill();
  }

  /** Ends every sandbox now. Invocations that wait for one go on in new ones. */
  async kill(): Promise<void> {
    const killed = [...this.#all];
    const ended = killed.map((sandbox) => sandbox.terminate());
    for (const sandbox of killed) this.#forget(sandbox);
    await Promise.all(ended);
  }

  #takeIdle(): Sandbox | undefined {
    for (;;) {
      const sandbox = this.#idle.pop();
      if (sandbox === undefined || sandbox.usable) return sandbox;
      // It died of something that it did after its last answer.
      this.#forget(sandbox);
    }
  }

  #add(): Sandbox {
    const sandbox = this.#start();
    this.#all.add(sandbox);
    void sandbox.ended.then(() => this.#forget(sandbox));
    return sandbox;
  }

  #forget(sandbox: Sandbox): void {
    if (!this.#all.delete(sandbox)) return;
    const index = this.#idle.indexOf(sandbox);
    if (index >= 0) this.#idle.splice(index, 1);
    this.#waiting.shift()?.resolve(this.#add());
  }
}
