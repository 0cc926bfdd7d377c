import { logPolicy, type Parts } from './parts.ts';

/** The same as a CDK app in TypeScript, whole as it stands: `npx cdk deploy --app 'node event-destination.ts'`. */
export function cdk(parts: Parts): string {
  const { account, region, name, logGroup, logGroupArn, id, pattern } = parts;
  const policy = logPolicy(parts, 'own');
  const text = (value: string) => `'${value.replaceAll("'", String.raw`\'`)}'`;
  return `import { App, Stack } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { CfnResourcePolicy, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

const app = new App();
const env = { account: ${text(account)}, region: ${text(region)} };
const stack = new Stack(app, ${text(`event-destination-${id.replaceAll('_', '-')}`)}, { env });

const eventBus = new EventBus(stack, 'EventBus', { eventSourceName: ${text(name)} });
new LogGroup(stack, 'LogGroup', {
  logGroupName: ${text(logGroup)},
  retention: RetentionDays.ONE_MONTH,
});
const policy = new CfnResourcePolicy(stack, 'LogGroupPolicy', {
  policyName: ${text(policy.name)},
  policyDocument: ${text(policy.document)},
});
const rule = new Rule(stack, 'LogRule', { eventBus, eventPattern: ${JSON.stringify(pattern)} });
rule.addTarget({ bind: () => ({ arn: ${text(logGroupArn)} }) });
rule.node.addDependency(policy);
`;
}
