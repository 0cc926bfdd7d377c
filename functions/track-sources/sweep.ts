import { type Item, registry } from '../../shared/aws/table.ts';
import { deleteSource, listSources } from '../../shared/sources/event-bridge-sources.ts';
import { sortOut } from '../../shared/sources/names.ts';
import { logger, publishCounts } from '../../shared/telemetry.ts';
import { DAY, HOUR } from '../../shared/time.ts';

/**
 * Once a day all sources that we have in a Region are listed, a page of a hundred in each round of the tracker (144,000 a
 * day), and those that belong to no destination any more are deleted: AWS may create one after we gave up waiting for it
 * and deleted what there was. What this stage knows nothing of is only counted.
 */
interface Sweep {
  /** ms. */
  readonly began: number;
  /** Where it goes on; without, it is over until the next day. */
  readonly next?: string | undefined;
}

const SWEEPS = 'source-sweeps';
/** What else there is of a page is found the next day: each of them is a call, too. */
const MOST_DELETED = 5;

/** The sweeps of all Regions. */
export async function listSweeps(): Promise<ReadonlyMap<string, Sweep>> {
  const sweeps = new Map<string, Sweep>();
  for await (const item of registry().query({ expression: 'pk = :pk', values: { ':pk': SWEEPS } }))
    sweeps.set(item.sk, toSweep(item));
  return sweeps;
}

const toSweep = ({ began, next }: Item): Sweep => ({
  began: Number(began),
  ...(next !== undefined && { next: String(next) }),
});

export const sweepIsDue = (sweep: Sweep | undefined, now: number): boolean =>
  sweep === undefined || sweep.next !== undefined || now - sweep.began >= DAY;

/** The next page of the Region's sweep, if it is time for one. */
export async function sweepPage(region: string, now: number): Promise<void> {
  const item = await registry().get({ pk: SWEEPS, sk: region });
  const sweep = item && toSweep(item);
  if (!sweepIsDue(sweep, now)) return;
  const began = sweep?.next === undefined ? now : sweep.began;
  const record = (after: Sweep) => registry().put({ pk: SWEEPS, sk: region, ...after });
  try {
    const { names, next } = await listSources(region, sweep?.next);
    await deleteOrphans(region, names);
    await record({ began, next });
  } catch (error) {
    logger.warn('The sources of a Region could not be swept; it is begun anew in an hour', {
      region,
      error: error as Error,
    });
    await record({ began: now - DAY + HOUR });
  }
}

async function deleteOrphans(region: string, names: readonly string[]): Promise<void> {
  const { orphans, unknown } = await sortOut(names);
  const deleted = orphans.slice(0, MOST_DELETED);
  for (const { name, account } of deleted) {
    await deleteSource({ name, account, region });
    logger.warn('An event source that belonged to no destination any more was deleted', { name, account, region });
  }
  if (unknown.length > 0)
    logger.warn('AWS has event sources that this stage knows nothing of; they are left alone', {
      region,
      count: unknown.length,
      first: unknown[0],
    });
  publishCounts({ orphaned_sources: deleted.length, unknown_sources: unknown.length });
}
