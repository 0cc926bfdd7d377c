import { DAY, HOUR, MINUTE, SECOND } from '../../time.ts';
import type { Observation } from '../source.ts';

/**
 * Whether what is put on a customer's event bus arrives: a probe with a token is put there like any event, and a rule of
 * the customer's sends the token back.
 *
 *   (nothing came back yet)  pending   a probe every minute
 *   --a token comes back-->  active    until a day after that probe was sent; then a probe every minute
 *   --none for an hour-->    silent    `unknown`, and held: what was put since the last confirmed probe is returned
 *   --a token comes back-->  active
 *
 * A token is good once, for its own destination, for ten minutes; its hash alone is kept.
 */
export const ECHO_TYPE = 'event_destination.echo';

const CONFIRMED_FOR = DAY;
const SILENT_AFTER = HOUR;
/** The tracker's rounds are a minute apart, give or take seconds. */
const PROBES_APART = MINUTE - 10 * SECOND;
const TOKEN_VALID_FOR = 10 * MINUTE;

export interface Probe {
  /** SHA-256 of the token. */
  readonly hash: string;
  readonly sent_at: number;
}

export interface Echo {
  readonly revision: number;
  /** Those that can still come back, oldest first. */
  readonly probes: readonly Probe[];
  /** When the first was sent after the last that came back. */
  readonly unanswered_since?: number;
  /** When the newest one that came back was sent: what was put before has arrived. */
  readonly confirmed_at?: number;
}

const NONE: Echo = { revision: 0, probes: [] };

const isConfirmed = ({ confirmed_at }: Echo, now: number): boolean =>
  confirmed_at !== undefined && now - confirmed_at < CONFIRMED_FOR;

export function probeIsDue(echo: Echo = NONE, now: number): boolean {
  const last = echo.probes.at(-1)?.sent_at ?? Number.NEGATIVE_INFINITY;
  return !isConfirmed(echo, now) && now - last >= PROBES_APART;
}

const valid = (probes: readonly Probe[], now: number) =>
  probes.filter(({ sent_at }) => now - sent_at < TOKEN_VALID_FOR);

export const withProbe = (echo: Echo = NONE, hash: string, now: number): Echo => ({
  ...echo,
  revision: echo.revision + 1,
  probes: [...valid(echo.probes, now), { hash, sent_at: now }],
  unanswered_since: echo.unanswered_since ?? now,
});

/** The probe never left us: nobody is late with an answer to it. */
export const withoutProbe = (before: Echo = NONE, { revision }: Echo): Echo => ({ ...before, revision: revision + 1 });

/** A token came back. Undefined when it is none of this destination's, was used, or is too old. */
export function confirmedBy(echo: Echo, hash: string, now: number): Echo | undefined {
  const probe = valid(echo.probes, now).find((one) => one.hash === hash);
  if (!probe) return undefined;
  // Older ones say nothing that this one does not.
  const probes = echo.probes.filter(({ sent_at }) => sent_at > probe.sent_at);
  const { unanswered_since, ...rest } = echo;
  return { ...rest, revision: echo.revision + 1, probes, confirmed_at: probe.sent_at };
}

export function observationOf(echo: Echo = NONE, now: number): Observation {
  const { confirmed_at, unanswered_since } = echo;
  if (confirmed_at === undefined) return { state: 'PENDING' };
  const silent = unanswered_since !== undefined && now - unanswered_since >= SILENT_AFTER;
  return silent ? { state: 'SILENT' } : { state: 'ACTIVE', confirmedAt: confirmed_at };
}
