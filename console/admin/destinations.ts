import type { DestinationRef } from '../../shared/destinations/destination.ts';
import { loadAccount } from '../../shared/destinations/store.ts';
import { isSlow } from '../../shared/health/health.ts';
import { findStanding, type Standing } from '../../shared/health/standing.ts';
import { isoTime } from '../../shared/time.ts';
import { accountOf, type Commands, dated, destinationOf, isLive } from './options.ts';

/** What an operator sees of event destinations that their customer does not. */
export const destinationCommands: Commands = {
  'destinations list': async (options) => {
    const { id } = await accountOf(options);
    const { destinations } = await loadAccount(id, isLive(options));
    return destinations.map(({ id, type, name, status, created }) => dated({ id, type, name, status, created }));
  },

  'destinations show': async (options) => {
    const ref = destinationOf({ ...options, destination: options.argument });
    return shown(ref, await findStanding(ref));
  },
};

function shown({ id }: DestinationRef, { destination, health, paused }: Standing) {
  if (!destination) throw new Error(`There is no event destination ${id} in that account and mode`);
  const { type, name, status, disabled_reason, delivery_shards, rate_limit = null, created } = destination;
  return {
    ...dated({ id, type, name, status, disabled_reason, created }),
    ...(destination.type === 'amazon_eventbridge' && {
      event_source: {
        name: destination.source.name,
        region: destination.amazon_eventbridge.aws_region,
        state: destination.source.state,
      },
    }),
    // By whichever switch: its own, its Region's or that of all.
    paused,
    per_second: rate_limit,
    shards: delivery_shards,
    circuit_breaker: {
      state: health.state,
      failing_since: instant(health.failing_since),
      opened: instant(health.opened),
      next_probe: instant(health.probe_at),
    },
    slow: isSlow(health),
  };
}

const instant = (at: number | undefined): string | null => (at === undefined ? null : isoTime(at));
