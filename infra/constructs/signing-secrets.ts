import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { ServiceFunction } from './service-function.ts';

/** The one context in which the key is used: see shared/secrets/data-key.ts. */
const CONTEXT = { StringEquals: { 'kms:EncryptionContext:purpose': 'signing-secrets' } };

/** Lets the function open signing secrets; who makes them may be the first of its stage, and then makes their data key. */
export function grantSigningSecrets(key: Key, grantee: ServiceFunction, { makes = false } = {}): void {
  grantee.addEnvironment('SIGNING_SECRETS_KEY', key.keyArn);
  grantee.addToRolePolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt', ...(makes ? ['kms:GenerateDataKey'] : [])],
      resources: [key.keyArn],
      conditions: CONTEXT,
    }),
  );
}
