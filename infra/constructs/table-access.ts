import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';

/** Exactly the named actions on the table (and its indexes, for Query), and the use of its key through DynamoDB. */
export function grantTable(table: Table, grantee: IGrantable, actions: readonly string[]): void {
  table.grant(grantee, ...actions);
  const writes = actions.some((action) => /Put|Update|Delete/.test(action));
  if (writes) table.encryptionKey?.grantEncryptDecrypt(grantee);
  else table.encryptionKey?.grantDecrypt(grantee);
}
