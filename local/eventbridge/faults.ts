import type { AwsError } from '../aws-error.ts';

/** Fails whole requests. Without a Region in every Region, without `times` until removed. */
export interface Fault {
  readonly operation: string;
  readonly region?: string;
  readonly times?: number;
  readonly error: AwsError;
}

/** An entry as PutPartnerEvents received it, for a fault to choose by. */
export interface FaultyEntry {
  readonly Source?: unknown;
  readonly DetailType?: unknown;
  readonly Detail?: unknown;
  readonly Resources?: unknown;
  readonly Time?: unknown;
}

/** Fails single entries of PutPartnerEvents, without `times` until removed. */
export interface EntryFault {
  readonly match: (entry: FaultyEntry) => boolean;
  readonly code: string;
  readonly message: string;
  readonly times?: number;
}

interface Armed<T> {
  readonly fault: T;
  left: number;
}

/** Errors that a test wants AWS to answer. */
export class Faults {
  readonly #requests = new Set<Armed<Fault>>();
  readonly #entries = new Set<Armed<EntryFault>>();

  /** Returns what removes the fault again. */
  injectFault(fault: Fault): () => void {
    return arm(this.#requests, fault);
  }

  injectEntryFault(fault: EntryFault): () => void {
    return arm(this.#entries, fault);
  }

  clear(): void {
    this.#requests.clear();
    this.#entries.clear();
  }

  /** Throws the first fault that fits. */
  raise(operation: string, region: string): void {
    const fault = use(this.#requests, (fault) => fault.operation === operation && (fault.region ?? region) === region);
    if (fault) throw fault.error;
  }

  ofEntry(entry: FaultyEntry): EntryFault | undefined {
    return use(this.#entries, (fault) => fault.match(entry));
  }
}

function arm<T extends { readonly times?: number }>(armed: Set<Armed<T>>, fault: T): () => void {
  const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
  armed.add(entry);
  return () => armed.delete(entry);
}

function use<T>(armed: Set<Armed<T>>, fits: (fault: T) => boolean): T | undefined {
  for (const entry of armed) {
    if (!fits(entry.fault)) continue;
    entry.left -= 1;
    if (entry.left <= 0) armed.delete(entry);
    return entry.fault;
  }
  return undefined;
}
