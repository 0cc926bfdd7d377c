import { isRecord } from '../../local/fields.ts';

/**
 * The key attributes of the tables' indexes (KEYS_ONLY): an item is in an index while it has them. Read from the
 * templates, so that an index that is added is counted.
 */
export type Indexes = ReadonlyMap<string, readonly (readonly string[])[]>;

interface Units {
  readonly writes: number;
  readonly reads: number;
}

/** What is added to a request so that its answer says what it took; the caller never sees it. */
export function asked(operation: string, input: Record<string, unknown>): Record<string, unknown> {
  const replaces = (operation === 'PutItem' || operation === 'DeleteItem') && input.ReturnValues === undefined;
  return { ...input, ReturnConsumedCapacity: 'TOTAL', ...(replaces && { ReturnValues: 'ALL_OLD' }) };
}

/**
 * Units of an operation: a write unit is 1 KB of the larger of the item before and after, a strong read unit 4 KB. dynalite
 * counts the table; what the indexes take is counted here.
 */
export function unitsOf(operation: string, input: Record<string, unknown>, output: unknown, indexes: Indexes): Units {
  const table = consumed(output);
  if (!WRITES.has(operation)) return { writes: 0, reads: table };
  const before = isRecord(output) && isRecord(output.Attributes) ? output.Attributes : undefined;
  return { writes: table + indexWrites(operation, input, before, indexes), reads: 0 };
}

/** A write whose condition did not hold costs what it would have written; a failed read costs nothing. */
export function unitsOfRefused(operation: string, input: Record<string, unknown>): Units {
  if (!WRITES.has(operation)) return { writes: 0, reads: 0 };
  const bytes = isRecord(input.Item) ? Buffer.byteLength(JSON.stringify(input.Item)) : 0;
  return { writes: Math.max(1, Math.ceil(bytes / 1024)), reads: 0 };
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

function consumed(output: unknown): number {
  const capacity = isRecord(output) ? output.ConsumedCapacity : undefined;
  const each: unknown[] = Array.isArray(capacity) ? capacity : [capacity];
  return each.reduce<number>((sum, one) => sum + (isRecord(one) ? Number(one.CapacityUnits ?? 0) : 0), 0);
}

/** An entry that appears or goes is one write, one whose keys change is two, one that stays as it is none. */
function indexWrites(
  operation: string,
  input: Record<string, unknown>,
  before: Record<string, unknown> | undefined,
  indexes: Indexes,
): number {
  return (indexes.get(String(input.TableName)) ?? []).reduce((sum, keys) => {
    if (operation === 'UpdateItem') return sum + updateWrites(input, keys);
    const [old, now] = [entryOf(before, keys), entryOf(isRecord(input.Item) ? input.Item : undefined, keys)];
    if (old === now) return sum;
    return sum + (old === undefined ? 0 : 1) + (now === undefined ? 0 : 1);
  }, 0);
}

const entryOf = (item: Record<string, unknown> | undefined, keys: readonly string[]): string | undefined =>
  item && keys.every((key) => item[key] !== undefined) ? JSON.stringify(keys.map((key) => item[key])) : undefined;

/** An update does not say what was there: a key that is set is counted as one that changes. */
function updateWrites(input: Record<string, unknown>, keys: readonly string[]): number {
  const [sets = '', removes = ''] = String(input.UpdateExpression).split(/\bREMOVE\b/);
  const names = isRecord(input.ExpressionAttributeNames) ? input.ExpressionAttributeNames : {};
  const mentions = (text: string) =>
    keys.some((key) => text.split(/[\s,=]+/).some((word) => word === key || names[word] === key));
  return mentions(sets) ? 2 : mentions(removes) ? 1 : 0;
}
