import { locationOf, type SourceLocation } from '../../../sources/location.ts';
import type { EventBridgeDestination } from '../../destination.ts';

const RETENTION_DAYS = 30;
/** All log groups of event destinations begin so, and share what lets EventBridge write to them. */
const LOG_GROUPS = '/aws/events/event-destinations';

/** What the customer needs in his AWS account, by the names that every form of the instructions gives it. */
export interface Parts extends SourceLocation {
  /** The destination's id, which makes names that no other destination has. */
  readonly id: string;
  readonly ruleName: string;
  readonly pattern: object;
  readonly logGroup: string;
  readonly logGroupArn: string;
  readonly retentionDays: number;
}

export function partsOf(destination: EventBridgeDestination): Parts {
  const { id } = destination;
  const location = locationOf(destination);
  const logGroup = `${LOG_GROUPS}/${id}`;
  return {
    ...location,
    id,
    ruleName: `log-${id}`,
    pattern: { source: [location.name] },
    logGroup,
    logGroupArn: logGroupArn(location, logGroup),
    retentionDays: RETENTION_DAYS,
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
