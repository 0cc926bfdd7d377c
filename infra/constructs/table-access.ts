import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What DynamoDB needs of a table's key on behalf of who reads, and of who writes. */
const KEY_ACTIONS = {
  read: ['kms:Decrypt', 'kms:DescribeKey'],
  write: [
    'kms:Encrypt',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
  ],
} as const;

/**
 * Exactly the named actions on the table, Query on the named indexes, and the use of the table's key through DynamoDB and
 * in no other way.
 */
export function grantTable(
  table: Table,
  grantee: IGrantable,
  actions: readonly string[],
  { indexes = [] }: { readonly indexes?: readonly string[] } = {},
): void {
  const allow = (statement: PolicyStatement) => grantee.grantPrincipal.addToPrincipalPolicy(statement);
  allow(new PolicyStatement({ actions: [...actions], resources: [table.tableArn] }));
  if (indexes.length > 0)
    allow(
      new PolicyStatement({
        actions: ['dynamodb:Query'],
        resources: indexes.map((index) => `${table.tableArn}/index/${index}`),
      }),
    );
  const { encryptionKey } = table;
  if (!encryptionKey) return;
  const writes = actions.some((action) => /Put|Update|Delete/.test(action));
  const { region, urlSuffix } = Stack.of(table);
  allow(
    new PolicyStatement({
      actions: [...KEY_ACTIONS.read, ...(writes ? KEY_ACTIONS.write : [])],
      resources: [encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } },
    }),
  );
}
