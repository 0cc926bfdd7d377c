import type { OwnBus, Parts } from './parts.ts';

/** What lets the service put events on the bus, and sends the token of each probe back. */
export function echoResources({ id, region, account, name }: Parts, { statement, probeType, echoEndpoint }: OwnBus) {
  const { Sid, ...allowed } = statement;
  // A name is given, so that the role can name it; 64 characters are the most.
  const echoName = `echo-${id}`;
  return {
    EventBusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: { EventBusName: { Ref: 'EventBus' }, StatementId: Sid, Statement: allowed },
    },
    EchoConnection: {
      Type: 'AWS::Events::Connection',
      Properties: {
        Name: echoName,
        AuthorizationType: 'API_KEY',
        // EventBridge asks for a credential; the token in the body is the one that counts.
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'Event-Source', ApiKeyValue: name } },
      },
    },
    EchoApiDestination: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        Name: echoName,
        ConnectionArn: { 'Fn::GetAtt': ['EchoConnection', 'Arn'] },
        HttpMethod: 'POST',
        InvocationEndpoint: echoEndpoint,
        InvocationRateLimitPerSecond: 1,
      },
    },
    EchoRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'echo',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 'events:InvokeApiDestination',
                  Resource: `arn:aws:events:${region}:${account}:api-destination/${echoName}/*`,
                },
              ],
            },
          },
        ],
      },
    },
    EchoRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: echoName,
        EventBusName: { Ref: 'EventBus' },
        EventPattern: { source: [name], 'detail-type': [probeType] },
        Targets: [
          {
            Id: 'echo',
            Arn: { 'Fn::GetAtt': ['EchoApiDestination', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['EchoRole', 'Arn'] },
            InputPath: '$.detail',
          },
        ],
      },
    },
  };
}
