import { renderEvent } from '../../events/render.ts';
import { attemptTraceparent } from '../../events/trace.ts';
import { pack } from '../../pack.ts';
import { awsErrorCode } from '../../sources/event-bridge-sources.ts';
import { isOurs } from '../../sources/modes/entry-errors.ts';
import { modeOf } from '../../sources/modes/index.ts';
import type { DeliveryMode, WireEntry, WireResult } from '../../sources/modes/mode.ts';
import { SECOND } from '../../time.ts';
import type { EventBridgeDestination } from '../destination.ts';
import type { AttemptRequest, Outcome } from '../type.ts';

type EventBridgeRequest = AttemptRequest<EventBridgeDestination>;

/** A call takes so many bytes, and the mode's number of entries, of any destinations in its Region. */
const CALL_BYTES = 256 * 1024;

/**
 * Regions that did not answer in time, each with the time (ms) until which this sandbox asks it no more: every call to it
 * keeps its whole batch for ten seconds, and with it one of the functions that deliver to all Regions.
 */
const silent = new Map<string, number>();
const SILENT_FOR = 30 * SECOND;

/** Request errors that one entry can be to blame for: the batch is split until it stands alone. */
const BLAMEABLE = new Set(['ValidationException', 'InvalidArgumentException', 'RequestEntityTooLargeException']);

/** An entry has no field for it in PutPartnerEvents: by the deployment's option it stands in the detail. */
const saysTrace = (): boolean => process.env.TRACEPARENT_IN_EVENTS === 'on';

interface Entry {
  readonly index: number;
  readonly mode: DeliveryMode;
  readonly region: string;
  readonly bytes: number;
  readonly wire: WireEntry;
}

/** Puts the events to their sources, one set of calls for each mode and Region, all of them at once. */
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
    [...Map.groupBy(entries, ({ mode, region }) => `${mode.name} ${region}`).values()]
      .flatMap(callsOf)
      .map(async (call) => {
        for (const [index, outcome] of await put(call)) outcomes[index] = outcome;
      }),
  );
  return outcomes;
}

interface Call {
  readonly mode: DeliveryMode;
  readonly region: string;
  readonly entries: readonly Entry[];
}

function callsOf(group: readonly Entry[]): Call[] {
  const [first] = group;
  if (!first) return [];
  const { mode, region } = first;
  const limits = { count: mode.entriesPerCall, bytes: CALL_BYTES };
  return pack(group, limits, ({ bytes }) => bytes).map((entries) => ({ mode, region, entries }));
}

function toEntry({ destination, event }: EventBridgeRequest, index: number): Entry {
  const { account, snapshot_api_version: version } = destination;
  const rendered = renderEvent(event, { for: account, fetched: false, version });
  const wire = {
    Time: new Date(event.created),
    Source: destination.source.name,
    Resources: [destination.source.arn],
    DetailType: event.content.type,
    Detail: JSON.stringify(saysTrace() ? { ...rendered, traceparent: attemptTraceparent(event) } : rendered),
  };
  const region = destination.amazon_eventbridge.aws_region;
  return { index, mode: modeOf(destination), region, bytes: entryBytes(wire), wire };
}

/** AWS's formula: 14 for the time, and the UTF-8 bytes of everything else. */
const entryBytes = ({ Source, Resources, DetailType, Detail }: WireEntry): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 14);

async function put(call: Call): Promise<(readonly [number, Outcome])[]> {
  const { mode, region, entries } = call;
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  const all = (outcome: Outcome) => entries.map(({ index }) => [index, outcome] as const);
  if ((silent.get(region) ?? 0) > Date.now())
    return all({
      kind: 'ours',
      code: 'RegionSilent',
      message: `${region} did not answer a moment ago`,
      awsRefused: true,
    });
  try {
    const results = await mode.put(
      region,
      entries.map(({ wire }) => wire),
    );
    return entries.map(({ index }, position) => [index, entryOutcome(results[position], durationMs())] as const);
  } catch (error) {
    const code = awsErrorCode(error);
    const message = error instanceof Error ? error.message : String(error);
    if (code === 'TimeoutError') silent.set(region, Date.now() + SILENT_FOR);
    if (!BLAMEABLE.has(code) && !mode.refuses(error))
      return all({ kind: 'ours', code, message, ...(wasSent(error) && { awsRefused: true }) });
    if (entries.length > 1) return putHalves(call);
    return all({ kind: 'failed', code, message, durationMs: durationMs() });
  }
}

/** The SDK says of every call that it made how often it tried. */
const wasSent = (error: unknown): boolean => error instanceof Error && '$metadata' in error;

async function putHalves(call: Call) {
  const middle = Math.ceil(call.entries.length / 2);
  const parts = [call.entries.slice(0, middle), call.entries.slice(middle)];
  return (await Promise.all(parts.map((entries) => put({ ...call, entries })))).flat();
}

function entryOutcome(result: WireResult | undefined, durationMs: number): Outcome {
  if (result?.EventId) return { kind: 'succeeded', durationMs };
  const code = result?.ErrorCode ?? 'NoResult';
  const message = result?.ErrorMessage ?? 'Amazon EventBridge answered nothing for this entry';
  if (result === undefined || isOurs(code)) return { kind: 'ours', code, message, awsRefused: true };
  return { kind: 'failed', code, message, durationMs };
}
