import { planRounds } from '../../shared/sources/message.ts';
import { servesPartnerSources } from '../../shared/sources/modes/index.ts';
import { lanes } from '../../shared/sources/schedule.ts';
import { dueChecks, listRegions, NO_REGION } from '../../shared/sources/store.ts';
import { listSweeps, sweepIsDue } from './sweep.ts';

/** A round for each Region in which something is due; whether it is takes one look into each lane. */
export async function planChecks(now: number): Promise<void> {
  const [regions, sweeps] = await Promise.all([listRegions(), listSweeps()]);
  const due = await Promise.all(
    regions.map(async (region) => {
      const toSweep = servesPartnerSources() && region !== NO_REGION && sweepIsDue(sweeps.get(region), now);
      return toSweep || (await isAnythingDue(region, now)) ? [region] : [];
    }),
  );
  await planRounds(due.flat(), now);
}

async function isAnythingDue(region: string, now: number): Promise<boolean> {
  const first = await Promise.all(lanes.map((lane) => dueChecks(region, lane, now, 1).next()));
  return first.some(({ done }) => !done);
}
