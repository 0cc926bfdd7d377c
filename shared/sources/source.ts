import { DAY, MINUTE } from '../time.ts';

/**
 * A partner event source through its life, as we know it. Its name is its destination's id and never used twice.
 *
 *   status     what it means                                             what is done with deliveries
 *   creating   the record is written, AWS may not have it yet            there are none: the destination does not exist yet
 *   pending    AWS has it; no event bus is associated with it            held: AWS answers success to a put, and drops it
 *   active     associated with an event bus of the customer's            put
 *   deleted    AWS has it no more                                        canceled, and the destination is disabled
 *   unknown    AWS could not be asked last time                          as before: nothing else is known to have changed
 *
 *   creating --AWS created it-->                                   pending   (created)
 *   creating --AWS refused, or we died and the customer gave up--> (no destination, no source)
 *   pending  --the customer associates a bus-->                    active    (associated)
 *   active   --the customer deletes the bus, or deactivates-->     pending   (event_bus_lost), with `fallback`: what was put
 *                                                                            since ACTIVE was last confirmed is returned
 *   pending  --not associated until `expires_at`-->                deleted   (expired)
 *   pending, active --AWS has it no more-->                        deleted   (deleted)
 *   pending, active --AWS answers errors-->                        unknown   (unreachable)
 *   unknown  --AWS answers as before-->                            pending, active   (reachable)
 *   unknown  --AWS answers something else-->                       as from what it was before
 *
 * `state` is the last state that AWS confirmed; `reachable: false` makes it `unknown`, and changes nothing else: a Region
 * that answers errors must not stop deliveries.
 *
 * `deleted` is final and only entered when the source was found gone twice, a minute apart, and not within five minutes of
 * its creation: EventBridge is eventually consistent, and a wrong `deleted` would disable a customer's destination.
 */
export type SourceState = 'CREATING' | 'PENDING' | 'ACTIVE' | 'DELETED';

/** As Stripe shows it: `aws_event_source_status`. */
export type SourceStatus = 'pending' | 'active' | 'deleted' | 'unknown';

type Cause =
  | 'requested'
  | 'created'
  | 'associated'
  | 'event_bus_lost'
  | 'expired'
  | 'deleted'
  | 'unreachable'
  | 'reachable';

/** A change of the status, with the time at which it was seen. */
export interface StatusChange {
  readonly status: SourceStatus | 'creating';
  /** ms. */
  readonly at: number;
  readonly cause: Cause;
}

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
  /** The last changes of its status, oldest first. In the record itself: a change and its entry are one write. */
  readonly history: readonly StatusChange[];
}

/** What AWS answered, or what an echo says (see modes/echo.ts). */
export type Observation =
  | { readonly state: 'PENDING'; readonly expiresAt?: number }
  /** `confirmedAt`: what was put before has arrived; without it, the time of the question. */
  | { readonly state: 'ACTIVE'; readonly confirmedAt?: number }
  /** It was active, and gives no sign of life any more. */
  | { readonly state: 'SILENT' }
  | { readonly state: 'GONE' }
  | { readonly state: 'UNREACHABLE' };

/** AWS's documents disagree (7 days, two weeks); what the API reports wins, this is the fallback. */
const PENDING_EXPIRES_AFTER = 7 * DAY;

const GONE = { confirmedAfter: MINUTE, notWithinOfCreation: 5 * MINUTE };

/** So many changes are kept: the record is read with every batch of deliveries, and each costs some forty bytes. */
const KEPT_CHANGES = 20;

export const newSource = (name: string, now: number): EventSource => ({
  name,
  arn: '',
  state: 'CREATING',
  reachable: true,
  since: now,
  checked_at: now,
  created: now,
  history: [{ status: 'creating', at: now, cause: 'requested' }],
});

/** AWS has created it. Its own age counts from here: a repeated or resumed creation can be later than the destination's id. */
export const createdSource = (source: EventSource, arn: string, now: number): EventSource =>
  withHistory(source, {
    ...source,
    arn,
    state: 'PENDING',
    since: now,
    checked_at: now,
    created: now,
    expires_at: now + PENDING_EXPIRES_AFTER,
  });

/** The source after an observation, which AWS was asked for at `askedAt`. */
export const observed = (source: EventSource, observation: Observation, now: number, askedAt = now): EventSource =>
  withHistory(source, seen(source, observation, now, askedAt));

