import { vi } from 'vitest';
import type { AwsError, Caller } from '../../local/aws-error.ts';

/** A service of the embedded cloud: `cloud.eventbridge`, `cloud.dynamodb`, `cloud.sqs`. */
interface Service {
  handle(operation: string, input: unknown, caller: Caller): Promise<unknown>;
}

export interface Held {
  /** Fulfilled when the call has come in, so that whoever made it is waiting for its answer. */
  readonly reached: Promise<void>;
  /** Lets the call go on. */
  release(): void;
}

/**
 * Holds the next call of an operation before it does anything: AWS is slow, and a test decides what happens meanwhile. `of`
 * is a part of the call's input, such as the name of the table.
 */
export function holdNext(service: Service, operation: string, of = ''): Held {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const restore = before(service, operation, async (input) => {
    if (!JSON.stringify(input).includes(of)) return;
    restore();
    reached.resolve();
    await released.promise;
  });
  return { reached: reached.promise, release: released.resolve };
}

/** Fails all calls of an operation, or those with `of` in their input, until what it returns is called. */
export const failCalls = (service: Service, operation: string, error: AwsError, of = ''): (() => void) =>
  before(service, operation, async (input) => {
    if (JSON.stringify(input).includes(of)) throw error;
  });

/** Has SQS take only a part of each batch: it refuses the entries whose body says so. Until what it returns is called. */
export function refuseEntries(service: Service, refused: (body: string) => boolean): () => void {
  const handle = service.handle.bind(service);
  const spy = vi.spyOn(service, 'handle').mockImplementation(async (called, input, caller) => {
    if (called !== 'SendMessageBatch') return handle(called, input, caller);
    const { Entries, ...rest } = input as { Entries: { Id: string; MessageBody: string }[] };
    const taken = Entries.filter(({ MessageBody }) => !refused(MessageBody));
    const answer = taken.length > 0 ? await handle(called, { ...rest, Entries: taken }, caller) : {};
    const Failed = Entries.filter((entry) => !taken.includes(entry)).map(({ Id }) => ({
      Id,
      Code: 'InternalError',
      SenderFault: false,
    }));
    return { ...(answer as object), Failed };
  });
  return () => spy.mockRestore();
}

function before(service: Service, operation: string, doFirst: (input: unknown) => Promise<void>): () => void {
  const handle = service.handle.bind(service);
  const spy = vi.spyOn(service, 'handle').mockImplementation(async (called, input, caller) => {
    if (called === operation) await doFirst(input);
    return handle(called, input, caller);
  });
  return () => spy.mockRestore();
}
