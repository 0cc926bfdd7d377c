import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

/** The Ledger: events, deliveries, attempts. Large and short-lived: every item expires. */
export class LedgerStack extends Stack {
  readonly ledger: Table;

  constructor(scope: Construct, id: string, props: StackProps & { readonly config: Config }) {
    super(scope, id, props);
    const encryptionKey = new Key(this, 'Key', {
      alias: `event-destinations/${props.config.stage}/ledger`,
      description: 'Encrypts the Ledger: events, deliveries, attempts',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.ledger = new Table(this, 'Ledger', {
      tableName: `event-destinations-${props.config.stage}-ledger`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey,
      timeToLiveAttribute: 'ttl',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.ledger).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'Every item expires in weeks, and a state of yesterday would send again what was delivered since: the Ledger is not to be restored.',
    });
    // Deliveries whose first attempt did not succeed, until they are delivered: sparse, so successes cost nothing.
    this.ledger.addGlobalSecondaryIndex({
      indexName: 'undelivered',
      partitionKey: { name: 'undelivered', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    new CfnOutput(this, 'LedgerTable', { value: this.ledger.tableName });
  }
}
