import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AwsError, type Caller } from './aws-error.ts';
import { rememberParsed } from './dynamodb-expressions.ts';
import { TtlSweep } from './dynamodb-ttl.ts';
import { isRecord } from './fields.ts';

/**
 * The parts of dynalite that its own HTTP server is made of. They are called directly: no port, no second reading of
 * the request, an error inside is an answer and not an uncaught exception, and closing works without ever listening.
 */
interface Dynalite {
  readonly db: { create(options: Record<string, unknown>): Store };
  readonly validations: {
    checkTypes(input: unknown, types: unknown): unknown;
    checkValidations(input: unknown, types: unknown, custom: unknown, store: Store): void;
  };
}

interface Store {
  readonly tableDb: { awsAccountId: string; awsRegion: string };
  readonly lifecycleManager: { gracefulClose(): Promise<void> };
  /** A third argument is called if the second is a boolean. */
  getTable(name: string, second: boolean | TableCallback, third?: TableCallback): void;
}

type TableCallback = (error: unknown, table?: unknown) => void;

interface OperationModule {
  readonly run: (store: Store, input: unknown, done: (error: unknown, output?: unknown) => void) => void;
  readonly types: unknown;
  readonly custom: unknown;
}

const OPERATIONS = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'ListTagsOfResource',
  'UpdateItem',
  'UpdateTable',
]);

/** They change what tables there are, and how. */
const OF_TABLES = new Set(['CreateTable', 'DeleteTable', 'UpdateTable']);

export interface TableDefinition {
  readonly name: string;
  readonly keySchema: unknown;
  readonly attributeDefinitions: unknown;
  readonly globalSecondaryIndexes?: unknown;
  readonly ttlAttribute?: string;
}

const require = createRequire(import.meta.url);

/**
 * DynamoDB, played by dynalite. It has no transactions, no streams and no PartiQL, and a failed condition does not bring
 * the item along (ReturnValuesOnConditionCheckFailure): read it again.
 */
