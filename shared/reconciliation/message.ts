import * as z from 'zod/mini';
import { DeliveryMessage } from '../deliveries/message.ts';
import { typeNames } from '../destinations/types.ts';

const Owner = { v: z.literal(1), account: z.string(), livemode: z.boolean() };
/** Where a walk goes on that took too long for one invocation: after this event. */
const after = z.optional(z.string());

/** One of an account's events and a destination that they may not have come to. */
const Suspect = z.object({ type: z.enum(typeNames), message: DeliveryMessage });
export type Suspect = z.infer<typeof Suspect>;

/**
 * What the reconciliation is made of. Its parts are messages, so that no account waits for another:
 *
 *   events       the account's events of the last days: has each of their destinations a delivery?
 *   deliveries   a destination's deliveries that are not delivered: is each brought back by something? And its probes?
 *   suspects     what did not look right: it is looked at again after some minutes, and only then counted and repaired
 */
export const ReconciliationMessage = z.discriminatedUnion('kind', [
  z.object({ ...Owner, kind: z.literal('events'), after }),
  z.object({ ...Owner, kind: z.literal('deliveries'), destination: z.string(), after }),
  z.object({ v: z.literal(1), kind: z.literal('suspects'), suspects: z.array(Suspect) }),
]);
export type ReconciliationMessage = z.infer<typeof ReconciliationMessage>;
export type PartOf<Kind extends ReconciliationMessage['kind']> = Extract<ReconciliationMessage, { kind: Kind }>;
