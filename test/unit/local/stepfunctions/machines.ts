import { vi } from 'vitest';
import { Clock } from '../../../../local/clock.ts';
import type { InvokeResult } from '../../../../local/lambda/lambda.ts';
import { StepFunctions, type StepFunctionsOptions } from '../../../../local/stepfunctions/step-functions.ts';

// Building an interpreter takes 200 ms, or seconds where every core is taken.
vi.setConfig({ testTimeout: 60_000 });

export const START = Date.UTC(2026, 0, 1);
export const CALLER = { account: '111111111111', region: 'eu-west-1' };
export const MACHINE = 'arn:aws:states:eu-west-1:111111111111:stateMachine:retry';
export const FUNCTION = 'arn:aws:lambda:eu-west-1:111111111111:function:release';

export const machineArn = (name: string) => MACHINE.replace('retry', name);

interface Call {
  readonly at: number;
  readonly functionName: string;
  readonly payload: unknown;
}

/** Step Functions over a Lambda whose answers the test gives. */
export class Stage {
  readonly clock: Clock;
  readonly calls: Call[] = [];
  readonly sfn: StepFunctions;
  /** Answers the invocations; may throw an AwsError as Lambda does. */
  answer: (payload: unknown, attempt: number) => InvokeResult | Promise<InvokeResult> = () => ({ payload: {} });

  constructor(options: Partial<StepFunctionsOptions> & { startAt?: number } = {}) {
    this.clock = new Clock({ frozenAt: options.startAt ?? START });
    const invoke = async (functionName: string, payload: unknown) => {
      this.calls.push({ at: this.clock.now(), functionName, payload });
      return this.answer(payload, this.calls.length);
    };
    const lambda = { invoke: (name: string, payload: unknown) => this.clock.track(invoke(name, payload)) };
    this.sfn = new StepFunctions({ clock: this.clock, lambda, ...options });
  }

  /** Registers `states` as a machine that starts at the first of them. */
  register(
    states: Record<string, object>,
    more: { name?: string; type?: 'STANDARD' | 'EXPRESS'; definition?: object } = {},
  ) {
    const { name = 'retry', type = 'STANDARD', definition = {} } = more;
    const machine = { StartAt: Object.keys(states)[0], States: states, ...definition };
    this.sfn.register({ name, arn: machineArn(name), type, definition: machine });
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of the API as a client sees them
  call(operation: string, input: object, caller = CALLER): Promise<any> {
    return this.sfn.handle(operation, input, caller);
  }

  async start(input: unknown = {}, name?: string): Promise<string> {
    const { executionArn } = await this.call('StartExecution', {
      stateMachineArn: MACHINE,
      input: JSON.stringify(input),
      ...(name && { name }),
    });
    return executionArn;
  }

  describe(executionArn: string) {
    return this.call('DescribeExecution', { executionArn });
  }

  /** When the functions were called, in seconds from the start. */
  get callTimes(): number[] {
    return this.calls.map(({ at }) => (at - START) / 1000);
  }

  close(): void {
    this.sfn.close();
    this.clock.close();
  }
}
