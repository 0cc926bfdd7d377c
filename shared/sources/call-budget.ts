import { type Key, registry } from '../aws/table.ts';
import { SECOND } from '../time.ts';

/**
 * Reads of a stale status ask AWS themselves, as long as all of them together stay under two calls a second in a Region:
 * the other part of what tracking may take (schedule.ts). One item a Region counts them; over it, the tracker is asked to.
 */
const WINDOW = 10 * SECOND;
const MOST = 20;

const keyOf = (region: string): Key => ({ pk: 'source-reads', sk: region });

export async function mayAsk(region: string, now: number): Promise<boolean> {
  const names = { '#window': 'window', '#calls': 'calls' };
  const values = { ':window': Math.floor(now / WINDOW), ':one': 1 };
  const counted = await registry().update(
    keyOf(region),
    { expression: 'ADD #calls :one', names, values: { ...values, ':most': MOST } },
    '#window = :window AND #calls < :most',
  );
  if (counted) return true;
  return registry().update(
    keyOf(region),
    { expression: 'SET #window = :window, #calls = :one', names, values },
    'attribute_not_exists(pk) OR #window < :window',
  );
}
