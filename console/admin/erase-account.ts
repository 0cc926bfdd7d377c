import { ACCOUNT_SORT_KEY, accountPartition } from '../../shared/accounts/account.ts';
import { type Item, ledger, registry, scanLedger } from '../../shared/aws/table.ts';
import { type Destination, toDestination } from '../../shared/destinations/destination.ts';
import { deleteDestination, resume } from '../../shared/destinations/lifecycle.ts';
import { markDeleting } from '../../shared/destinations/store.ts';
import { isoTime } from '../../shared/time.ts';

/**
 * Erases everything that the service keeps of an account, in an order in which it can stop anywhere and be begun again:
 *
 *   1. the erasure's own record, with the ids of the account's destinations, by which the rest is found
 *   2. its keys: nobody can ask for anything any more
 *   3. its destinations, by the saga of their deletion: event sources go, what is held ends
 *   4. whatever else the Registry has of it, the account's own record last: from there on its events are rejected
 *   5. the Ledger, by a scan: every partition begins with the id of its account, or of its destination
 *
 * What was on its way in a queue meanwhile is written after that: a second run finds it by the erasure's record.
 */
export interface Erasure {
  readonly account: string;
  /** False for a look only. */
  readonly erased: boolean;
  /** How many items there were of each kind. */
  readonly registry: Counts;
  readonly ledger: Counts;
  readonly next: string;
}
type Counts = Record<string, number>;

const AGAIN =
  'Run it once more in an hour: what was on its way in a queue has been written by then. It is done when it finds nothing.';

/** Counts, and nothing else. */
export async function surveyAccount(account: string): Promise<Erasure> {
  const owned = await findOwned(account);
  const counts = await eachOfLedger(owned, async () => {});
  return {
    account,
    erased: false,
    registry: countBy(owned.items, kindInRegistry),
    ledger: counts,
    next: `Nothing was erased. To erase all of this, which nobody can undo, add: --confirm ${account}`,
  };
}

export async function eraseAccount(account: string): Promise<Erasure> {
  const owned = await findOwned(account);
  await record(owned);
  const table = registry();
  for (const item of owned.items.filter(isKey)) await deleteKey(item);
  for (const item of owned.items.filter(isDestination)) await end(toDestination(item));
  // The deletion of destinations has left tombstones, and a request that was under way perhaps something else.
  const left = (await findOwned(account)).items.toSorted(accountLast);
  for (const item of left) await (isKey(item) ? deleteKey(item) : table.delete(item));
  const counts = await eachOfLedger(owned, (item) => ledger().delete(item));
  await record(owned, Date.now());
  return { account, erased: true, registry: countBy(owned.items, kindInRegistry), ledger: counts, next: AGAIN };
}

interface Owned {
  readonly account: string;
  readonly destinations: readonly string[];
  /** In the Registry. */
  readonly items: readonly Item[];
}

const erasureKey = (account: string) => ({ pk: 'erasures', sk: account });

/** What the Registry has of the account in both modes. Throws when there is none, and never was one that is being erased. */
async function findOwned(account: string): Promise<Owned> {
  const items: Item[] = [];
  for (const livemode of [true, false]) items.push(...(await itemsOf(accountPartition(account, livemode))));
  const before = await registry().get(erasureKey(account));
  if (items.length === 0 && !before) throw new Error(`There is no account ${account}`);
  const known = (before?.destinations ?? []) as readonly string[];
  const destinations = [...new Set([...known, ...items.flatMap(({ sk }) => DESTINATION.exec(sk)?.slice(1) ?? [])])];
  for (const id of destinations) for (const place of BESIDE) items.push(...(await itemsOf(`${place}#${id}`)));
  return { account, destinations, items };
}

/** A destination's record, its tombstone and its health name it. */
const DESTINATION = /^(?:tombstone#|health#)?(ed_\w+)$/;
/** Partitions of the Registry that a destination has beside its account's. */
const BESIDE = ['echo', 'source-name'] as const;

async function itemsOf(partition: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of registry().query({ expression: 'pk = :pk', values: { ':pk': partition } })) items.push(item);
  return items;
}

/** What stays: that, and when, an account of this id was erased. */
async function record({ account, destinations }: Owned, finished?: number): Promise<void> {
  await registry().put({ ...erasureKey(account), destinations, ...(finished && { finished: isoTime(finished) }) });
}

const isKey = ({ sk }: Item): boolean => sk.startsWith('key#');
const isDestination = ({ sk }: Item): boolean => sk.startsWith('ed_');
const accountLast = (a: Item, b: Item): number => Number(a.sk === ACCOUNT_SORT_KEY) - Number(b.sk === ACCOUNT_SORT_KEY);

/** What authenticates first, then its entry in the list, by which it would be found again. */
async function deleteKey(item: Item): Promise<void> {
  await registry().delete({ pk: String(item.hash), sk: 'key' });
  await registry().delete(item);
}

/** One that is half made is not finished, as the tracker would do, but undone. */
async function end(destination: Destination): Promise<void> {
  if (destination.lifecycle === 'ready') return deleteDestination(destination);
  if (destination.lifecycle === 'creating') await markDeleting(destination, 'creating', Date.now());
  await resume({ ...destination, lifecycle: 'deleting' });
}

const SCAN = { segments: 8, deletesAtOnce: 25 } as const;

/** Each item of the Ledger that is the account's; how many of each kind. */
async function eachOfLedger(owned: Owned, work: (item: Item) => Promise<unknown>): Promise<Counts> {
  const counts: Counts = {};
  const owners = new Set([owned.account, ...owned.destinations]);
  const segment = async (number: number) => {
    let chunk: Item[] = [];
    for await (const item of scanLedger(['body'], { number, of: SCAN.segments })) {
      const kind = kindInLedger(item, owners, owned.account);
      if (kind === undefined) continue;
      counts[kind] = (counts[kind] ?? 0) + 1;
      chunk.push(item);
      if (chunk.length < SCAN.deletesAtOnce) continue;
      await Promise.all(chunk.map(work));
      chunk = [];
    }
    await Promise.all(chunk.map(work));
  };
  await Promise.all(Array.from({ length: SCAN.segments }, (_, number) => segment(number)));
  return counts;
}

/** Kept for the operator, of whatever account: those that name the account. */
const MESSAGES = new Set(['rejected', 'parked-letters']);

/** `events`, `deliveries`, `attempts`, `held`, ...; undefined of what is somebody else's. */
function kindInLedger({ pk, body }: Item, owners: ReadonlySet<string>, account: string): string | undefined {
  const segments = pk.split('#');
  const [owner = ''] = segments;
  if (MESSAGES.has(owner)) return namesAccount(body, account) ? owner : undefined;
  if (!owners.has(owner)) return undefined;
  return owner === account ? segments[2] : segments[1];
}

/** A publication, a bus's event or a delivery message. What cannot be read is nobody's. */
function namesAccount(body: unknown, account: string): boolean {
  try {
    const message = JSON.parse(String(body));
    return [message?.account, message?.owner, message?.detail?.account].includes(account);
  } catch {
    return false;
  }
}

function kindInRegistry({ pk, sk }: Item): string {
  if (BESIDE.some((place) => pk.startsWith(`${place}#`))) return pk.split('#')[0] ?? '';
  return isDestination({ pk, sk }) ? 'event_destinations' : (sk.split('#')[0] ?? '');
}

function countBy(items: readonly Item[], kindOf: (item: Item) => string): Counts {
  return Object.fromEntries([...Map.groupBy(items, kindOf)].map(([kind, of]) => [kind, of.length]));
}
