import type { EventBridgeDestination } from '../destinations/destination.ts';
import { isoTime } from '../time.ts';
import type { EventSourceResponse } from './response.ts';
import { type StatusChange, statusOf } from './source.ts';

const timeOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : isoTime(ms));

/** What is known of a destination's event source, in more words than the destination itself has room for. */
export function renderEventSource({
  id,
  livemode,
  amazon_eventbridge,
  source,
}: EventBridgeDestination): EventSourceResponse {
  const { history, fallback } = source;
  return {
    object: 'v2.core.event_destination.event_source',
    event_destination: id,
    livemode,
    name: source.name,
    arn: source.arn,
    aws_account_id: amazon_eventbridge.aws_account_id,
    aws_region: amazon_eventbridge.aws_region,
    status: statusOf(source),
    /** What AWS said last: while the status is `unknown`, it goes on to count. */
    last_known_status: statusOf({ ...source, reachable: true }),
    since: isoTime(history.at(-1)?.at ?? source.since),
    expires_at: source.state === 'PENDING' ? timeOrNull(source.expires_at) : null,
    last_checked: isoTime(source.checked_at),
    last_confirmed_active: timeOrNull(source.active_at),
    /** What was put in this time was dropped by AWS, perhaps, and is on its way back to be delivered again. */
    returning: fallback ? { from: isoTime(fallback.from), until: isoTime(fallback.until) } : null,
    history: history.toReversed().map(renderChange),
  };
}

const renderChange = ({ status, at, cause }: StatusChange) => ({ status, at: isoTime(at), cause });
