import type { SQSBatchResponse } from 'aws-lambda';
import { timeouts } from '../../infra/timeouts.ts';
import { messageIdOf } from './product.ts';
import { type Message, type Process, toMessage, type World, withMessages } from './world.ts';

const SECOND = 1000;
/** What the state machine waits after a task that failed, and for one that does not answer. */
const WAKE_AGAIN = { failed: 30 * SECOND, silent: timeouts.release.toMilliseconds() + 60 * SECOND };

const without = (world: World, process: Process): World => ({
  ...world,
  processes: world.processes.filter((one) => one !== process),
});

/** What became of the message, or the execution, that a function worked on. */
export function finished(world: World, process: Process): World {
  const { messages, execution, program } = process;
  const after = without(world, process);
  if (messages.length > 0) {
    const { batchItemFailures } = (program.done?.value ?? {}) as SQSBatchResponse;
    const back = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return withMessages(
      after,
      messages.filter((_, index) => back.has(messageIdOf(index))),
    );
  }
  if (execution === undefined) return after;
  const { more } = (program.done?.value ?? { more: undefined }) as { more?: boolean };
  return woken(after, execution, more === undefined ? world.now + WAKE_AGAIN.failed : more ? world.now : undefined);
}

export function crashed(world: World, process: Process): World {
  const left = { ...world.left, crashes: world.left.crashes - 1 };
  const seen = { ...world.seen, crashed: true };
  const after = { ...without(world, process), left, seen, extras: world.extras + 1 };
  if (process.messages.length > 0) return withMessages(after, process.messages);
  return process.execution === undefined ? after : woken(after, process.execution, world.now + WAKE_AGAIN.silent);
}

function woken(world: World, name: string, at: number | undefined): World {
  const execution = world.executions.get(name);
  if (!execution) throw new Error(`There is no execution ${name}`);
  return { ...world, executions: new Map(world.executions).set(name, { ...execution, at, over: at === undefined }) };
}

/** SQS counts the receives of all copies, so that it is not the first one's. */
export function duplicated(world: World, { queue, body, receives }: Message): World {
  const copy = toMessage(queue, body, world.now, Math.max(1, receives));
  const left = { ...world.left, duplicates: world.left.duplicates - 1 };
  return withMessages({ ...world, left, extras: world.extras + 1 }, [copy]);
}
