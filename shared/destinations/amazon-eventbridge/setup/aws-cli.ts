import { logPolicy, type Parts } from './parts.ts';

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
