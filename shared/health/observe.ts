import { announceRelease, requestRelease } from '../deliveries/release-message.ts';
import { ensureWakeUp } from '../deliveries/slot.ts';
import type { Destination } from '../destinations/destination.ts';
import { logger, publishCounts } from '../telemetry.ts';
import { type Health, isOutdated, observed, type Seen } from './health.ts';
import { findHealth, recordHealth } from './store.ts';

const MAX_TRIES = 5;

/**
 * Records what a batch saw of a destination, once; see the order of writes in health.ts. Returns the health after it: as it
 * was when that could not be recorded, because no delivery may hang on the breaker.
 */
export async function observe(destination: Destination, before: Health, seen: Seen): Promise<Health> {
  try {
    return await recordSeen(destination, before, seen);
  } catch (error) {
    logger.error('The health of a destination could not be recorded', {
      destination: destination.id,
      error: error as Error,
    });
    return before;
  }
}

async function recordSeen(destination: Destination, found: Health, seen: Seen): Promise<Health> {
  let before = found;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const after = observed(destination.id, before, seen, Date.now());
    if (!after) return before;
    if (await changeHealth(destination, before, after)) return after;
    before = await findHealth(destination);
    if (isOutdated(found, before)) return before;
  }
  return before;
}

/** Writes a health with what has to come before and after it. False when there is another by now. */
export async function changeHealth(
  destination: Destination,
  before: Health,
  after: Health,
  { announcedSeconds }: { readonly announcedSeconds?: number } = {},
): Promise<boolean> {
  const opens = after.state === 'open' && before.state !== 'open';
  const releases = before.state === 'open' && after.state !== 'open';
  const { probe_at } = after;
  if (probe_at !== undefined && probe_at !== before.probe_at) await ensureWakeUp(destination, probe_at);
  if (releases) await announceRelease(destination, announcedSeconds);
  const recorded = await recordHealth(destination, before, after);
  if (recorded && releases) await requestRelease(destination);
  if (recorded && (opens || releases)) {
    logTransition(destination, before, after);
    publishCounts({ breaker_opened: Number(opens), breaker_closed: Number(releases) });
  }
  return recorded;
}

function logTransition({ id, account, livemode }: Destination, before: Health, after: Health): void {
  logger.warn(`The circuit breaker of a destination is ${after.state}`, {
    destination: id,
    account,
    livemode,
    from: before.state,
    failures: after.failures,
    timeouts: after.timeouts,
    next_probe: after.probe_at === undefined ? null : new Date(after.probe_at).toISOString(),
  });
}
