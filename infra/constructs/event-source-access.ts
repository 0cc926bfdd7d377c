import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

/** The partner's calls on its own event sources, in any Region: customers choose the Region. */
export function grantEventSources(grantee: LambdaFunction, partner: string, actions: readonly string[]): void {
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
