import { Usage } from './usage.ts';

/** Start, Deliver, Choice and the end: the least that a machine with a delivery in it enters. */
const TRANSITIONS_OF_A_DELIVERY = 4;
/** Wait, Deliver, Choice: of each retry in it. */
const TRANSITIONS_OF_A_RETRY = 3;
/** Of the policy, live: attempts after the first until three days are over. */
const RETRIES_OF_A_DEAD_DESTINATION = 11;
const FAILING = 0.02;

interface Measured {
  readonly usual: Usage;
  readonly dead: Usage;
}

/**
 * What this design is measured against: a Step Functions execution for every delivery, or for every delivery that failed
 * once. They keep all else that was measured, and add their transitions to it.
 */
export function alternatives({ usual, dead }: Measured): { readonly what: string; readonly usage: Usage }[] {
  const perDelivery = TRANSITIONS_OF_A_DELIVERY + FAILING * TRANSITIONS_OF_A_RETRY;
  const perFailed = FAILING * (TRANSITIONS_OF_A_DELIVERY + TRANSITIONS_OF_A_RETRY);
  const ofDead = TRANSITIONS_OF_A_DELIVERY + RETRIES_OF_A_DEAD_DESTINATION * TRANSITIONS_OF_A_RETRY;
  return [
    { what: 'one execution for each delivery', usage: usual.plus(transitions(perDelivery)) },
    { what: 'one execution for each failed delivery', usage: usual.plus(transitions(perFailed)) },
    { what: 'one execution for each failed delivery, destination dead', usage: dead.plus(transitions(ofDead)) },
  ];
}

function transitions(amount: number): Usage {
  const usage = new Usage();
  usage.add('Step Functions transitions', amount);
  return usage;
}