function seen(source: EventSource, observation: Observation, now: number, askedAt: number): EventSource {
  const { gone_since, ...known } = { ...source, checked_at: now };
  switch (observation.state) {
    case 'UNREACHABLE':
      return { ...source, checked_at: now, reachable: false };
    case 'GONE':
      return foundGone(source, now);
    case 'PENDING': {
      const entered = source.state !== 'PENDING';
      const expires_at = observation.expiresAt ?? (entered ? now + PENDING_EXPIRES_AFTER : source.expires_at);
      const pending = { ...known, reachable: true, state: 'PENDING', expires_at } as const;
      return source.state === 'ACTIVE' ? { ...pending, since: now, fallback: fallbackOf(source, now) } : pending;
    }
    case 'SILENT': {
      // Not reachable makes it `unknown`, PENDING has deliveries held.
      const silent = { ...known, reachable: false, state: 'PENDING' } as const;
      return source.state === 'ACTIVE' ? { ...silent, since: now, fallback: fallbackOf(source, now) } : silent;
    }
    case 'ACTIVE': {
      const { expires_at, ...active } = known;
      const since = source.state === 'ACTIVE' ? source.since : now;
      // While a range is still to be returned, no confirmation makes anything firm.
      const active_at = source.fallback ? source.active_at : (observation.confirmedAt ?? askedAt);
      return { ...active, reachable: true, state: 'ACTIVE', since, active_at };
    }
  }
}

/** A fallback while an earlier one is still open makes that one longer. */
const fallbackOf = ({ fallback, active_at, since }: EventSource, now: number) => ({
  from: fallback?.from ?? active_at ?? since,
  until: now,
});

function foundGone(source: EventSource, now: number): EventSource {
  if (now - source.created < GONE.notWithinOfCreation) return { ...source, reachable: true, checked_at: now };
  const gone_since = source.gone_since ?? now;
  const confirmed = now - gone_since >= GONE.confirmedAfter;
  const once = { ...source, reachable: true, checked_at: now, gone_since };
  return confirmed ? { ...once, state: 'DELETED', since: now } : once;
}

/** Whether deliveries wait for the source. */
export const holds = ({ state, fallback }: EventSource): boolean =>
  state === 'CREATING' || state === 'PENDING' || (state === 'ACTIVE' && fallback !== undefined);

/** Its associations, and what ends it, end a wait; the loss of its event bus begins another. */
const WAITS_AFTER: Readonly<Partial<Record<Cause, boolean>>> = {
  requested: true,
  event_bus_lost: true,
  associated: false,
  expired: false,
  deleted: false,
};

/** When deliveries waited for the source, ms, as far back as its history goes; without an end they still do. */
export function waitsFor({ history }: EventSource): { readonly from: number; readonly until?: number }[] {
  const waits: { from: number; until?: number }[] = [];
  for (const { at, cause } of history) {
    const last = waits.at(-1);
    const waiting = last !== undefined && last.until === undefined;
    if (WAITS_AFTER[cause] === true && !waiting) waits.push({ from: at });
    if (WAITS_AFTER[cause] === false && waiting) last.until = at;
  }
  return waits;
}

export const statusOf = (source: EventSource): SourceStatus => {
  if (source.state === 'DELETED') return 'deleted';
  if (!source.reachable) return 'unknown';
  return source.state === 'ACTIVE' ? 'active' : 'pending';
};

function withHistory(before: EventSource, after: EventSource): EventSource {
  const status = statusOf(after);
  if (status === statusOf(before) && before.state === after.state) return after;
  const change = { status, at: after.checked_at, cause: causeOf(before, after) };
  return { ...after, history: [...before.history, change].slice(-KEPT_CHANGES) };
}

function causeOf(before: EventSource, after: EventSource): Cause {
  if (before.state === after.state) return after.reachable ? 'reachable' : 'unreachable';
  switch (after.state) {
    case 'ACTIVE':
      return 'associated';
    case 'DELETED':
      return hasExpired(before, after) ? 'expired' : 'deleted';
    default:
      return before.state === 'ACTIVE' ? 'event_bus_lost' : 'created';
  }
}

/** It was found gone after it was to expire. */
const hasExpired = ({ state, expires_at }: EventSource, { gone_since }: EventSource): boolean =>
  state === 'PENDING' && expires_at !== undefined && gone_since !== undefined && gone_since >= expires_at;
