import { DAY, MINUTE, SECOND } from '../time.ts';

/**
 * A partner event source as we know it.
 *
 *   (creating) --CreatePartnerEventSource--> PENDING --customer associates a bus--> ACTIVE
 *   ACTIVE --customer deletes the bus--> PENDING, with `fallback`: what was put since ACTIVE was last confirmed
 *   PENDING --not associated for 7 days--> gone;  PENDING, ACTIVE --deleted--> gone
 *
 * `state` is the last state that AWS confirmed; `reachable: false` means that AWS could not be asked last time (the
 * status is then `unknown`, and nothing else changes: a Region that answers errors must not stop deliveries).
 *
 * DELETED is final and only entered when the source was found gone twice, a minute apart, and not within five minutes
 * of its creation: EventBridge is eventually consistent, and a wrong DELETED would disable a customer's destination.
 */
export type SourceState = 'PENDING' | 'ACTIVE' | 'DELETED';

/** As Stripe shows it: `aws_event_source_status`. */
export type SourceStatus = 'pending' | 'active' | 'deleted' | 'unknown';

export interface EventSource {
  /** `aws.partner/<partner>/<destination id>`; never used twice. */
  readonly name: string;
  readonly arn: string;
  readonly state: SourceState;
  readonly reachable: boolean;
  /** When this state was first seen, ms. */
  readonly since: number;
  readonly checked_at: number;
  readonly created: number;
  /** PENDING: when AWS deletes it, ms. */
  readonly expires_at?: number;
  /** When AWS was last asked and said ACTIVE, ms: what was put before is firm. */
  readonly active_at?: number;
  /** It fell back to PENDING, and what was put in this time (ms) has not been returned yet. */
  readonly fallback?: { readonly from: number; readonly until: number };
  /** When it was first found gone, if the last check found it gone. */
  readonly gone_since?: number;
}

/** What AWS answered. */
export type Observation =
  | { readonly state: 'PENDING'; readonly expiresAt?: number }
  | { readonly state: 'ACTIVE' }
  | { readonly state: 'GONE' }
  | { readonly state: 'UNREACHABLE' };

/** AWS's documents disagree (7 days, two weeks); what the API reports wins, this is the fallback. */
const PENDING_EXPIRES_AFTER = 7 * DAY;

const GONE = { confirmedAfter: MINUTE, notWithinOfCreation: 5 * MINUTE };

/**
 * When the tracker asks again. It runs once a minute; a few seconds make a source due in every round, also the one that
 * comes right after it was created. PENDING is dense, because activation has to release what is held within one round;
 * so is whatever is not settled.
 */
const EVERY_ROUND = 5 * SECOND;
const CHECK_AFTER = { PENDING: EVERY_ROUND, ACTIVE: 5 * MINUTE } as const;

/** A status that is older is checked when somebody reads it. */
const STALE_AFTER = MINUTE;

export const newSource = (name: string, arn: string, now: number): EventSource => ({
  name,
  arn,
  state: 'PENDING',
  reachable: true,
  since: now,
  checked_at: now,
  created: now,
  expires_at: now + PENDING_EXPIRES_AFTER,
});

/** The source after an observation, which AWS was asked for at `askedAt`. */
export function observed(source: EventSource, observation: Observation, now: number, askedAt = now): EventSource {
  const { gone_since, ...seen } = { ...source, checked_at: now };
  switch (observation.state) {
    case 'UNREACHABLE':
      return { ...source, checked_at: now, reachable: false };
    case 'GONE':
      return foundGone(source, now);
    case 'PENDING': {
      const entered = source.state !== 'PENDING';
      const expires_at = observation.expiresAt ?? (entered ? now + PENDING_EXPIRES_AFTER : source.expires_at);
      const pending = { ...seen, reachable: true, state: 'PENDING', expires_at } as const;
      return source.state === 'ACTIVE' ? { ...pending, since: now, fallback: fallbackOf(source, now) } : pending;
    }
    case 'ACTIVE': {
      const { expires_at, ...active } = seen;
      const since = source.state === 'ACTIVE' ? source.since : now;
      // While a range is still to be returned, no confirmation makes anything firm.
      const active_at = source.fallback ? source.active_at : askedAt;
      return { ...active, reachable: true, state: 'ACTIVE', since, active_at };
    }
  }
}

/** A fallback while an earlier one is still open makes that one longer. */
const fallbackOf = ({ fallback, active_at, since }: EventSource, now: number) => ({
  from: fallback?.from ?? active_at ?? since,
  until: now,
});

/** Whether deliveries wait for the source. */
export const holds = ({ state, fallback }: EventSource): boolean =>
  state === 'PENDING' || (state === 'ACTIVE' && fallback !== undefined);

function foundGone(source: EventSource, now: number): EventSource {
  if (now - source.created < GONE.notWithinOfCreation) return { ...source, reachable: true, checked_at: now };
  const gone_since = source.gone_since ?? now;
  const confirmed = now - gone_since >= GONE.confirmedAfter;
  const seen = { ...source, reachable: true, checked_at: now, gone_since };
  return confirmed ? { ...seen, state: 'DELETED', since: now } : seen;
}

export const statusOf = (source: EventSource): SourceStatus => {
  if (source.state === 'DELETED') return 'deleted';
  if (!source.reachable) return 'unknown';
  return source.state === 'ACTIVE' ? 'active' : 'pending';
};

/** When to ask AWS again; undefined when there is nothing left to ask. */
export function nextCheck(source: EventSource, now: number): number | undefined {
  if (source.state === 'DELETED') return undefined;
  const unsettled = !source.reachable || source.gone_since !== undefined;
  return now + (unsettled ? EVERY_ROUND : CHECK_AFTER[source.state]);
}

/** A status so old that a reader is better served by a check. */
export const isStale = (source: EventSource, now: number): boolean =>
  source.state !== 'DELETED' && now - source.checked_at >= STALE_AFTER;
