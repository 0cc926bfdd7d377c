import { destinationTypes } from '../destinations/types.ts';
import type { Standing } from '../health/standing.ts';
import type { EndReason, HeldBy } from './delivery.ts';

export type Admission = { readonly admit: true } | { readonly hold: HeldBy } | { readonly cancel: EndReason };

/** Whether the destination, as it stands now, takes an attempt. A probe and a manual attempt pass an open breaker. */
export function admission(
  { destination, health, paused }: Pick<Standing, 'destination' | 'health' | 'paused'>,
  { passesBreaker = false }: { readonly passesBreaker?: boolean } = {},
): Admission {
  if (!destination || destination.lifecycle === 'deleting') return { cancel: 'destination_deleted' };
  const own = destinationTypes[destination.type].admission(destination);
  if ('cancel' in own) return own;
  if (destination.status === 'disabled') return { cancel: 'destination_disabled' };
  if (paused) return { hold: 'paused' };
  if ('hold' in own) return own;
  return health.state === 'open' && !passesBreaker ? { hold: 'circuit_breaker' } : own;
}
