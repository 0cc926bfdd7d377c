import { limitRate, MAX_RATE_LIMIT } from '../../shared/destinations/rate-limit.ts';
import { spreadDeliveries } from '../../shared/destinations/spread-deliveries.ts';
import {
  countDestinations,
  type PauseScope,
  pauseDelivery,
  resumeDelivery,
} from '../../shared/health/operator-switch.ts';
import { findPauses } from '../../shared/health/pauses.ts';
import { type Commands, destinationOf, type Options, shardsOf, useQueues } from './options.ts';

/** What an operator does about deliveries. */
export const deliveryCommands: Commands = {
  'deliveries pause': async (options) => {
    const scope = pauseScopeOf(options);
    if (scope.scope === 'region') await requireRegion(scope.region);
    await pauseDelivery(scope);
    // None, if it is another Region than was meant.
    return { paused: scope, destinations: await countDestinations(scope) };
  },

  'deliveries resume': async (options) => {
    const scope = pauseScopeOf(options);
    await useQueues(options.stage);
    return { resumed: scope, ...(await resumeDelivery(scope)) };
  },

  'deliveries paused': async () => {
    const { all, regions } = await findPauses();
    return { all, regions };
  },

  'deliveries limit': async (options) => {
    const perSecond = rateOf(options);
    const destination = destinationOf(options);
    await limitRate(destination, perSecond);
    return { destination: destination.id, per_second: perSecond };
  },

  'deliveries spread': async (options) => {
    const destination = destinationOf(options);
    const shards = await spreadDeliveries(destination, shardsOf(options), Date.now());
    return { destination: destination.id, shards };
  },
};

function pauseScopeOf(options: Options): PauseScope {
  const { all, region, destination } = options;
  if ([all, region, destination].filter(Boolean).length !== 1)
    throw new Error('Say what: one of --all, --region <region> and --destination <ed_id> --account <acct_id>');
  if (all) return { scope: 'all' };
  if (region !== undefined) return { scope: 'region', region };
  return { scope: 'destination', destination: destinationOf(options) };
}

/** Null for none. */
function rateOf({ 'per-second': text, unlimited }: Options): number | null {
  if (unlimited === (text !== undefined)) throw new Error('Say one of --per-second <number> and --unlimited');
  if (unlimited) return null;
  const perSecond = Number(text);
  if (perSecond > 0 && perSecond <= MAX_RATE_LIMIT) return perSecond;
  throw new Error(`--per-second must be a number over 0, at most ${MAX_RATE_LIMIT}; 0.1 is one in ten seconds`);
}

/** Of which Region a pause is meant: one that does not exist would hold nothing, and nobody would notice. */
async function requireRegion(region: string): Promise<void> {
  // Loaded here, because only this command needs to know them.
  const { knownRegions } = await import('../../infra/regions.ts');
  if (!knownRegions.includes(region))
    throw new Error(`'${region}' is no AWS Region, nothing was paused: use one of ${knownRegions.join(', ')}`);
}
