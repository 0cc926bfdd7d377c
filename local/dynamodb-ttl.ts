import { isRecord } from './fields.ts';

type Call = (operation: string, input: unknown) => Promise<unknown>;

interface WatchedTable {
  readonly attribute: string;
  readonly keys: readonly string[];
  /** No item of the table expires before this second, so that a sweep that would find nothing is spared. */
  earliest: number;
}

/**
 * DynamoDB's time to live: deletes items whose attribute lies in the past. Every write is looked at for the earliest
 * second at which something could expire, because reading whole tables every hour would make days of virtual time slow.
 */
export class TtlSweep {
  readonly #call: Call;
  readonly #somethingMayBeDue: boolean;
  readonly #tables = new Map<string, WatchedTable>();

  constructor(call: Call, options: { somethingMayBeDue: boolean }) {
    this.#call = call;
    this.#somethingMayBeDue = options.somethingMayBeDue;
  }

  watch(table: string, attribute: string, keySchema: unknown): void {
    const keys = (Array.isArray(keySchema) ? keySchema : []).map((key) =>
      String(isRecord(key) ? key.AttributeName : key),
    );
    const earliest = this.#somethingMayBeDue ? 0 : Number.POSITIVE_INFINITY;
    this.#tables.set(table, { attribute, keys, earliest });
  }

  observe(operation: string, input: unknown): void {
    if (!isRecord(input)) return;
    if (operation === 'PutItem')
      this.#lower(input.TableName, ttlOf(input.Item, this.#tables.get(String(input.TableName))));
    // Which of the values becomes the attribute would take the expression's parser; the least of them is early enough.
    else if (operation === 'UpdateItem') this.#lower(input.TableName, leastNumber(input.ExpressionAttributeValues));
    else if (operation === 'BatchWriteItem')
      for (const table of Object.keys(input.RequestItems ?? {})) this.#lower(table, 0);
  }

  async sweep(now: number): Promise<void> {
    const second = Math.floor(now / 1000);
    for (const [name, table] of this.#tables) if (table.earliest <= second) await this.#sweepTable(name, table, second);
  }

  async #sweepTable(name: string, table: WatchedTable, second: number): Promise<void> {
    table.earliest = Number.POSITIVE_INFINITY;
    const names = Object.fromEntries(
      [...table.keys, table.attribute].map((attribute, index) => [`#a${index}`, attribute]),
    );
    let ExclusiveStartKey: unknown;
    do {
      const page = await this.#call('Scan', {
        TableName: name,
        ProjectionExpression: Object.keys(names).join(),
        ExpressionAttributeNames: names,
        ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
      });
      const { Items, LastEvaluatedKey } = isRecord(page) ? page : {};
      for (const item of Array.isArray(Items) ? Items : []) await this.#deleteIfDue(name, table, item, second);
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  async #deleteIfDue(name: string, table: WatchedTable, item: unknown, second: number): Promise<void> {
    const expires = ttlOf(item, table);
    if (!isRecord(item) || expires > second) return this.#lower(name, expires);
    const Key = Object.fromEntries(table.keys.map((key) => [key, item[key]]));
    // On the condition that it still expires: it may have been written again since it was read.
    await this.#call('DeleteItem', {
      TableName: name,
      Key,
      ConditionExpression: '#ttl = :read',
      ExpressionAttributeNames: { '#ttl': table.attribute },
      ExpressionAttributeValues: { ':read': item[table.attribute] },
    }).catch(() => this.#lower(name, 0));
  }

  #lower(name: unknown, second: number): void {
    const table = this.#tables.get(String(name));
    if (table) table.earliest = Math.min(table.earliest, second);
  }
}

function ttlOf(item: unknown, table: WatchedTable | undefined): number {
  const value = isRecord(item) && table ? item[table.attribute] : undefined;
  return isRecord(value) && typeof value.N === 'string' ? Number(value.N) : Number.POSITIVE_INFINITY;
}

function leastNumber(values: unknown): number {
  const numbers = Object.values(isRecord(values) ? values : {}).map((value) =>
    isRecord(value) && typeof value.N === 'string' ? Number(value.N) : Number.POSITIVE_INFINITY,
  );
  // Counters and flags are no instants: an attribute that lies years back never expires anything on AWS either.
  return Math.min(Number.POSITIVE_INFINITY, ...numbers.filter((number) => number > 1_000_000_000));
}
