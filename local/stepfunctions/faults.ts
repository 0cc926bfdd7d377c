import type { AwsError } from '../aws-error.ts';

export interface Fault {
  readonly operation: string;
  readonly error: AwsError;
  /** How many calls meet it; 1 by default. */
  readonly times?: number;
  /** `before` (the default): nothing happens. `after`: it happens, but the caller is told of the error. */
  readonly when?: 'before' | 'after';
}

/** Errors that the next calls of an operation meet, in the order in which they were injected. */
export class Faults {
  readonly #faults: { fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  around<T>(operation: string, work: () => T): T {
    const fault = this.#take(operation);
    if (fault?.when === 'after') work();
    if (fault) throw fault.error;
    return work();
  }

  #take(operation: string): Fault | undefined {
    const index = this.#faults.findIndex(({ fault }) => fault.operation === operation);
    const next = this.#faults[index];
    if (!next) return undefined;
    next.left -= 1;
    if (next.left <= 0) this.#faults.splice(index, 1);
    return next.fault;
  }
}
