import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { env } from './env.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}
export type Item = Key & Record<string, unknown>;

/** An expression with its values (`:name`) and, for reserved words, its names (`#name`). */
export interface Expression {
  readonly expression: string;
  readonly values?: Record<string, unknown>;
  readonly names?: Record<string, string>;
}

export interface Query extends Expression {
  readonly index?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
  readonly startAfter?: Record<string, unknown>;
  /** Strong by default; an index can only be read eventually. */
  readonly eventually?: boolean;
}

const BATCH_GET_LIMIT = 100;

const document = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 5 }), {
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

  /** Reads many items strongly, in any order; absent ones are left out. */
  async getAll(keys: readonly Key[]): Promise<Item[]> {
    const found: Item[] = [];
    let wanted = [...new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, { pk: key.pk, sk: key.sk }])).values()];
    while (wanted.length > 0) {
      const now = wanted.slice(0, BATCH_GET_LIMIT);
      const { Responses, UnprocessedKeys } = await document.send(
        new BatchGetCommand({ RequestItems: { [this.#name]: { Keys: now, ConsistentRead: true } } }),
      );
      found.push(...((Responses?.[this.#name] ?? []) as Item[]));
      const unprocessed = (UnprocessedKeys?.[this.#name]?.Keys ?? []) as Key[];
      wanted = [...wanted.slice(BATCH_GET_LIMIT), ...unprocessed] as { pk: string; sk: string }[];
    }
    return found;
  }

  put(item: Item, condition?: Expression): Promise<boolean> {
    return heldCondition(
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

  update(key: Key, update: Expression, condition?: string): Promise<boolean> {
    return heldCondition(
      document.send(
        new UpdateCommand({
          TableName: this.#name,
          Key: { pk: key.pk, sk: key.sk },
          UpdateExpression: update.expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: update.values,
          ExpressionAttributeNames: update.names,
        }),
      ),
    );
  }

  delete(key: Key, condition?: Expression): Promise<boolean> {
    return heldCondition(
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
    let startAfter = query.startAfter;
    do {
      const page = await document.send(
        new QueryCommand({
          TableName: this.#name,
          IndexName: query.index,
          KeyConditionExpression: query.expression,
          ExpressionAttributeValues: query.values,
          ExpressionAttributeNames: query.names,
          ConsistentRead: query.index === undefined && !query.eventually,
          ScanIndexForward: !query.newestFirst,
          Limit: query.limit,
          ExclusiveStartKey: startAfter,
        }),
      );
      yield* (page.Items ?? []) as Item[];
      startAfter = page.LastEvaluatedKey;
    } while (startAfter);
  }
}

async function heldCondition(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
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