export class DynamoDb {
  /** Calls by operation: what a benchmark counts. */
  readonly counts = new Map<string, number>();
  readonly #dynalite: Dynalite = { db: require('dynalite/db'), validations: require('dynalite/validations') };
  readonly #operations = new Map<string, OperationModule>();
  readonly #store: Store;
  readonly #tables = new Map<string, unknown>();
  readonly #account: string;
  readonly #ttl: TtlSweep;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: { account: string; region: string; path?: string }) {
    const { account, region, path } = options;
    rememberParsed();
    this.#store = this.#dynalite.db.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    this.#rememberTables();
    Object.assign(this.#store.tableDb, { awsAccountId: account, awsRegion: region });
    this.#account = account;
    // What was kept from the last run may hold items that are due already.
    this.#ttl = new TtlSweep((operation, input) => this.call(operation, input), {
      somethingMayBeDue: path !== undefined,
    });
  }

  /** Creates the table; one that was kept from the last run must still be the same. */
  async createTable(table: TableDefinition): Promise<void> {
    if (table.ttlAttribute !== undefined) this.#ttl.watch(table.name, table.ttlAttribute, table.keySchema);
    const definition = {
      AttributeDefinitions: table.attributeDefinitions,
      KeySchema: table.keySchema,
      ...(table.globalSecondaryIndexes !== undefined && { GlobalSecondaryIndexes: table.globalSecondaryIndexes }),
    };
    try {
      await this.call('CreateTable', { TableName: table.name, BillingMode: 'PAY_PER_REQUEST', ...definition });
      // Also without a delay a table of dynalite is CREATING for a moment.
      while (!(await this.#isActive(table.name))) await nextTurn();
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceInUseException') throw error;
      await this.#refuseOther(table.name, definition);
    }
  }

  async handle(operation: string, input: unknown, caller: Caller): Promise<unknown> {
    if (caller.account !== this.#account) {
      const message = `The tables belong to account ${this.#account}: use it as access key id`;
      throw new AwsError('AccessDeniedException', message);
    }
    return this.call(operation, input);
  }

  call(operation: string, input: unknown): Promise<unknown> {
    if (this.#closed) throw new AwsError('InternalServerError', 'The embedded cloud is closing', 500);
    const { run, types, custom } = this.#operation(operation);
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    this.#ttl.observe(operation, input);
    if (OF_TABLES.has(operation)) this.#tables.clear();
    const answer = new Promise((resolve, reject) => {
      const checked = this.#dynalite.validations.checkTypes(input, types);
      this.#dynalite.validations.checkValidations(checked, types, custom, this.#store);
      run(this.#store, checked, (error, output) => (error ? reject(error) : resolve(output)));
    }).catch((error: unknown) => {
      throw answeredError(error);
    });
    this.#running.add(answer);
    const forget = () => {
      if (OF_TABLES.has(operation)) this.#tables.clear();
      this.#running.delete(answer);
    };
    answer.then(forget, forget);
    return answer;
  }

  /** Deletes what has expired, like DynamoDB in its own time. Items that have not are never touched. */
  async deleteExpired(now: number): Promise<void> {
    if (!this.#closed) await this.#ttl.sweep(now);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.#store.lifecycleManager.gracefulClose();
  }

  /** Every operation asks for its table's description, which dynalite reads and parses anew each time. */
  #rememberTables(): void {
    const read = this.#store.getTable.bind(this.#store);
    this.#store.getTable = (name, second, third) => {
      const done = typeof second === 'function' ? second : third;
      const known = this.#tables.get(name);
      if (known !== undefined && done) return void setImmediate(done, null, known);
      const readTable: TableCallback = (error, table) => {
        if (isRecord(table) && table.TableStatus === 'ACTIVE') this.#tables.set(name, table);
        done?.(error, table);
      };
      if (typeof second === 'function') read(name, readTable);
      else read(name, second, readTable);
    };
  }

  #operation(name: string): OperationModule {
    const known = this.#operations.get(name);
    if (known) return known;
    if (!OPERATIONS.has(name))
      throw new AwsError('UnknownOperationException', `${name} is not part of the embedded DynamoDB`);
    const file = name.charAt(0).toLowerCase() + name.slice(1);
    const operation = { run: require(`dynalite/actions/${file}`), ...require(`dynalite/validations/${file}`) };
    this.#operations.set(name, operation);
    return operation;
  }

  async #describe(name: string): Promise<Record<string, unknown>> {
    const answer = await this.call('DescribeTable', { TableName: name });
    return isRecord(answer) && isRecord(answer.Table) ? answer.Table : {};
  }

  async #isActive(name: string): Promise<boolean> {
    return (await this.#describe(name)).TableStatus === 'ACTIVE';
  }

  async #refuseOther(name: string, definition: Record<string, unknown>): Promise<void> {
    const kept = await this.#describe(name);
    const same = (key: string) => shape(kept[key]) === shape(definition[key]);
    if (same('KeySchema') && same('AttributeDefinitions') && same('GlobalSecondaryIndexes')) return;
    throw new Error(
      `Table ${name} in the data folder has other keys or indexes than the template: start with a new folder`,
    );
  }
}

/** Compares what a template says: dynalite adds ARNs, sizes and states to it. */
function shape(value: unknown): string {
  const SAID = [
    'AttributeName',
    'AttributeType',
    'KeyType',
    'IndexName',
    'KeySchema',
    'Projection',
    'ProjectionType',
    'NonKeyAttributes',
  ];
  const items = Array.isArray(value) ? value.map((item) => JSON.stringify(item, SAID)) : [];
  return items.sort().join();
}

function answeredError(error: unknown): unknown {
  if (!isRecord(error) || !isRecord(error.body)) return error;
  const { __type, message, Message } = error.body;
  const code = String(__type).split('#').pop() ?? 'InternalServerError';
  return new AwsError(code, String(message ?? Message ?? ''), Number(error.statusCode ?? 400));
}
