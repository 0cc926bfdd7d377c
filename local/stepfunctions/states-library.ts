import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import type { Clock, TimerHandle } from '../clock.ts';

/** What is used of aws-local-stepfunctions. */
export interface StatesLibrary {
  readonly StateMachine: new (definition: object, options: MachineOptions) => LibraryMachine;
}

interface MachineOptions {
  readonly validationOptions: { readonly noValidate: boolean };
}

export interface LibraryMachine {
  run(input: unknown, options: RunOptions): LibraryRun;
}

interface RunOptions {
  readonly context: object;
  readonly overrides: { readonly taskResourceLocalHandlers: Readonly<Record<string, TaskHandler>> };
}

/** Runs a Task state instead of AWS; an error's `name` is what Retry and Catch compare, its `message` the Cause. */
export type TaskHandler = (input: unknown) => Promise<unknown>;

export interface LibraryRun {
  readonly abort: () => void;
  /** Rejects with an ExecutionError whose `cause` is what a state failed with. */
  readonly result: Promise<unknown>;
  readonly eventLogs: AsyncIterable<{ readonly type: string }>;
}

/**
 * Loads the interpreter with the embedded cloud's timers in place of the global ones, so that its waits, retry
 * intervals and time-outs fall due in virtual time. Those timers also have no 32-bit limit: a wait of a year works.
 */
export function loadStatesLibrary(clock: Clock): StatesLibrary {
  const file = createRequire(import.meta.url).resolve('aws-local-stepfunctions');
  const requireFromLibrary = createRequire(file);
  const scope = {
    module: { exports: {} },
    // Every Task is run by a handler of ours: its own clients would only cost 100 ms of start time.
    require: (name: string): unknown => (name.startsWith('@aws-sdk/') ? {} : requireFromLibrary(name)),
    setTimeout: (run: () => void, ms: number) => clock.setTimeout(run, ms),
    clearTimeout: (timer: TimerHandle | undefined) => clock.clearTimeout(timer),
  };
  const load = compileFunction(readFileSync(file, 'utf8'), Object.keys(scope), { filename: file });
  load(...Object.values(scope));
  if (!isStatesLibrary(scope.module.exports)) throw new Error(`${file} exports no StateMachine any more`);
  return scope.module.exports;
}

const isStatesLibrary = (exports: object): exports is StatesLibrary =>
  'StateMachine' in exports && typeof exports.StateMachine === 'function';
