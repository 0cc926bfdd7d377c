import { type Key, nameOf, registry } from '../aws/table.ts';
import { type DestinationRef, destinationKey, type EventBridgeDestination } from '../destinations/destination.ts';

/**
 * Whose an event source is, by the id in its name: written before the source is created, and kept for ever. So that of a
 * source that AWS lists it can be said whether it is ours, and whether the destination that it belongs to is still there.
 */
interface Owner extends DestinationRef {
  readonly aws_account_id: string;
}

const keyOf = (id: string): Key => ({ pk: `source-name#${id}`, sk: 'destination' });

export async function recordName({ id, account, livemode, amazon_eventbridge }: EventBridgeDestination): Promise<void> {
  const { aws_account_id } = amazon_eventbridge;
  await registry().put({ ...keyOf(id), id, account, livemode, aws_account_id });
}

export interface Sorted {
  /** Sources of ours whose destination is no more: nothing would ever delete them. */
  readonly orphans: readonly { readonly name: string; readonly account: string }[];
  /** Sources that this stage knows nothing of: another stage's under the same partner name, perhaps. Not ours to delete. */
  readonly unknown: readonly string[];
}

/** Sorts out the names of event sources that AWS lists. Reads strongly: a destination's record is older than its source. */
export async function sortOut(names: readonly string[]): Promise<Sorted> {
  const idOf = (name: string) => name.split('/').at(-1) ?? '';
  const items = await registry().getAll(names.map((name) => keyOf(idOf(name))));
  const owners = new Map(
    items.map((item): [string, Owner] => [
      String(item.id),
      {
        id: String(item.id),
        account: String(item.account),
        livemode: item.livemode === true,
        aws_account_id: String(item.aws_account_id),
      },
    ]),
  );
  const records = await registry().getAll([...owners.values()].map(destinationKey));
  const existing = new Set(records.map(nameOf));
  return {
    orphans: names.flatMap((name) => {
      const owner = owners.get(idOf(name));
      return owner && !existing.has(nameOf(destinationKey(owner))) ? [{ name, account: owner.aws_account_id }] : [];
    }),
    unknown: names.filter((name) => !owners.has(idOf(name))),
  };
}
