import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Config } from '../config.ts';
import type { ServiceFunction } from './service-function.ts';

/**
 * What creates, deletes and observes what the deployment's modes deliver to: the partner's calls on its own event sources,
 * or the probes that are put on the customers' event buses; in any Region, because customers choose it.
 */
export function grantEventSources(
  grantee: ServiceFunction,
  { eventBridgeDelivery, partner }: Config,
  actions: readonly string[],
): void {
  grantee.addEnvironment('EVENTBRIDGE_DELIVERY', eventBridgeDelivery.join(','));
  if (eventBridgeDelivery.includes('partner')) grantPartnerSources(grantee, partner, actions);
  if (eventBridgeDelivery.includes('bus')) grantPutOnBuses(grantee);
}

/** What puts events there. */
export function grantPutEvents(grantee: ServiceFunction, { eventBridgeDelivery }: Config): void {
  if (eventBridgeDelivery.includes('bus')) grantPutOnBuses(grantee);
  if (!eventBridgeDelivery.includes('partner')) return;
  // The service authorization reference lists no resource type for PutPartnerEvents.
  grantee.addToRolePolicy(new PolicyStatement({ actions: ['events:PutPartnerEvents'], resources: ['*'] }));
  Validations.of(grantee.role ?? grantee).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'The service authorization reference lists no resource type for PutPartnerEvents.',
  });
}

/** On the event buses that customers made for a destination, and on no other. */
function grantPutOnBuses(grantee: ServiceFunction): void {
  const { partition } = Stack.of(grantee);
  const buses = `arn:${partition}:events:*:*:event-bus/event-destinations-ed_*`;
  grantee.addToRolePolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [buses] }));
  Validations.of(grantee.role ?? grantee).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:events:*:*:event-bus/event-destinations-ed_*]',
    reason: "Customers' accounts and Regions are not known here; the name of the bus is that of a destination.",
  });
}

function grantPartnerSources(grantee: ServiceFunction, partner: string, actions: readonly string[]): void {
  const { partition } = Stack.of(grantee);
  const sources = `arn:${partition}:events:*::event-source/${partner}/*`;
  grantee.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [sources] }));
  // Answers only for sources shared with this account, and is called only for those (see shared/sources).
  grantee.addToRolePolicy(new PolicyStatement({ actions: ['events:DescribeEventSource'], resources: [sources] }));
  Validations.of(grantee.role ?? grantee).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:events:*::event-source/${partner}/*]`,
    reason:
      "Customers choose the Region and the service makes the sources' names: all of the partner's own, and no other.",
  });
}
