import { env } from '../../../aws/env.ts';
import { locationOf, type SourceLocation } from '../../../sources/location.ts';
import { ECHO_TYPE } from '../../../sources/modes/echo.ts';
import { modeOf } from '../../../sources/modes/index.ts';
import type { EventBridgeDestination } from '../../destination.ts';

const RETENTION_DAYS = 30;
/** All log groups of event destinations begin so, and share what lets EventBridge write to them. */
const LOG_GROUPS = '/aws/events/event-destinations';

/** What a source that is not a partner's needs besides. */
export interface OwnBus {
  /** Lets the service put events of this source, and no others, on the event bus. */
  readonly statement: { readonly Sid: string } & Readonly<Record<string, unknown>>;
  readonly probeType: string;
  /** Where a rule sends the token of a probe. */
  readonly echoEndpoint: string;
  readonly publisherAccount: string;
}

/** What the customer needs in his AWS account, by the names that every form of the instructions gives it. */
export interface Parts extends SourceLocation {
  /** The destination's id, which makes names that no other destination has. */
  readonly id: string;
  readonly busName: string;
  /** Undefined for a partner event source. */
  readonly ownBus: OwnBus | undefined;
  readonly ruleName: string;
  readonly pattern: object;
  readonly logGroup: string;
  readonly logGroupArn: string;
  readonly retentionDays: number;
}

export function partsOf(destination: EventBridgeDestination, apiUrl: string): Parts {
  const { id, source } = destination;
  const location = locationOf(destination);
  const ownBus = modeOf(destination).name === 'event_bus' ? ownBusOf(destination, apiUrl) : undefined;
  const logGroup = `${LOG_GROUPS}/${id}`;
  return {
    ...location,
    id,
    ownBus,
    busName: ownBus ? source.arn.slice(source.arn.indexOf('/') + 1) : location.name,
    ruleName: `log-${id}`,
    // Probes are the echo's alone.
    pattern: { source: [location.name], ...(ownBus && { 'detail-type': [{ 'anything-but': [ownBus.probeType] }] }) },
    logGroup,
    logGroupArn: logGroupArn(location, logGroup),
    retentionDays: RETENTION_DAYS,
  };
}

function ownBusOf({ id, source }: EventBridgeDestination, apiUrl: string): OwnBus {
  const publisherAccount = env('SERVICE_ACCOUNT_ID');
  return {
    statement: {
      Sid: 'PutEventsOfTheEventDestination',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${publisherAccount}:root` },
      Action: 'events:PutEvents',
      Resource: source.arn,
      Condition: { StringEquals: { 'events:source': source.name } },
    },
    probeType: ECHO_TYPE,
    echoEndpoint: `${apiUrl}/v2/core/event_destinations/${id}/echo`,
    publisherAccount,
  };
}

const logGroupArn = ({ region, account }: SourceLocation, name: string): string =>
  `arn:aws:logs:${region}:${account}:log-group:${name}`;

/**
 * Lets EventBridge write to log groups; it needs a resource policy for that, and takes no role. AWS allows ten such
 * policies in an account and Region: the one for all of them is put under one name, again for each destination.
 */
export const logPolicy = (parts: Parts, scope: 'own' | 'all'): { readonly name: string; readonly document: string } => {
  const Resource = `${scope === 'own' ? parts.logGroupArn : logGroupArn(parts, `${LOG_GROUPS}/*`)}:*`;
  const statement = {
    Effect: 'Allow',
    Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource,
  };
  const name = scope === 'own' ? `event-destinations-${parts.id}` : 'event-destinations';
  return { name, document: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) };
};
