import type { Cloud } from '../../local/cloud.ts';

type Part = { handle(operation: string, ...rest: never[]): Promise<unknown> };

/**
 * Kills a function at one of its AWS calls: the `nth` call since its invocation began, before the service sees it or
 * after the service did it (and the function never hears). Only while that function runs; once.
 */
export interface CrashPlan {
  readonly functionName: string;
  readonly nth: number;
  readonly when: 'before' | 'after';
}

/** Arms the crash. Returns what tells whether it came to it, and takes everything back. */
export function armCrash(cloud: Cloud, plan: CrashPlan) {
  const name = [...cloud.lambda.counts.keys()].find((key) => key.includes(plan.functionName));
  if (!name) throw new Error(`No function has ${plan.functionName} in its name`);
  let running = false;
  let calls = 0;
  let crashed = false;
  cloud.lambda.beforeInvoke = (invoked) => {
    running = invoked === name;
  };
  const restores = [cloud.dynamodb, cloud.sqs, cloud.eventbridge].map((part) => {
    const own = part as unknown as Part;
    const handle = own.handle.bind(own);
    own.handle = async (operation, ...rest) => {
      if (!running || crashed) return handle(operation, ...rest);
      calls += 1;
      if (calls !== plan.nth) return handle(operation, ...rest);
      crashed = true;
      if (plan.when === 'after') await handle(operation, ...rest);
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
      cloud.lambda.beforeInvoke = undefined;
      for (const restore of restores) restore();
    },
  };
}
