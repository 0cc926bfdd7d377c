import type { SnapshotEvent } from '../event.ts';
import { invoiceParent } from './2025-03-31.basil.ts';
import type { VersionChange } from './change.ts';

/**
 * Every change there is, newest first. Producers write events in the newest version, or say in `api_version` in which;
 * a destination with a `snapshot_api_version` gets them in that one: the changes after it are taken back, one by one.
 *
 * A new change is a file named after its version, with a VersionChange, and a line here.
 */
export const versionChanges: readonly VersionChange[] = [invoiceParent];

/** The event's data in a version. What was written in an older one stays as it is: changes only run backwards. */
export function dataIn(version: string, { data, api_version }: SnapshotEvent['content']) {
  const undone = versionChanges.filter(
    (change) => isAfter(change.version, version) && !(api_version && isAfter(change.version, api_version)),
  );
  const of = String(data.object.object);
  const before = (attributes: Record<string, unknown>) =>
    undone.reduce<Readonly<Record<string, unknown>>>((all, change) => change.before(all, of), attributes);
  return {
    ...data,
    object: before(data.object),
    ...(data.previous_attributes && { previous_attributes: before(data.previous_attributes) }),
  };
}

/** Versions are dates with a name: `2025-03-31.basil`. Only the dates say which came first. */
const isAfter = (version: string, other: string): boolean => version.slice(0, 10) > other.slice(0, 10);
