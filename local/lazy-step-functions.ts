import type { Caller } from './aws-error.ts';
import type { Clock } from './clock.ts';
import { isRecord } from './fields.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { StateFile } from './state-file.ts';
import type { StepFunctions, StepFunctionsOptions } from './stepfunctions/step-functions.ts';

type Snapshot = NonNullable<StepFunctionsOptions['restore']>;

/** Step Functions, loaded for the first state machine or request: the interpreter takes a third of a second. */
export class LazyStepFunctions {
  readonly #clock: Clock;
  readonly #lambda: Pick<Lambda, 'invoke'>;
  readonly #file: StateFile;
  #loading: Promise<StepFunctions> | undefined;
  #loaded: StepFunctions | undefined;

  constructor(clock: Clock, lambda: Pick<Lambda, 'invoke'>, file: StateFile) {
    this.#clock = clock;
    this.#lambda = lambda;
    this.#file = file;
  }

  get loaded(): StepFunctions | undefined {
    return this.#loaded;
  }

  load(): Promise<StepFunctions> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async handle(operation: string, input: unknown, caller: Caller): Promise<unknown> {
    return (await this.load()).handle(operation, input, caller);
  }

  close(): void {
    this.#loaded?.close();
    this.#file.flush();
  }

  async #load(): Promise<StepFunctions> {
    const { StepFunctions } = await import('./stepfunctions/step-functions.ts');
    const restore = this.#file.read();
    const stepFunctions = new StepFunctions({
      clock: this.#clock,
      lambda: { invoke: (functionArn, payload) => this.#lambda.invoke(functionArn, payload) },
      onChange: () => this.#file.save(() => stepFunctions.snapshot()),
      ...(isSnapshot(restore) && { restore }),
    });
    this.#loaded = stepFunctions;
    return stepFunctions;
  }
}

/** Only this project writes the file. */
const isSnapshot = (value: unknown): value is Snapshot => isRecord(value) && Array.isArray(value.executions);
