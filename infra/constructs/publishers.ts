import { AccountPrincipal, ArnPrincipal, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/** The context's publishers (account ids and IAM ARNs) as principals. */
const publisherPrincipals = (publishers: readonly string[]): IPrincipal[] =>
  publishers.map((publisher) =>
    /^\d{12}$/.test(publisher) ? new AccountPrincipal(publisher) : new ArnPrincipal(publisher),
  );

/** Lets publishers of other accounts send to the queue. Those of its own account need only a policy of their own. */
export function grantPublish(queue: Queue, publishers: readonly string[]): void {
  for (const principal of publisherPrincipals(publishers)) queue.grant(principal, 'sqs:SendMessage', 'sqs:GetQueueUrl');
}
