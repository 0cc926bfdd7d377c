import { echoParts } from './echo.ts';
import { logPolicy, type OwnBus, type Parts } from './parts.ts';

/** A command of the AWS CLI for a POSIX shell. */
function command(service: string, operation: string, options: Readonly<Record<string, string | number>>): string {
  const given = Object.entries(options).map(([name, value]) => `--${name} ${quoted(String(value))}`);
  return ['aws', service, operation, ...given].join(' ');
}

const quoted = (text: string): string =>
  /^[\w./:=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** An event bus of the customer's own, on which the service may put. */
export const makeBus = ({ region, busName, ownBus }: Parts): string[] => [
  command('events', 'create-event-bus', { region, name: busName }),
  ...(ownBus
    ? [
        command('events', 'put-permission', {
          region,
          'event-bus-name': busName,
          policy: JSON.stringify({ Version: '2012-10-17', Statement: [ownBus.statement] }),
        }),
      ]
    : []),
];

/** Associates the event source with an event bus of the same name, which AWS asks for. */
export const associate = ({ region, name }: Parts): string[] => [
  command('events', 'create-event-bus', { region, name, 'event-source-name': name }),
];

/** Sends the token of each probe back. AWS makes parts of two ARNs up, so the commands look them up. */
export function echoProbes(parts: Parts, ownBus: OwnBus): string[] {
  const { region, busName } = parts;
  const { name, authParameters, trustPolicy, policy, roleArn, pattern, inputPath } = echoParts(parts, ownBus);
  const arnOf = (described: 'connection' | 'api-destination', query: string) =>
    `"$(${command('events', `describe-${described}`, { region, name, query, output: 'text' })})"`;
  return [
    command('events', 'create-connection', {
      region,
      name,
      'authorization-type': 'API_KEY',
      'auth-parameters': JSON.stringify(authParameters),
    }),
    // As JSON, because version 1 of the CLI fetches what an option that is a URL points to.
    `${command('events', 'create-api-destination', {
      region,
      name,
      'cli-input-json': JSON.stringify({
        HttpMethod: 'POST',
        InvocationEndpoint: ownBus.echoEndpoint,
        InvocationRateLimitPerSecond: 1,
      }),
    })} --connection-arn ${arnOf('connection', 'ConnectionArn')}`,
    command('iam', 'create-role', {
      region,
      'role-name': name,
      'assume-role-policy-document': JSON.stringify(trustPolicy),
    }),
    command('iam', 'put-role-policy', {
      region,
      'role-name': name,
      'policy-name': 'echo',
      'policy-document': JSON.stringify(policy),
    }),
    command('events', 'put-rule', {
      region,
      name,
      'event-bus-name': busName,
      'event-pattern': JSON.stringify(pattern),
    }),
    `${command('events', 'put-targets', {
      region,
      rule: name,
      'event-bus-name': busName,
      targets: `Id=echo,RoleArn=${roleArn},InputPath=${inputPath}`,
    })},Arn=${arnOf('api-destination', 'ApiDestinationArn')}`,
  ];
}

/** A first rule, which writes all that comes to a log group. */
export function logEvents(parts: Parts): string[] {
  const { region, busName, logGroup, ruleName, pattern } = parts;
  const policy = logPolicy(parts, 'all');
  return [
    command('logs', 'create-log-group', { region, 'log-group-name': logGroup }),
    command('logs', 'put-retention-policy', {
      region,
      'log-group-name': logGroup,
      'retention-in-days': parts.retentionDays,
    }),
    command('logs', 'put-resource-policy', { region, 'policy-name': policy.name, 'policy-document': policy.document }),
    command('events', 'put-rule', {
      region,
      name: ruleName,
      'event-bus-name': busName,
      'event-pattern': JSON.stringify(pattern),
    }),
    command('events', 'put-targets', {
      region,
      rule: ruleName,
      'event-bus-name': busName,
      targets: `Id=log,Arn=${parts.logGroupArn}`,
    }),
  ];
}
