import type { Action } from './actions.ts';
import { Properties, Violation } from './properties.ts';
import type { Model } from './setup.ts';
import { keyOf, type World } from './world.ts';

export interface Explored {
  readonly worlds: number;
  readonly steps: number;
  readonly ends: number;
  /** Really run, all other steps were known. */
  readonly runs: number;
  readonly deepest: number;
  readonly complete: boolean;
  readonly violation?: { readonly message: string; readonly path: readonly { action: Action; before: World }[] };
}

interface Frame {
  readonly world: World;
  readonly key: number;
  readonly actions: readonly Action[];
  next: number;
}

/** A drain takes no longer than this many steps; it takes some two hundred. */
const MOST_DRAIN_STEPS = 3000;

/**
 * Depth first through every world that the instance's first one can become, the plainest way first. Where nothing has to
 * happen any more, the outside is made to behave and everything is drained, and then it must have ended.
 */
export async function explore(model: Model, most = Number.POSITIVE_INFINITY): Promise<Explored> {
  const { actions, performer } = model;
  const properties = new Properties(model);
  const visited = new Set<number>();
  const drained = new Set<number>();
  const path: Frame[] = [];
  const counts = { steps: 0, ends: 0, deepest: 0 };
  const result = (complete: boolean, violation?: Explored['violation']): Explored => ({
    worlds: visited.size,
    ...counts,
    runs: performer.programs.counts.runs,
    complete,
    ...(violation && { violation }),
  });
  const done: { action: Action; before: World }[] = [];
  const enter = async (world: World) => {
    const key = keyOf(world);
    if (visited.has(key)) return;
    visited.add(key);
    properties.ofWorld(world);
    if (isQuiet(world)) {
      counts.ends += 1;
      await drain(model, properties, world, drained, done);
    }
    path.push({ world, key, actions: actions.enabled(world), next: 0 });
    counts.deepest = Math.max(counts.deepest, path.length);
  };
  try {
    await enter(model.first);
    for (let frame = path.at(-1); frame; frame = path.at(-1)) {
      const action = frame.actions[frame.next++];
      if (!action) {
        path.pop();
        continue;
      }
      counts.steps += 1;
      done.length = 0;
      done.push({ action, before: frame.world });
      const after = await performer.perform(frame.world, action);
      properties.ofStep(frame.world, after);
      await enter(after);
      if (visited.size >= most) return result(false);
    }
    return result(true);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    const taken = path.slice(0, -1).map(({ world, actions, next }) => ({ before: world, action: actions[next - 1] }));
    const steps = [...taken, ...done].filter(
      (step): step is { action: Action; before: World } => step.action !== undefined,
    );
    return result(false, { message: error.message, path: steps });
  }
}

/** Nothing has to happen any more: whatever does is begun by somebody outside. */
const isQuiet = ({ processes, messages, executions }: World): boolean =>
  processes.length === 0 && messages.length === 0 && [...executions.values()].every(({ over }) => over);

/** The outside behaves: the customer associates a source that waits, the tracker looks, everything is taken. */
async function drain(
  model: Model,
  properties: Properties,
  from: World,
  drained: Set<number>,
  done: { action: Action; before: World }[],
): Promise<void> {
  const { actions, performer } = model;
  const keys: number[] = [];
  let world = actions.behaving(from);
  for (let steps = 0; steps < MOST_DRAIN_STEPS; steps += 1) {
    const key = keyOf(world);
    if (drained.has(key)) break;
    keys.push(key);
    const action = actions.plainest(world, properties.allEnded(world));
    if (!action) {
      properties.ofEnd(world);
      break;
    }
    done.push({ action, before: world });
    const after = await performer.perform(world, action);
    properties.ofStep(world, after);
    world = after;
    if (steps === MOST_DRAIN_STEPS - 1) throw new Violation('It goes on for ever, although the outside behaves');
  }
  for (const key of keys) drained.add(key);
}
