import { accountOfPartition } from '../accounts/account.ts';
import { type Expression, type Item, registry } from '../aws/table.ts';
import type { Announcement } from '../destinations/announcement.ts';
import {
  type Destination,
  type DestinationRef,
  type DisabledReason,
  destinationKey,
  type EventBridgeDestination,
  toDestination,
} from '../destinations/destination.ts';
import { type Check, type Lane, nextCheck, SOON } from './schedule.ts';
import type { EventSource } from './source.ts';

/**
 * The tracker goes through the Regions that have sources. A destination without a source is in its index only while it is
 * half made or half gone, or has something to announce, under a Region of this name.
 */
export const NO_REGION = 'none';
const regionOf = (destination: Destination): string =>
  destination.type === 'amazon_eventbridge' ? destination.amazon_eventbridge.aws_region : NO_REGION;

const REGIONS = 'regions';

/** Before the first destination of a Region is written. */
export async function registerRegion(destination: Destination): Promise<void> {
  await registry().put({ pk: REGIONS, sk: regionOf(destination) });
}

export async function listRegions(): Promise<string[]> {
  const regions: string[] = [];
  for await (const item of registry().query({ expression: 'pk = :pk', values: { ':pk': REGIONS } }))
    regions.push(item.sk);
  return regions;
}

/**
 * The sparse index `source-checks`: by Region and lane, and by the time of the check. What has no time is not in it, and
 * what is due is one range, whatever else there is.
 */
const laneKey = (region: string, lane: Lane): string => `${region}#${lane}`;

export const checkKeys = (destination: Destination, { at, lane }: Check) => ({
  source_region: laneKey(regionOf(destination), lane),
  source_check_at: at,
});

/** A destination that is written whole: `creating` is looked at soon after, `ready` as its source asks for it. */
export function withCheck(destination: Destination): Item {
  const { source_check_at: _before, ...item } = { ...destinationKey(destination), ...destination };
  const check =
    destination.type === 'amazon_eventbridge'
      ? nextCheck(destination.source, destination.source.checked_at)
      : destination.lifecycle === 'ready'
        ? undefined
        : ({ at: destination.updated, lane: 'watch' } as const);
  // The lane alone puts it into no index; it is there for whoever makes the destination due later.
  return check
    ? { ...item, ...checkKeys(destination, check) }
    : { ...item, source_region: laneKey(regionOf(destination), 'watch') };
}

/** What is due in a lane of a Region, the longest overdue first. */
export async function* dueChecks(
  region: string,
  lane: Lane,
  now: number,
  limit: number,
): AsyncGenerator<DestinationRef> {
  const due = registry().query({
    index: 'source-checks',
    expression: 'source_region = :lane AND source_check_at <= :now',
    values: { ':lane': laneKey(region, lane), ':now': now },
    pageSize: limit,
  });
  for await (const { pk, sk } of due) yield { id: sk, ...accountOfPartition(pk) };
}

export interface SourceUpdate {
  readonly source: EventSource;
  /** Set when the change disables the destination. */
  readonly disable?: DisabledReason | undefined;
  readonly announcements: readonly Announcement[];
}

/**
 * Records a check of the source, unless another check was recorded since `before` was read, or the destination was
 * enabled or disabled: one that is enabled while its source goes must not stay so, and is checked again. The destination
 * as it is then; undefined when nothing was recorded.
 */
export async function recordSource(
  before: EventBridgeDestination,
  { source, disable, announcements }: SourceUpdate,
  now: number,
): Promise<EventBridgeDestination | undefined> {
  const check =
    announcements.length > 0 ? { at: now + SOON, lane: 'watch' as const } : nextCheck(source, now, before.put_to_at);
  const keys = check && checkKeys(before, check);
  const sets = [
    '#source = :source',
    keys && 'source_check_at = :check, source_region = :lane',
    disable && '#status = :disabled, disabled_reason = :reason, updated = :now',
    announcements.length > 0 && 'announcements = list_append(if_not_exists(announcements, :none), :announcements)',
  ].filter(Boolean);
  const update: Expression = {
    expression: `SET ${sets.join(', ')}${keys ? '' : ' REMOVE source_check_at'}`,
    names: { '#source': 'source', '#status': 'status' },
    values: {
      ':source': source,
      ':seen': before.source.checked_at,
      ':ready': 'ready',
      ':status': before.status,
      ...(keys && { ':check': keys.source_check_at, ':lane': keys.source_region }),
      ...(disable && { ':disabled': 'disabled', ':reason': disable, ':now': now }),
      ...(announcements.length > 0 && { ':none': [], ':announcements': announcements }),
    },
  };
  const condition = '#source.checked_at = :seen AND lifecycle = :ready AND #status = :status';
  const item = await registry().change(destinationKey(before), update, condition);
  const after = item && toDestination(item);
  return after?.type === 'amazon_eventbridge' ? after : undefined;
}

/**
 * The range of the fallback until this instant is returned. False when it grew meanwhile. The check's time is moved on with
 * it, on which every check's write is conditional: one that read the fallback must not bring it back.
 */
export async function endFallback(ref: DestinationRef, until: number): Promise<boolean> {
  return registry().update(
    destinationKey(ref),
    {
      expression: 'SET #source.checked_at = #source.checked_at + :one REMOVE #source.fallback',
      names: { '#source': 'source', '#until': 'until' },
      values: { ':one': 1, ':until': until },
    },
    '#source.fallback.#until = :until',
  );
}

/**
 * Says that the source is put to, which makes its check due. Nothing happens where somebody else has said so meanwhile, or
 * where nothing is checked any more. In its lane it stands in the order of the last checks.
 */
export async function recordPutTo(destination: EventBridgeDestination, now: number): Promise<void> {
  const keys = checkKeys(destination, { at: Math.min(destination.source.checked_at, now), lane: 'confirm' });
  await registry().update(
    destinationKey(destination),
    {
      expression: 'SET put_to_at = :now, source_check_at = :at, source_region = :lane',
      values: {
        ':now': now,
        ':at': keys.source_check_at,
        ':lane': keys.source_region,
        ':before': destination.put_to_at ?? 0,
      },
    },
    'attribute_exists(source_check_at) AND (attribute_not_exists(put_to_at) OR put_to_at <= :before)',
  );
}

/** Makes the check due, unless it is: in its lane it stands in the order of the last checks. */
export async function requestCheck(destination: EventBridgeDestination, lane: Lane, now: number): Promise<void> {
  const keys = checkKeys(destination, { at: Math.min(destination.source.checked_at, now), lane });
  await registry().update(
    destinationKey(destination),
    {
      expression: 'SET source_check_at = :at, source_region = :lane',
      values: { ':at': keys.source_check_at, ':lane': keys.source_region, ':now': now },
    },
    'attribute_exists(source_check_at) AND source_check_at > :now',
  );
}

/** Puts off a check that failed for our own reasons, so that the others of its Region have their turn first. */
export async function postponeCheck(ref: DestinationRef, until: number): Promise<void> {
  await registry().update(
    destinationKey(ref),
    { expression: 'SET source_check_at = :until', values: { ':until': until } },
    'attribute_exists(source_check_at)',
  );
}
