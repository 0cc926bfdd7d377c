import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { env } from './env.ts';
import { PATIENCE } from './patience.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}
/** One text for both parts of a key, for maps. */
export const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

export type Item = Key & Record<string, unknown>;

/**
 * The record that an item was written from, without what is only its place in the table. The one border at which the
 * table is trusted: nobody but this service writes to it, and only records of that type under those keys.
 */
export function recordOf<T>(item: Item, ...place: readonly string[]): T {
  const own = Object.entries(item).filter(([name]) => name !== 'pk' && name !== 'sk' && !place.includes(name));
  return Object.fromEntries(own) as T;
}

/** An expression with its values (`:name`) and, for reserved words, its names (`#name`). */
export interface Expression {
  readonly expression: string;
  readonly values?: Record<string, unknown>;
  readonly names?: Record<string, string>;
}

export interface Query extends Expression {
  readonly index?: string;
  /** Items a page; all pages are read. */
  readonly pageSize?: number;
  readonly newestFirst?: boolean;
  /** Costs half of a strong read. */
  readonly eventually?: boolean;
}

const BATCH_GET_LIMIT = 100;

const document = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: PATIENCE, maxAttempts: 5 }), {
  marshallOptions: { removeUndefinedValues: true },
});

/**
 * One of the service's two tables. Reads are strong unless said otherwise; a write with a condition answers `false`
 * when the condition did not hold, because that is an outcome here, not an error.
 */
export class Table {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async get(key: Key): Promise<Item | undefined> {
    const { Item } = await document.send(
      new GetCommand({ TableName: this.#name, Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true }),
    );
    return Item as Item | undefined;
  }

  /** Reads many items strongly, in any order; absent ones are left out. `eventually` costs half of it. */
  async getAll(keys: readonly Key[], { eventually = false } = {}): Promise<Item[]> {
    const found: Item[] = [];
    let wanted = [...new Map(keys.map((key) => [nameOf(key), { pk: key.pk, sk: key.sk }])).values()];
    for (let round = 0; wanted.length > 0; round += 1) {
      const Keys = wanted.slice(0, BATCH_GET_LIMIT);
      const { Responses, UnprocessedKeys } = await document.send(
        new BatchGetCommand({ RequestItems: { [this.#name]: { Keys, ConsistentRead: !eventually } } }),
      );
      found.push(...((Responses?.[this.#name] ?? []) as Item[]));
      const unprocessed = UnprocessedKeys?.[this.#name]?.Keys ?? [];
      // What DynamoDB left out it left out for load: the SDK does not wait for us here.
      if (unprocessed.length > 0) await sleep(Math.random() * Math.min(50 * 2 ** round, 2000));
      wanted = [...wanted.slice(BATCH_GET_LIMIT), ...(unprocessed as typeof wanted)];
    }
    return found;
  }

  put(item: Item, condition?: Expression): Promise<boolean> {
    return conditionHeld(
      document.send(
        new PutCommand({
          TableName: this.#name,
          Item: item,
          ConditionExpression: condition?.expression,
          ExpressionAttributeValues: condition?.values,
          ExpressionAttributeNames: condition?.names,
        }),
      ),
    );
  }

  async update(key: Key, update: Expression, condition?: string): Promise<boolean> {
    return (await this.#update(key, update, condition)) !== undefined;
  }

  /** An update that answers with the whole item after it; undefined when the condition did not hold. */
  async change(key: Key, update: Expression, condition: string): Promise<Item | undefined> {
    return (await this.#update(key, update, condition, 'ALL_NEW'))?.Attributes as Item | undefined;
  }

  #update(key: Key, update: Expression, condition?: string, returned?: 'ALL_NEW') {
    return ifConditionHeld(
      document.send(
        new UpdateCommand({
          TableName: this.#name,
          Key: { pk: key.pk, sk: key.sk },
          UpdateExpression: update.expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: update.values,
          ExpressionAttributeNames: update.names,
          ReturnValues: returned,
        }),
      ),
    );
  }

  delete(key: Key, condition?: Expression): Promise<boolean> {
    return conditionHeld(
      document.send(
        new DeleteCommand({
          TableName: this.#name,
          Key: { pk: key.pk, sk: key.sk },
          ConditionExpression: condition?.expression,
          ExpressionAttributeValues: condition?.values,
          ExpressionAttributeNames: condition?.names,
        }),
      ),
    );
  }

  /** All pages of a query, item by item. */
  async *query(query: Query): AsyncGenerator<Item> {
    let startAfter: Record<string, unknown> | undefined;
    do {
      const page = await document.send(
        new QueryCommand({
          TableName: this.#name,
          IndexName: query.index,
          KeyConditionExpression: query.expression,
          ExpressionAttributeValues: query.values,
          ExpressionAttributeNames: query.names,
          // An index can only be read eventually.
          ConsistentRead: query.index === undefined && !query.eventually,
          ScanIndexForward: !query.newestFirst,
          Limit: query.pageSize,
          ExclusiveStartKey: startAfter,
        }),
      );
      yield* (page.Items ?? []) as Item[];
      startAfter = page.LastEvaluatedKey;
    } while (startAfter);
  }
}

/** Every item of the Registry, in no order. For what is done once a day or by an operator, never for a request. */
export async function* scanRegistry(filter: Expression): AsyncGenerator<Item> {
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page = await document.send(
      new ScanCommand({
        TableName: env('REGISTRY_TABLE'),
        FilterExpression: filter.expression,
        ExpressionAttributeValues: filter.values,
        ExpressionAttributeNames: filter.names,
        ConsistentRead: true,
        ExclusiveStartKey: startAfter,
      }),
    );
    yield* (page.Items ?? []) as Item[];
    startAfter = page.LastEvaluatedKey;
  } while (startAfter);
}

/** A part of the Ledger's items, in no order, with these attributes beside their keys. For an operator alone. */
export async function* scanLedger(
  attributes: readonly string[],
  segment: { readonly number: number; readonly of: number },
): AsyncGenerator<Item> {
  const names = ['pk', 'sk', ...attributes];
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page = await document.send(
      new ScanCommand({
        TableName: env('LEDGER_TABLE'),
        ProjectionExpression: names.map((name) => `#${name}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        Segment: segment.number,
        TotalSegments: segment.of,
        ExclusiveStartKey: startAfter,
      }),
    );
    yield* (page.Items ?? []) as Item[];
    startAfter = page.LastEvaluatedKey;
  } while (startAfter);
}

const conditionHeld = async (write: Promise<object>): Promise<boolean> => (await ifConditionHeld(write)) !== undefined;

/** DynamoDB's answer to a write; undefined when its condition did not hold. */
async function ifConditionHeld<Output extends object>(write: Promise<Output>): Promise<Output | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

export const ABSENT: Expression = { expression: 'attribute_not_exists(pk)' };

const tables = new Map<string, Table>();
const tableFromEnvironment = (variable: string) => {
  const table = tables.get(variable) ?? new Table(env(variable));
  tables.set(variable, table);
  return table;
};

/** Accounts, keys, destinations: small, precious, strongly read. */
export const registry = (): Table => tableFromEnvironment('REGISTRY_TABLE');
/** Events, deliveries, attempts: large and short-lived, every item expires. */
export const ledger = (): Table => tableFromEnvironment('LEDGER_TABLE');
