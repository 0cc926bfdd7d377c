import { type Announcement, disabledAnnouncement } from '../destinations/announcement.ts';
import type { DisabledReason, EventBridgeDestination } from '../destinations/destination.ts';
import { isoTime } from '../time.ts';
import { type EventSource, holds, statusOf } from './source.ts';

/** What follows from a change of the source, besides the change itself. */
interface Consequences {
  /** What is held is held no longer, or ends: also what the circuit breaker holds when the source is gone. */
  readonly releases: boolean;
  readonly disable?: DisabledReason | undefined;
  readonly announcements: readonly Announcement[];
}

export function consequencesOf(
  { source: before, status }: Pick<EventBridgeDestination, 'source' | 'status'>,
  after: EventSource,
  now: number,
): Consequences {
  const gone = after.state === 'DELETED' && before.state !== 'DELETED';
  const disable = gone && status === 'enabled' ? 'no_aws_event_source_exists' : undefined;
  return {
    releases: gone || (holds(before) && !holds(after)),
    disable,
    announcements: [...sourceAnnouncements(before, after, now), ...(disable ? [goneAnnouncement(after, now)] : [])],
  };
}

function sourceAnnouncements(before: EventSource, after: EventSource, now: number): Announcement[] {
  if (before.state === after.state) return [];
  const change = {
    aws_event_source_arn: after.arn,
    aws_event_source_status: statusOf(after),
    previous_aws_event_source_status: statusOf(before),
    changed: isoTime(now),
  };
  if (after.state === 'ACTIVE') return [{ name: 'activated', at: now, data: change }];
  if (before.state !== 'ACTIVE' || after.state !== 'PENDING') return [];
  return [{ name: 'fell_back', at: now, data: { ...change, ...fallbackData(after) } }];
}

/** What was put in that time waits for the source to be associated again, which has to be before it expires. */
const fallbackData = ({ fallback, expires_at }: EventSource) => ({
  expires: expires_at === undefined ? null : isoTime(expires_at),
  returned: fallback ? { from: isoTime(fallback.from), until: isoTime(fallback.until) } : null,
});

const goneAnnouncement = ({ arn, history }: EventSource, now: number): Announcement =>
  disabledAnnouncement('no_aws_event_source_exists', now, {
    aws_event_source_arn: arn,
    aws_event_source_status: 'deleted',
    cause: history.at(-1)?.cause ?? null,
  });
