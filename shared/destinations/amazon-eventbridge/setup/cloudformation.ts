import { echoResources } from './echo.ts';
import { logPolicy, type Parts } from './parts.ts';
import { toYaml } from './yaml.ts';

/** The template that makes the same, in both of CloudFormation's languages. */
export function cloudFormation(parts: Parts): { readonly json: string; readonly yaml: string } {
  const template = templateOf(parts);
  return { json: JSON.stringify(template, undefined, 2), yaml: toYaml(template) };
}

function templateOf(parts: Parts) {
  const { name, busName, logGroup, logGroupArn, ruleName, pattern, ownBus } = parts;
  const policy = logPolicy(parts, 'own');
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Receives the events of ${name}`,
    Resources: {
      EventBus: {
        Type: 'AWS::Events::EventBus',
        Properties: ownBus ? { Name: busName } : { Name: busName, EventSourceName: name },
      },
      ...(ownBus && echoResources(parts, ownBus)),
      LogGroup: {
        Type: 'AWS::Logs::LogGroup',
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: { LogGroupName: logGroup, RetentionInDays: parts.retentionDays },
      },
      LogGroupPolicy: {
        Type: 'AWS::Logs::ResourcePolicy',
        Properties: { PolicyName: policy.name, PolicyDocument: policy.document },
      },
      LogRule: {
        Type: 'AWS::Events::Rule',
        DependsOn: ['LogGroup', 'LogGroupPolicy'],
        Properties: {
          Name: ruleName,
          EventBusName: { Ref: 'EventBus' },
          EventPattern: pattern,
          Targets: [{ Id: 'log', Arn: logGroupArn }],
        },
      },
    },
  };
}
