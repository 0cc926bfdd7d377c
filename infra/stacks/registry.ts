import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

/**
 * The Registry: accounts, keys, destinations and their health. Small and precious: read strongly, restorable to any
 * second, kept when the stack goes (but not when its first creation fails: the names have to be free for the next).
 */
export class RegistryStack extends Stack {
  readonly registry: Table;
  /** The key of the hash under which API keys are stored: a stolen table is of no use without it. */
  readonly pepper: Secret;
  /** Encrypts the data key under which signing secrets are sealed. */
  readonly signingSecretsKey: Key;

  constructor(scope: Construct, id: string, props: StackProps & { readonly config: Config }) {
    super(scope, id, props);
    const encryptionKey = new Key(this, 'Key', {
      alias: `event-destinations/${props.config.stage}/registry`,
      description: 'Encrypts the Registry: accounts, API key hashes, event destinations',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.registry = new Table(this, 'Registry', {
      tableName: `event-destinations-${props.config.stage}-registry`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // Which event sources are due for a check, by Region: only destinations with a live source are in it.
    this.registry.addGlobalSecondaryIndex({
      indexName: 'source-checks',
      partitionKey: { name: 'source_region', type: AttributeType.STRING },
      sortKey: { name: 'source_check_at', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.signingSecretsKey = new Key(this, 'SigningSecretsKey', {
      alias: `event-destinations/${props.config.stage}/signing-secrets`,
      description: 'Encrypts the data key under which the signing secrets of webhook endpoints are sealed',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.pepper = new Secret(this, 'ApiKeyPepper', {
      secretName: `event-destinations/${props.config.stage}/api-key-pepper`,
      description: 'Keys the hash of API keys; whoever replaces it revokes every key',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(this.pepper).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'API keys are stored as hashes under the pepper: a new one would revoke every key of every customer.',
    });
    new CfnOutput(this, 'RegistryTable', { value: this.registry.tableName });
    new CfnOutput(this, 'ApiKeyPepperSecret', { value: this.pepper.secretArn });
  }
}
