import type { Destination } from '../destinations/destination.ts';
import { destinationTypes } from '../destinations/types.ts';
import type { EndReason, HeldBy } from './delivery.ts';

export type Admission = { readonly admit: true } | { readonly hold: HeldBy } | { readonly cancel: EndReason };

/** Whether the destination, as it is now, takes an attempt. */
export function admission(destination: Destination | undefined): Admission {
  if (!destination || destination.lifecycle === 'deleting') return { cancel: 'destination_deleted' };
  const own = destinationTypes[destination.type].admission(destination);
  if (!('cancel' in own) && destination.status === 'disabled') return { cancel: 'destination_disabled' };
  return own;
}
