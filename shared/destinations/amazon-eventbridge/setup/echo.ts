import type { OwnBus, Parts } from './parts.ts';

/** What makes the echo, whatever it is written in. */
export function echoParts({ id, region, account, name: source }: Parts, { probeType }: OwnBus) {
  // A name is given, so that the role can name it; 64 characters are the most.
  const name = `echo-${id}`;
  return {
    name,
    // EventBridge asks for a credential; the token in the body is the one that counts.
    authParameters: { ApiKeyAuthParameters: { ApiKeyName: 'Event-Source', ApiKeyValue: source } },
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'events:InvokeApiDestination',
          Resource: `arn:aws:events:${region}:${account}:api-destination/${name}/*`,
        },
      ],
    },
    /** Of the role as the commands make it; CloudFormation gives it a name of its own. */
    roleArn: `arn:aws:iam::${account}:role/${name}`,
    pattern: { source: [source], 'detail-type': [probeType] },
    inputPath: '$.detail',
  };
}

/** What lets the service put events on the bus, and sends the token of each probe back. */
export function echoResources(parts: Parts, ownBus: OwnBus) {
  const { Sid, ...allowed } = ownBus.statement;
  const { name, authParameters, trustPolicy, policy, pattern, inputPath } = echoParts(parts, ownBus);
  return {
    EventBusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: { EventBusName: { Ref: 'EventBus' }, StatementId: Sid, Statement: allowed },
    },
    EchoConnection: {
      Type: 'AWS::Events::Connection',
      Properties: { Name: name, AuthorizationType: 'API_KEY', AuthParameters: authParameters },
    },
    EchoApiDestination: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        Name: name,
        ConnectionArn: { 'Fn::GetAtt': ['EchoConnection', 'Arn'] },
        HttpMethod: 'POST',
        InvocationEndpoint: ownBus.echoEndpoint,
        InvocationRateLimitPerSecond: 1,
      },
    },
    EchoRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trustPolicy,
        Policies: [{ PolicyName: 'echo', PolicyDocument: policy }],
      },
    },
    EchoRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: name,
        EventBusName: { Ref: 'EventBus' },
        EventPattern: pattern,
        Targets: [
          {
            Id: 'echo',
            Arn: { 'Fn::GetAtt': ['EchoApiDestination', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['EchoRole', 'Arn'] },
            InputPath: inputPath,
          },
        ],
      },
    },
  };
}
