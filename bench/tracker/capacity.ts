import type { Cloud } from '../../local/cloud.ts';

/** DynamoDB calls by operation, and the capacity units that DynamoDB says they took. */
export interface Spent {
  readonly operations: ReadonlyMap<string, number>;
  readonly reads: number;
  readonly writes: number;
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);

/** Asks DynamoDB with each call what it took, and adds it up, while the work is done. */
export async function countCapacity({ dynamodb }: Cloud, work: () => Promise<unknown>): Promise<Spent> {
  const operations = new Map<string, number>();
  const units = { reads: 0, writes: 0 };
  const handle = dynamodb.handle.bind(dynamodb);
  dynamodb.handle = async (operation, input, caller) => {
    operations.set(operation, (operations.get(operation) ?? 0) + 1);
    const answer = await handle(operation, { ...(input as object), ReturnConsumedCapacity: 'TOTAL' }, caller);
    units[WRITES.has(operation) ? 'writes' : 'reads'] += unitsOf(answer);
    return answer;
  };
  try {
    await work();
  } finally {
    dynamodb.handle = handle;
  }
  return { operations, ...units };
}

/** One item, or a list of them where a request may name several tables. */
function unitsOf(answer: unknown): number {
  const { ConsumedCapacity } = answer as { ConsumedCapacity?: { CapacityUnits: number } | { CapacityUnits: number }[] };
  const each = Array.isArray(ConsumedCapacity) ? ConsumedCapacity : ConsumedCapacity ? [ConsumedCapacity] : [];
  return each.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
}
