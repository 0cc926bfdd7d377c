/**
 * The states of a partner event source, and every way from one to another.
 *
 * A source is kept while it lives for the partner; a bus is the customer's own. Both together give what each sees:
 *
 *   source    bus       partner sees   customer sees   PutPartnerEvents
 *   none      none      nothing        nothing         the entry fails
 *   PENDING   none      PENDING        PENDING         accepted, dropped
 *   PENDING   exists    PENDING        PENDING         accepted, dropped
 *   ACTIVE    exists    ACTIVE         ACTIVE          accepted, delivered
 *   none      exists    nothing        DELETED         the entry fails
 *
 *   from                 by                                  to
 *   none, no bus         partner creates                     PENDING, no bus
 *   PENDING, no bus      customer creates the bus            ACTIVE
 *   PENDING, no bus      partner deletes, or 7 days pass     none, no bus
 *   ACTIVE               customer deletes the bus            PENDING, no bus, 7 new days
 *   ACTIVE               customer deactivates                PENDING, bus exists, 7 new days
 *   ACTIVE               partner deletes                     none, bus exists (DELETED)
 *   PENDING, bus exists  customer activates                  ACTIVE
 *   PENDING, bus exists  customer deletes the bus            PENDING, no bus, 7 new days
 *   PENDING, bus exists  partner deletes, or 7 days pass     none, bus exists (DELETED)
 *   none, bus exists     partner creates again               PENDING, bus exists (must be activated)
 *   none, bus exists     customer deletes the bus            none, no bus
 *
 * Activating what is ACTIVE and deactivating what is PENDING change nothing (UNVERIFIED). The 7 days are the user
 * guide's; DeactivateEventSource's own text says two weeks. Expiry has no timer: whoever looks compares with the clock.
 */
import { invalidState, noSuchSource, notFound } from './errors.ts';
import type { Bus, Source } from './state.ts';

export type CustomerState = 'PENDING' | 'ACTIVE' | 'DELETED';

type Identity = Pick<Source, 'region' | 'name' | 'partner' | 'account' | 'createdAt'>;

const identityOf = ({ region, name, partner, account, createdAt }: Source): Identity => ({
  region,
  name,
  partner,
  account,
  createdAt,
});

/** Created, or fallen back: has `lifeMs` from now. */
export function pending(source: Identity, now: number, lifeMs: number): Source {
  return { ...source, state: 'PENDING', expiresAt: now + lifeMs };
}

export function hasExpired(source: Source, now: number): boolean {
  return source.state === 'PENDING' && now >= source.expiresAt;
}

/** Undefined: the customer knows of no such source. */
export function customerState(source: Source | undefined, bus: Bus | undefined): CustomerState | undefined {
  return source?.state ?? (bus ? 'DELETED' : undefined);
}

export function activated(name: string, source: Source | undefined, bus: Bus | undefined): Source {
  if (!source && bus) throw invalidState(`Event source ${name} has been deleted by its partner.`);
  if (!source || !bus) throw notFound(`Event source ${name} or event bus ${name} does not exist.`);
  return { ...identityOf(source), state: 'ACTIVE' };
}

export function deactivated(
  name: string,
  source: Source | undefined,
  bus: Bus | undefined,
  now: number,
  lifeMs: number,
): Source {
  if (!source && bus) throw invalidState(`Event source ${name} has been deleted by its partner.`);
  if (!source) throw noSuchSource(name);
  return source.state === 'PENDING' ? source : pending(identityOf(source), now, lifeMs);
}

export const withBus = (source: Source): Source => ({ ...identityOf(source), state: 'ACTIVE' });

export const withoutBus = (source: Source, now: number, lifeMs: number): Source =>
  pending(identityOf(source), now, lifeMs);
