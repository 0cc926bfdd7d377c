import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoDb } from '../../../local/dynamodb.ts';

const TABLE = 'things';
const dynamodb = new DynamoDb({ account: '000000000000', region: 'us-east-1' });
const definition = {
  keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
};
beforeAll(() => dynamodb.createTable({ name: TABLE, ...definition }));
afterAll(() => dynamodb.close());

const add = (pk: string, by: object, more: object = {}) =>
  dynamodb.call('UpdateItem', {
    TableName: TABLE,
    Key: { pk: { S: pk } },
    UpdateExpression: 'SET #last = :by ADD #sum :by',
    ExpressionAttributeNames: { '#last': 'last', '#sum': 'sum' },
    ExpressionAttributeValues: { ':by': by },
    ReturnValues: 'ALL_NEW',
    ...more,
  });
const onlyIf = (sum: object) => ({
  ConditionExpression: '#sum = :sum',
  ExpressionAttributeNames: { '#last': 'last', '#sum': 'sum' },
  ExpressionAttributeValues: { ':by': { N: '1' }, ':sum': sum },
});

describe('the embedded DynamoDB, of an expression that it has parsed before', () => {
  it('takes the values of the request at hand', async () => {
    await add('a', { N: '1' });
    expect(await add('a', { N: '41' })).toMatchObject({ Attributes: { last: { N: '41' }, sum: { N: '42' } } });
    expect(await add('b', { N: '5' })).toMatchObject({ Attributes: { last: { N: '5' }, sum: { N: '5' } } });
  });

  it('takes the names of the request at hand', async () => {
    const ExpressionAttributeNames = { '#last': 'first', '#sum': 'total' };
    expect(await add('c', { N: '2' }, { ExpressionAttributeNames })).toMatchObject({
      Attributes: { first: { N: '2' }, total: { N: '2' } },
    });
  });

  it('judges a condition by the request at hand', async () => {
    await add('d', { N: '1' });
    await add('d', { N: '1' }, onlyIf({ N: '1' }));
    await expect(add('d', { N: '1' }, onlyIf({ N: '1' }))).rejects.toThrow('The conditional request failed');
    await add('d', { N: '1' }, onlyIf({ N: '2' }));
  });

  it('refuses what is wrong with the request at hand', async () => {
    const unused = { ExpressionAttributeValues: { ':by': { N: '1' }, ':more': { N: '1' } } };
    const missing = { ExpressionAttributeNames: { '#last': 'last' } };
    for (let time = 0; time < 2; time += 1) {
      await add('e', { N: '1' });
      await expect(add('e', { N: '1' }, unused)).rejects.toThrow(/unused in expressions: keys: \{:more\}/);
      await expect(add('e', { N: '1' }, missing)).rejects.toThrow(/name used in the document path is not defined/);
      await expect(add('e', { S: 'one' })).rejects.toThrow(/Incorrect operand type/);
    }
  });

  it('refuses bounds in the wrong order', async () => {
    const between = (least: string, most: string) =>
      dynamodb.call('Scan', {
        TableName: TABLE,
        FilterExpression: '#sum BETWEEN :least AND :most',
        ExpressionAttributeNames: { '#sum': 'sum' },
        ExpressionAttributeValues: { ':least': { N: least }, ':most': { N: most } },
      });
    expect(await between('42', '43')).toMatchObject({ Count: 1 });
    await expect(between('43', '42')).rejects.toThrow(/upper bound to be greater/);
  });
});

describe('a table of the embedded DynamoDB', () => {
  it('is gone once it has been deleted, and another of its name has its own keys', async () => {
    const put = (Item: object) => dynamodb.call('PutItem', { TableName: 'short', Item });
    await dynamodb.createTable({ name: 'short', ...definition });
    await put({ pk: { S: 'a' } });
    await dynamodb.call('DeleteTable', { TableName: 'short' });
    // It is still there for a moment, DELETING: another of its name would be refused.
    const describeTable = () => dynamodb.call('DescribeTable', { TableName: 'short' });
    await expect.poll(() => describeTable().catch(({ code }) => code)).toBe('ResourceNotFoundException');
    await expect(put({ pk: { S: 'a' } })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await dynamodb.createTable({
      name: 'short',
      keySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    });
    await expect(put({ pk: { S: 'a' } })).rejects.toThrow(/Missing the key id/);
    await put({ id: { S: 'a' } });
  });
});
