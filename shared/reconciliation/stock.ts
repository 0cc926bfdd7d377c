import type { Destination } from '../destinations/destination.ts';
import { scanDestinations } from '../destinations/store.ts';
import { countOpenBreakers } from '../health/store.ts';
import type { Gauge } from '../metrics.ts';
import { type SourceStatus, statusOf } from '../sources/source.ts';

const BY_STATUS: Readonly<Partial<Record<SourceStatus, Gauge>>> = {
  pending: 'sources_pending',
  active: 'sources_active',
  unknown: 'sources_unreachable',
};

/** What there is at this moment, by the states that an operator asks for: two scans of the small table, once a day. */
export async function takeStock(): Promise<Record<Gauge, number>> {
  const stock = { sources_pending: 0, sources_active: 0, sources_unreachable: 0, breakers_open: 0 };
  for await (const destination of scanDestinations()) {
    const gauge = gaugeOf(destination);
    if (gauge) stock[gauge] += 1;
  }
  return { ...stock, breakers_open: await countOpenBreakers() };
}

const gaugeOf = (destination: Destination): Gauge | undefined =>
  destination.type === 'amazon_eventbridge' && destination.lifecycle === 'ready'
    ? BY_STATUS[statusOf(destination.source)]
    : undefined;
