import { announceRelease, LONG_ANNOUNCED_SECONDS, requestRelease } from '../deliveries/release-message.ts';
import { forgetHealth } from '../health/forget.ts';
import type { Health } from '../health/health.ts';
import { type Pause, pausedBetween } from '../health/pauses.ts';
import { logger } from '../telemetry.ts';
import { DAY, isoTime } from '../time.ts';
import { disabledAnnouncement } from './announcement.ts';
import type { Destination, ToldFailing } from './destination.ts';
import { changeDestination } from './store.ts';

/**
 * A destination at which every attempt has failed for days. Each round of the circuit breaker's probes, at least every four
 * hours while there is something to probe with, looks at since when:
 *
 *   well, or not for long  --three days-->  its account is told: `v2.core.event_destination.failing`, once for each run
 *   told                   --the deployment's `disableFailingAfterDays`, and a day since it was told-->  disabled
 *
 * Telling is one conditional write of the destination, with its announcement in it (announcement.ts), which the tracker
 * sends. Disabling is that, too, after the release of what is held was announced. So whoever dies does it again or finds it
 * done, and what comes after the write (the health, the release at once) is made good by enabling and by the announced one.
 */
const TOLD_AFTER = 3 * DAY;
/** Nobody is disabled without a warning. */
const NOTICE = DAY;

export type FailingStep = 'tell' | 'disable';

/** Of a run of failures, ms. */
interface Terms {
  /** Undefined where the deployment disables nothing. */
  readonly disableAfter: number | undefined;
  /** How much of it was paused, or waited for the source: nothing was attempted then, which says nothing of the receiver. */
  readonly paused: number;
}

/** When the destination is disabled if nothing succeeds, and nothing is paused, until then, ms; undefined for never. */
export const disablesAt = ({ since, at }: ToldFailing, { disableAfter, paused }: Terms): number | undefined =>
  disableAfter === undefined ? undefined : Math.max(since + paused + disableAfter, at + NOTICE);

/** What is due of a run of failures. */
export function failingStep(
  { failing_since: since }: Pick<Health, 'failing_since'>,
  told: ToldFailing | undefined,
  terms: Terms,
  now: number,
): FailingStep | undefined {
  if (since === undefined || now - since - terms.paused < TOLD_AFTER) return undefined;
  if (told?.since !== since) return 'tell';
  return now >= (disablesAt(told, terms) ?? Number.POSITIVE_INFINITY) ? 'disable' : undefined;
}

/** Does what is due. Returns whether the destination is disabled by it. Safe to repeat. */
export async function seeToFailing(
  destination: Destination,
  health: Health,
  { now, pauses }: { readonly now: number; readonly pauses: readonly Pause[] },
): Promise<boolean> {
  const terms = { disableAfter: disableAfterMs(), paused: pausedBetween(pauses, health.failing_since ?? now, now) };
  const step = failingStep(health, destination.told_failing, terms, now);
  if (step === undefined || health.failing_since === undefined) return false;
  const told: ToldFailing = { since: health.failing_since, at: now };
  if (step === 'tell') await tell(destination, told, terms);
  else await disable(destination, told);
  logger.warn(`A destination has failed for days: ${step}`, {
    destination: destination.id,
    account: destination.account,
    livemode: destination.livemode,
    failing_since: isoTime(told.since),
  });
  return step === 'disable';
}

/** Days; unset where nothing is disabled. */
function disableAfterMs(): number | undefined {
  const days = process.env.DISABLE_FAILING_AFTER_DAYS;
  return days === undefined ? undefined : Number(days) * DAY;
}

async function tell(destination: Destination, told: ToldFailing, terms: Terms): Promise<void> {
  const disables = disablesAt(told, terms);
  const data = {
    status: 'enabled',
    failing_since: isoTime(told.since),
    will_be_disabled: disables === undefined ? null : isoTime(disables),
  };
  const condition = {
    expression: '#status = :enabled AND (attribute_not_exists(#told_failing) OR #told_failing.#since <> :since)',
    names: { '#since': 'since', '#status': 'status' },
    values: { ':enabled': 'enabled', ':since': told.since },
  };
  const announcement = { name: 'failing', at: told.at, data } as const;
  await changeDestination(destination, { set: { told_failing: told }, condition, announcement }, told.at);
}

/** `user`: of Stripe's reasons the one that says nothing false about AWS, and after which it can be enabled again. */
async function disable(destination: Destination, { since, at }: ToldFailing): Promise<void> {
  await announceRelease(destination, LONG_ANNOUNCED_SECONDS);
  const announcement = disabledAnnouncement('user', at, { cause: 'failing', failing_since: isoTime(since) });
  const condition = { expression: '#status = :enabled', values: { ':enabled': 'enabled' } };
  await changeDestination(
    destination,
    { set: { status: 'disabled', disabled_reason: 'user' }, condition, announcement },
    at,
  );
  await forgetHealth(destination);
  await requestRelease(destination);
}
