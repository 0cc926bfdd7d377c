import { describe, expect, it } from 'vitest';
import { unitsOf, unitsOfRefused } from '../../../bench/cost/dynamodb-units.ts';
import { Usage } from '../../../bench/cost/usage.ts';
import { Waits } from '../../../bench/cost/waits.ts';

const indexes = new Map([['ledger', [['undelivered', 'sk']]]]);
const item = (undelivered?: string) => ({
  pk: { S: 'p' },
  sk: { S: 's' },
  ...(undelivered && { undelivered: { S: undelivered } }),
});
const put = (now?: string, before?: string) =>
  unitsOf(
    'PutItem',
    { TableName: 'ledger', Item: item(now) },
    { ConsumedCapacity: { CapacityUnits: 1 }, ...(before !== 'nothing' && { Attributes: item(before) }) },
    indexes,
  ).writes;

describe('a write', () => {
  it('costs one unit more when its item enters or leaves an index, two when its keys there change', () => {
    expect(put(undefined, 'nothing')).toBe(1);
    expect(put('a', 'nothing')).toBe(2);
    expect(put(undefined, 'a')).toBe(2);
    expect(put('a', 'a')).toBe(1);
    expect(put('b', 'a')).toBe(3);
  });

  it('whose condition did not hold costs what it would have written', () => {
    expect(unitsOfRefused('PutItem', { Item: { pk: { S: 'x'.repeat(1500) } } }).writes).toBe(2);
    expect(unitsOfRefused('GetItem', {})).toEqual({ writes: 0, reads: 0 });
  });
});

describe('an invocation', () => {
  it('waits once for calls side by side, and for each of those one after the other', async () => {
    const waits = new Waits();
    const call = () => waits.during('DynamoDB_20120810', 'trace', async () => undefined);
    await Promise.all([call(), call(), call()]);
    await call();
    expect(waits.take('trace')).toBe(10);
    expect(waits.take('trace')).toBe(0);
  });
});

describe('a usage', () => {
  it('is dollars by the price list', () => {
    const used = new Usage();
    used.add('DynamoDB writes', 1_000_000);
    used.add('SQS requests', 1_000_000);
    expect(used.dollars).toBeCloseTo(0.625 + 0.4);
    expect(used.minus(used).dollars).toBe(0);
    expect(used.times(2).lines()[0]).toMatchObject({ what: 'DynamoDB writes', amount: 2_000_000 });
  });
});
