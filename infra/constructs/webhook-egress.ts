import { CfnOutput, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnEIP, GatewayVpcEndpointAwsService, NatProvider, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IRole, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { FunctionOptions } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** A gateway and an address in each zone: with one, its zone's trouble would be every webhook's. */
const ZONES = 2;

/**
 * Addresses from which webhooks come, and no others: a network for deliver-webhook alone, with nothing else in it, whose only
 * way out are NAT gateways with Elastic IPs. DynamoDB is reached by a gateway endpoint, which costs nothing; SQS and Step
 * Functions, seldom called, by the same way as the webhooks.
 */
export class WebhookEgress extends Construct {
  /** For the function. */
  readonly network: Pick<FunctionOptions, 'vpc' | 'securityGroups'>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const addresses = Array.from({ length: ZONES }, (_, zone) => {
      const address = new CfnEIP(this, `Address${zone + 1}`, { domain: 'vpc' });
      // Customers have them in their firewalls.
      address.applyRemovalPolicy(RemovalPolicy.RETAIN);
      return address;
    });
    const vpc = new Vpc(this, 'Network', {
      maxAzs: ZONES,
      natGateways: ZONES,
      natGatewayProvider: NatProvider.gateway({ eipAllocationIds: addresses.map((one) => one.attrAllocationId) }),
      subnetConfiguration: [
        { name: 'Out', subnetType: SubnetType.PUBLIC, cidrMask: 28 },
        { name: 'Functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
      ],
      gatewayEndpoints: { DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
      // It would take a function of CDK's own; nothing is in the default group.
      restrictDefaultSecurityGroup: false,
    });
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason: 'Nothing is in the network but one function, which writes a line for each failed attempt itself.',
    });
    const group = new SecurityGroup(this, 'Group', { vpc, description: 'Webhooks out, nothing in' });
    this.network = { vpc, securityGroups: [group] };
    new CfnOutput(Stack.of(this), 'WebhookEgressAddresses', {
      description: 'The addresses that webhooks come from',
      value: Fn.join(
        ',',
        addresses.map((one) => one.attrPublicIp),
      ),
    });
  }

  /** Lambda puts the function into the network in the name of its role. */
  static admit(role: IRole): void {
    role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaENIManagementAccess'));
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaENIManagementAccess]',
      reason: 'What Lambda needs for network interfaces has no resource to name, and the list is for AWS to keep.',
    });
  }
}
