import type { Caller } from '../../local/aws-error.ts';
import type { Cloud } from '../../local/cloud.ts';

interface Part {
  handle(operation: string, input: unknown, caller: Caller): Promise<unknown>;
}

const SERVICE_ACCOUNT = '000000000000';

/**
 * Kills a function at one of its AWS calls: the `nth` call since its invocation began, before the service sees it or
 * after the service did it (and the function never hears). Only while that function runs; once.
 */
interface CrashPlan {
  readonly functionName: string;
  /** 1 is the first of those that count. */
  readonly nth: number;
  /** Which calls count; without it, all. */
  readonly of?: (operation: string, input: unknown) => boolean;
  readonly when: 'before' | 'after';
}

/** Arms the crash. Returns what tells whether it came to it, and takes everything back. */
export function armCrash(cloud: Cloud, plan: CrashPlan) {
  const name = [...cloud.lambda.counts.keys()].find((key) => key.includes(plan.functionName));
  if (!name) throw new Error(`No function has ${plan.functionName} in its name`);
  let running = false;
  let calls = 0;
  let crashed = false;
  const invoke = cloud.lambda.invoke.bind(cloud.lambda);
  cloud.lambda.invoke = async (invoked, ...rest) => {
    if (!invoked.includes(name)) return invoke(invoked, ...rest);
    running = true;
    try {
      return await invoke(invoked, ...rest);
    } finally {
      running = false;
    }
  };
  const parts = [cloud.dynamodb, cloud.sqs, cloud.eventbridge, ...(cloud.stepFunctions ? [cloud.stepFunctions] : [])];
  const restores = parts.map((part) => {
    const own: Part = part;
    const handle = own.handle.bind(own);
    own.handle = async (operation, input, caller) => {
      // The customer's calls come by the same way.
      if (!running || crashed || caller.account !== SERVICE_ACCOUNT) return handle(operation, input, caller);
      if (plan.of?.(operation, input) === false) return handle(operation, input, caller);
      calls += 1;
      if (calls !== plan.nth) return handle(operation, input, caller);
      crashed = true;
      if (plan.when === 'after') await handle(operation, input, caller);
      await cloud.lambda.kill(name);
      throw new Error('The function was killed at this call');
    };
    return () => {
      own.handle = handle;
    };
  });
  return {
    get crashed() {
      return crashed;
    },
    disarm() {
      cloud.lambda.invoke = invoke;
      for (const restore of restores) restore();
    },
  };
}

export type Crashing = <T>(work: () => Promise<T>) => Promise<T>;

/** `npm run test:long` kills at every call; `npm test` at every twelfth before it takes effect, and at one in between after it did. */
const SAMPLED = 12;
const ALL = process.env.CRASHES === 'all';

/**
 * Plays the scenario with the function killed at its first AWS call, its second, and so on, before and after the call
 * takes effect, until it makes no more calls. Only what the scenario runs by `crashing` can be hit. Returns how many
 * crashes there were, or would have been at every call. A scenario that takes long has `npm test` kill it more seldom.
 */
export async function killAtEveryCall(
  cloud: Cloud,
  functionName: string,
  scenario: (crashing: Crashing) => Promise<void>,
  sampled = SAMPLED,
): Promise<number> {
  const stride = ALL ? 1 : sampled;
  const first = { before: 1, after: ALL ? 1 : 3 };
  let crashes = 0;
  for (const when of ['before', 'after'] as const) {
    for (let crashed = true, nth = first[when]; crashed; nth += stride) {
      crashed = false;
      const crashing: Crashing = async (work) => {
        const crash = armCrash(cloud, { functionName, nth, when });
        try {
          return await work();
        } finally {
          crashed = crash.crashed;
          crash.disarm();
        }
      };
      try {
        await scenario(crashing);
      } catch (error) {
        throw new Error(`Killed ${when} call ${nth} of ${functionName}`, { cause: error });
      }
      if (crashed) crashes += 1;
    }
  }
  return crashes * stride;
}
