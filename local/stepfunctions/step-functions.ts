import { AwsError, type Caller } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { description, seconds, summary } from './execution.ts';
import { Executions, type StepFunctionsSnapshot } from './executions.ts';
import { type Fault, Faults } from './faults.ts';
import type { Invoker } from './lambda-task.ts';
import { inputs, pageOf, parseInput } from './operations.ts';
import { type MachineCounts, StateMachine, type StateMachineConfig } from './state-machine.ts';
import { loadStatesLibrary, type StatesLibrary } from './states-library.ts';

export interface StepFunctionsOptions {
  readonly clock: Clock;
  readonly lambda: Invoker;
  /** Called after every change that a snapshot would show. */
  readonly onChange?: () => void;
  /** Its RUNNING executions start again as soon as their machine is registered. */
  readonly restore?: StepFunctionsSnapshot;
}

type Operation = (input: unknown, caller: Caller) => object;

/**
 * Step Functions of the embedded cloud. All waits are in virtual time; an execution that waits is not busy, one whose
 * Task runs is (Lambda tracks it).
 */
export class StepFunctions {
  readonly #clock: Clock;
  readonly #lambda: Invoker;
  readonly #library: StatesLibrary;
  readonly #executions: Executions;
  readonly #machines = new Map<string, StateMachine>();
  readonly #faults = new Faults();

  constructor({ clock, lambda, onChange, restore }: StepFunctionsOptions) {
    this.#clock = clock;
    this.#lambda = lambda;
    this.#library = loadStatesLibrary(clock);
    this.#executions = new Executions(clock, onChange ?? (() => {}), restore);
  }

  register(config: StateMachineConfig): void {
    const machine = new StateMachine(config, { library: this.#library, lambda: this.#lambda, clock: this.#clock });
    this.#machines.set(config.arn, machine);
    this.#executions.resume(machine);
  }

  /** Answers `X-Amz-Target: AWSStepFunctions.<operation>` (JSON 1.0); refuses with an AwsError. */
  async handle(operation: string, input: unknown, caller: Caller): Promise<object> {
    const run = this.#operations.get(operation);
    if (!run) throw new AwsError('UnknownOperationException', `Step Functions has no ${operation} here`);
    return this.#faults.around(operation, () => run(input, caller));
  }

  /** Lets the next calls of an operation fail. */
  injectFault(fault: Fault): void {
    this.#faults.inject(fault);
  }

  /** Executions started and state transitions of a machine, for benchmarks. */
  counts(stateMachineArn: string): Readonly<MachineCounts> {
    const machine = this.#machines.get(stateMachineArn);
    if (!machine) throw new Error(`No state machine ${stateMachineArn} is registered`);
    return machine.counts;
  }

  snapshot(): StepFunctionsSnapshot {
    return this.#executions.snapshot();
  }

  /** Ends all activity; executions stay RUNNING in a snapshot. */
  close(): void {
    this.#executions.close();
  }

  readonly #operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
    ['StartExecution', (input, caller) => this.#startExecution(input, caller)],
    ['StopExecution', (input) => this.#stopExecution(input)],
    ['DescribeExecution', (input) => this.#describeExecution(input)],
    ['ListExecutions', (input, caller) => this.#listExecutions(input, caller)],
    ['DescribeStateMachine', (input, caller) => this.#describeStateMachine(input, caller)],
    ['ListStateMachines', (input, caller) => this.#listStateMachines(input, caller)],
  ]);

  #startExecution(input: unknown, caller: Caller) {
    const { stateMachineArn, ...start } = parseInput(inputs.StartExecution, input);
    const { executionArn, startedAt } = this.#executions.start(this.#machine(stateMachineArn, caller), start);
    return { executionArn, startDate: seconds(startedAt) };
  }

  #stopExecution(input: unknown) {
    const { executionArn, error, cause } = parseInput(inputs.StopExecution, input);
    const reason = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    return { stopDate: seconds(this.#executions.stop(executionArn, reason).stoppedAt ?? this.#clock.now()) };
  }

  #describeExecution(input: unknown) {
    return description(this.#executions.get(parseInput(inputs.DescribeExecution, input).executionArn));
  }

  #listExecutions(input: unknown, caller: Caller) {
    const { stateMachineArn, statusFilter, ...page } = parseInput(inputs.ListExecutions, input);
    const { type, arn } = this.#machine(stateMachineArn, caller).config;
    if (type === 'EXPRESS') {
      throw new AwsError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    }
    const wanted = this.#executions.of(arn).filter(({ status }) => !statusFilter || status === statusFilter);
    const { items, ...next } = pageOf(wanted, page);
    return { executions: items.map(summary), ...next };
  }

  #describeStateMachine(input: unknown, caller: Caller) {
    const { stateMachineArn } = parseInput(inputs.DescribeStateMachine, input);
    const { config, createdAt } = this.#machine(stateMachineArn, caller);
    return {
      ...machineSummary({ config, createdAt }),
      status: 'ACTIVE',
      definition: JSON.stringify(config.definition),
      roleArn: `arn:aws:iam::${caller.account}:role/${config.name}`,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    };
  }

  #listStateMachines(input: unknown, caller: Caller) {
    const own = [...this.#machines.values()].filter(({ config }) => isOwn(config.arn, caller));
    const { items, ...next } = pageOf(own, parseInput(inputs.ListStateMachines, input));
    return { stateMachines: items.map(machineSummary), ...next };
  }

  /** Machines of another account or Region do not exist for the caller. */
  #machine(arn: string, caller: Caller): StateMachine {
    const machine = this.#machines.get(arn);
    if (machine && isOwn(arn, caller)) return machine;
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }
}

function machineSummary({ config, createdAt }: Pick<StateMachine, 'config' | 'createdAt'>) {
  const { arn, name, type } = config;
  return { stateMachineArn: arn, name, type, creationDate: seconds(createdAt) };
}

function isOwn(arn: string, { account, region }: Caller): boolean {
  const [, , , arnRegion, arnAccount] = arn.split(':');
  return arnRegion === region && arnAccount === account;
}
