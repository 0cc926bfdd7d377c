import { accountPartition } from '../accounts/account.ts';
import { ABSENT, type Expression, type Item, type Key, recordOf, registry, scanRegistry } from '../aws/table.ts';
import type { DestinationRef } from '../destinations/destination.ts';
import { type Health, WELL } from './health.ts';

/** Outside of what dispatch reads with the account: health changes nothing about who is subscribed. */
export const healthKey = ({ id, account, livemode }: DestinationRef): Key => ({
  pk: accountPartition(account, livemode),
  sk: `health#${id}`,
});

export const toHealth = (item: Item | undefined): Health => (item ? recordOf(item) : WELL);

export const findHealth = async (ref: DestinationRef): Promise<Health> =>
  toHealth(await registry().get(healthKey(ref)));

/** Records a health on condition of the revision that it was decided from. False when there is another by now. */
export function recordHealth(ref: DestinationRef, before: Health, after: Health): Promise<boolean> {
  const condition: Expression =
    before.revision === 0 ? ABSENT : { expression: 'revision = :seen', values: { ':seen': before.revision } };
  return registry().put({ ...healthKey(ref), ...after }, condition);
}

/** How many breakers are not closed, by a scan: for what is done once a day. */
export async function countOpenBreakers(): Promise<number> {
  let count = 0;
  const notClosed = scanRegistry({
    expression: 'begins_with(sk, :health) AND #state <> :closed',
    names: { '#state': 'state' },
    values: { ':health': 'health#', ':closed': 'closed' },
  });
  for await (const _ of notClosed) count += 1;
  return count;
}

/** With its destination. */
export async function deleteHealth(ref: DestinationRef): Promise<void> {
  await registry().delete(healthKey(ref));
}
