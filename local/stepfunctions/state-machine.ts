import type { Clock } from '../clock.ts';
import { type Definition, readDefinition } from './definition.ts';
import type { ExecutionRecord, ExecutionStatus } from './execution.ts';
import { type Invoker, lambdaTask } from './lambda-task.ts';
import type { LibraryMachine, LibraryRun, StatesLibrary, TaskHandler } from './states-library.ts';

export interface StateMachineConfig {
  readonly name: string;
  readonly arn: string;
  /** The Amazon States Language document, with every intrinsic of the template resolved. */
  readonly definition: object;
  readonly type: 'STANDARD' | 'EXPRESS';
}

/** What a benchmark counts. A transition is a state that is entered, and every retry of it. */
export interface MachineCounts {
  executions: number;
  transitions: number;
}

/** How an execution ends; AWS calls it its status, output, error and cause. */
export type Ending = { status: ExecutionStatus } & Pick<ExecutionRecord, 'output' | 'error' | 'cause'>;

/** One registered state machine: one interpreter runs all its executions. */
export class StateMachine {
  readonly config: StateMachineConfig;
  readonly createdAt: number;
  readonly counts: MachineCounts = { executions: 0, transitions: 0 };
  readonly #clock: Clock;
  readonly #definition: Definition;
  readonly #machine: LibraryMachine;
  readonly #tasks: ReadonlyMap<string, TaskHandler>;

  constructor(
    config: StateMachineConfig,
    { library, lambda, clock }: { library: StatesLibrary; lambda: Invoker; clock: Clock },
  ) {
    this.config = config;
    this.createdAt = clock.now();
    this.#clock = clock;
    this.#definition = readDefinition(config.definition);
    this.#machine = interpreterOf(this.#definition.machine, library);
    const tasks = [...this.#definition.tasks].map(
      ([state, resource]) => [state, lambdaTask(resource, lambda)] as const,
    );
    this.#tasks = new Map(tasks);
  }

  /** Starts an execution. `onEnd` is called once, unless it is stopped before. */
  run(execution: ExecutionRecord, onEnd: (ending: Ending) => void): Run {
    this.counts.executions += 1;
    const run = new Run((isStopped) =>
      this.#machine.run(JSON.parse(execution.input), {
        context: this.#context(execution),
        overrides: { taskResourceLocalHandlers: this.#handlers(isStopped) },
      }),
    );
    void this.#countTransitions(run.library);
    const { timeoutSeconds } = this.#definition;
    const timeout =
      timeoutSeconds === undefined
        ? undefined
        : this.#clock.setTimeout(() => {
            run.stop();
            onEnd({ status: 'TIMED_OUT' });
          }, timeoutSeconds * 1000);
    run.library.result.then(succeeded, failed).then((ending) => {
      this.#clock.clearTimeout(timeout);
      if (!run.stopped) onEnd(ending);
    });
    return run;
  }

  /**
   * When an execution is stopped, the interpreter wakes a state that waits for its next try, and tries at once and
   * without end. So a stopped execution's tasks do nothing, for ever.
   */
  #handlers(isStopped: () => boolean): Record<string, TaskHandler> {
    const guarded = [...this.#tasks].map(([state, handler]): [string, TaskHandler] => [
      state,
      (input) => (isStopped() ? new Promise(() => {}) : handler(input)),
    ]);
    return Object.fromEntries(guarded);
  }

  /** The context object `$$`; the interpreter adds Execution.Input and StartTime. */
  #context(execution: ExecutionRecord): object {
    return {
      Execution: { Id: execution.executionArn, Name: execution.name, RedriveCount: 0 },
      StateMachine: { Id: this.config.arn, Name: this.config.name },
    };
  }

  async #countTransitions(run: LibraryRun): Promise<void> {
    for await (const { type } of run.eventLogs) {
      if (type === 'StateEntered' || type === 'StateRetried') this.counts.transitions += 1;
    }
  }
}

/** Checking a definition takes 150 ms: a process that boots many clouds, as simulations do, checks each but once. */
const checked = new Set<string>();

function interpreterOf(machine: object, library: StatesLibrary): LibraryMachine {
  const text = JSON.stringify(machine);
  const interpreter = new library.StateMachine(machine, { validationOptions: { noValidate: checked.has(text) } });
  checked.add(text);
  return interpreter;
}

/** An execution in the interpreter. */
export class Run {
  readonly library: LibraryRun;
  #stopped = false;

  constructor(start: (isStopped: () => boolean) => LibraryRun) {
    this.library = start(() => this.#stopped);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** No state is entered any more; what a function does at this moment it does to its end, as on AWS. */
  stop(): void {
    this.#stopped = true;
    this.library.abort();
  }
}

const succeeded = (output: unknown): Ending => ({ status: 'SUCCEEDED', output: JSON.stringify(output) ?? 'null' });

/** The interpreter wraps what a state failed with. */
function failed(error: unknown): Ending {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return { status: 'FAILED', error: 'States.Runtime', cause: String(cause) };
  return { status: 'FAILED', error: cause.name, cause: cause.message };
}
