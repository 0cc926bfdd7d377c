import { echoResources } from './echo.ts';
import { logPolicy, type OwnBus, type Parts } from './parts.ts';

/** The same as a CDK app in TypeScript, whole as it stands: `npx cdk deploy --app 'node event-destination.ts'`. */
export function cdk(parts: Parts): string {
  const { account, region, name, busName, logGroup, logGroupArn, id, ownBus } = parts;
  const policy = logPolicy(parts, 'own');
  const text = (value: string) => `'${value.replaceAll("'", String.raw`\'`)}'`;
  return `import { App, ${ownBus ? 'CfnResource, ' : ''}Stack } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { CfnResourcePolicy, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

const app = new App();
const env = { account: ${text(account)}, region: ${text(region)} };
const stack = new Stack(app, ${text(`event-destination-${id.replaceAll('_', '-')}`)}, { env });

const eventBus = new EventBus(stack, 'EventBus', { ${ownBus ? `eventBusName: ${text(busName)}` : `eventSourceName: ${text(name)}`} });
new LogGroup(stack, 'LogGroup', {
  logGroupName: ${text(logGroup)},
  retention: RetentionDays.ONE_MONTH,
});
const policy = new CfnResourcePolicy(stack, 'LogGroupPolicy', {
  policyName: ${text(policy.name)},
  policyDocument: ${text(policy.document)},
});
const rule = new Rule(stack, 'LogRule', { eventBus, eventPattern: ${patternOf(parts)} });
rule.addTarget({ bind: () => ({ arn: ${text(logGroupArn)} }) });
rule.node.addDependency(policy);
${ownBus ? echo(parts, ownBus) : ''}`;
}

/** CDK's own name for `detail-type`. */
const patternOf = ({ pattern }: Parts): string => JSON.stringify(pattern).replace('"detail-type"', '"detailType"');

/** The rest of the template as it is in CloudFormation. */
const echo = (parts: Parts, ownBus: OwnBus): string => `
// Lets the event destination put its events, and echoes its probes.
const resources = ${JSON.stringify(echoResources(parts, ownBus), undefined, 2).replaceAll(/\{\s*"Ref": "EventBus"\s*\}/g, 'eventBus.eventBusName')};
for (const [id, { Type: type, Properties: properties }] of Object.entries(resources)) {
  const resource = new CfnResource(stack, id, { type, properties });
  resource.overrideLogicalId(id);
}
`;
