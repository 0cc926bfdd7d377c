import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { checkInput, checkName, type ExecutionRecord, executionArn, expressArn } from './execution.ts';
import type { Ending, Run, StateMachine } from './state-machine.ts';

/** All executions as JSON: what a restart of the embedded cloud needs. */
export interface StepFunctionsSnapshot {
  readonly executions: readonly ExecutionRecord[];
}

/** AWS keeps a closed execution, and with it its name, for 90 days. */
const RETENTION_MS = 90 * 24 * 3600 * 1000;

/**
 * The executions of all machines.
 *
 *   absent  -> RUNNING    start with a new name
 *   RUNNING -> RUNNING    start with the same name and input: the same execution, no second one
 *   RUNNING -> SUCCEEDED, FAILED, TIMED_OUT (it ended), ABORTED (stop)
 *   ended   -> absent     after 90 days; until then its name is refused
 *
 * Express executions are not kept: on AWS, too, their names may repeat and nothing describes them.
 */
export class Executions {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #records: Map<string, ExecutionRecord>;
  readonly #runs = new Map<string, Run>();
  #nextCleaning = 0;

  constructor(clock: Clock, onChange: () => void, restore: StepFunctionsSnapshot | undefined) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#records = new Map(restore?.executions.map((record) => [record.executionArn, { ...record }]));
  }

  start(
    machine: StateMachine,
    { name = randomUUID(), input }: { name?: string | undefined; input: string },
  ): ExecutionRecord {
    checkName(name);
    checkInput(input);
    this.#forgetOld();
    const { arn: stateMachineArn, type } = machine.config;
    const arn = type === 'EXPRESS' ? expressArn(stateMachineArn, name) : executionArn(stateMachineArn, name);
    const known = this.#records.get(arn);
    if (known?.status === 'RUNNING' && known.input === input) return known;
    if (known) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);

    const startedAt = this.#clock.now();
    const record: ExecutionRecord = { executionArn: arn, stateMachineArn, name, input, startedAt, status: 'RUNNING' };
    if (type === 'STANDARD') this.#records.set(arn, record);
    this.#run(machine, record);
    this.#onChange();
    return record;
  }

  /** Runs what a snapshot left RUNNING, again from its input: waits for an absolute time still end at that time. */
  resume(machine: StateMachine): void {
    const oldestFirst = this.of(machine.config.arn).reverse();
    for (const record of oldestFirst) if (record.status === 'RUNNING') this.#run(machine, record);
  }

  get(arn: string): ExecutionRecord {
    const record = this.#records.get(arn);
    if (record) return record;
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** Of one machine, newest first. */
  of(stateMachineArn: string): ExecutionRecord[] {
    return [...this.#records.values()].filter((record) => record.stateMachineArn === stateMachineArn).reverse();
  }

  /** Stopping what has ended changes nothing. */
  stop(arn: string, reason: Pick<Ending, 'error' | 'cause'>): ExecutionRecord {
    const record = this.get(arn);
    this.#runs.get(arn)?.stop();
    if (record.status === 'RUNNING') this.#end(record, { ...reason, status: 'ABORTED' });
    return record;
  }

  snapshot(): StepFunctionsSnapshot {
    return { executions: [...this.#records.values()].map((record) => ({ ...record })) };
  }

  /** Stops the interpreters and leaves their executions RUNNING, as a snapshot needs them. */
  close(): void {
    for (const run of this.#runs.values()) run.stop();
    this.#runs.clear();
  }

  #run(machine: StateMachine, record: ExecutionRecord): void {
    this.#runs.set(
      record.executionArn,
      machine.run(record, (ending) => this.#end(record, ending)),
    );
  }

  #end(record: ExecutionRecord, ending: Ending): void {
    this.#runs.delete(record.executionArn);
    Object.assign(record, ending, { stoppedAt: this.#clock.now() });
    this.#onChange();
  }

  /** Once a virtual day is enough. */
  #forgetOld(): void {
    const now = this.#clock.now();
    if (now < this.#nextCleaning) return;
    this.#nextCleaning = now + 24 * 3600 * 1000;
    for (const [arn, { stoppedAt }] of this.#records) {
      if (stoppedAt !== undefined && stoppedAt + RETENTION_MS <= now) this.#records.delete(arn);
    }
  }
}
