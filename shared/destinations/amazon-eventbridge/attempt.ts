import {
  PutPartnerEventsCommand,
  type PutPartnerEventsRequestEntry,
  type PutPartnerEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { eventBridge } from '../../aws/eventbridge.ts';
import { renderEvent } from '../../events/render.ts';
import { pack } from '../../pack.ts';
import { awsErrorCode } from '../../sources/event-bridge-sources.ts';
import type { EventBridgeDestination } from '../destination.ts';
import type { AttemptRequest, Outcome } from '../type.ts';

type EventBridgeRequest = AttemptRequest<EventBridgeDestination>;

/** A PutPartnerEvents call takes 20 entries, of any sources in its Region, and 256 KB in all. */
const CALL_LIMITS = { count: 20, bytes: 256 * 1024 };

/** Entry errors that say nothing about the destination. Any other is the destination's: the list of codes is not published. */
const OUR_ENTRY_ERRORS = new Set([
  'InternalFailure',
  'InternalException',
  'Internal Service Error',
  'ThrottlingException',
]);

/** Request errors that one entry can be to blame for: the batch is split until it stands alone. */
const BLAMEABLE = new Set(['ValidationException', 'InvalidArgumentException', 'RequestEntityTooLargeException']);

interface Entry {
  readonly index: number;
  readonly region: string;
  readonly bytes: number;
  readonly wire: PutPartnerEventsRequestEntry;
}

/** Puts the events to their sources, one set of calls for each Region, all Regions at once. */
export async function attempt(requests: readonly EventBridgeRequest[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const entries = requests.flatMap((request, index) => {
    try {
      return [toEntry(request, index)];
    } catch (error) {
      outcomes[index] = { kind: 'ours', code: 'RenderingFailed', message: String(error) };
      return [];
    }
  });
  await Promise.all(
    [...Map.groupBy(entries, ({ region }) => region)].flatMap(([region, group]) =>
      pack(group, CALL_LIMITS, ({ bytes }) => bytes).map(async (call) => {
        for (const [index, outcome] of await put(region, call)) outcomes[index] = outcome;
      }),
    ),
  );
  return outcomes;
}

function toEntry({ destination, event }: EventBridgeRequest, index: number): Entry {
  const { account, snapshot_api_version: version } = destination;
  const detail = JSON.stringify(renderEvent(event, { for: account, fetched: false, version }));
  const wire = {
    Time: new Date(event.created),
    Source: destination.source.name,
    Resources: [destination.source.arn],
    DetailType: event.content.type,
    Detail: detail,
  };
  return { index, region: destination.amazon_eventbridge.aws_region, bytes: entryBytes(wire), wire };
}

/** AWS's formula: 14 for the time, and the UTF-8 bytes of everything else. */
const entryBytes = ({ Source, Resources = [], DetailType, Detail }: PutPartnerEventsRequestEntry): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 14);

async function put(region: string, entries: readonly Entry[]): Promise<(readonly [number, Outcome])[]> {
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  try {
    const command = new PutPartnerEventsCommand({ Entries: entries.map(({ wire }) => wire) });
    const { Entries = [] } = await eventBridge(region).send(command);
    return entries.map(({ index }, position) => [index, entryOutcome(Entries[position], durationMs())] as const);
  } catch (error) {
    const code = awsErrorCode(error);
    const message = error instanceof Error ? error.message : String(error);
    if (!BLAMEABLE.has(code)) return entries.map(({ index }) => [index, { kind: 'ours', code, message }] as const);
    if (entries.length > 1) return putHalves(region, entries);
    return entries.map(({ index }) => [index, { kind: 'failed', code, message, durationMs: durationMs() }] as const);
  }
}

async function putHalves(region: string, entries: readonly Entry[]) {
  const middle = Math.ceil(entries.length / 2);
  const halves = await Promise.all([put(region, entries.slice(0, middle)), put(region, entries.slice(middle))]);
  return halves.flat();
}

function entryOutcome(result: PutPartnerEventsResultEntry | undefined, durationMs: number): Outcome {
  if (result?.EventId) return { kind: 'succeeded', durationMs };
  const code = result?.ErrorCode ?? 'NoResult';
  const message = result?.ErrorMessage ?? 'Amazon EventBridge answered nothing for this entry';
  if (result === undefined || OUR_ENTRY_ERRORS.has(code)) return { kind: 'ours', code, message };
  return { kind: 'failed', code, message, durationMs };
}
