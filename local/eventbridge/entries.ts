import { randomUUID } from 'node:crypto';
import { type Envelope, isoSeconds } from './envelope.ts';
import { validation } from './errors.ts';
import { type JsonObject, parseJsonObject } from './json.ts';
import type { Limits } from './limits.ts';
import { RESOURCE } from './shapes.ts';
import type { Fields, TextRule } from './validation.ts';

/** An entry of PutEvents or PutPartnerEvents. `time` is in seconds since the epoch. */
export interface Entry {
  readonly time: number | undefined;
  readonly source: string | undefined;
  readonly detailType: string | undefined;
  readonly detail: string | undefined;
  readonly resources: readonly string[];
}

/** An entry that has all that an event needs. */
export interface WholeEntry {
  readonly time: number | undefined;
  readonly source: string;
  readonly detailType: string;
  readonly detail: JsonObject;
  readonly resources: readonly string[];
}

export interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

export type EntryResult = EntryError | { readonly EventId: string };

export function readEntry(fields: Fields, sourceRule: TextRule = {}): Entry {
  return {
    time: fields.number('Time'),
    source: fields.text('Source', sourceRule),
    detailType: fields.text('DetailType'),
    detail: fields.text('Detail'),
    resources: fields.texts('Resources', RESOURCE) ?? [],
  };
}

/** AWS's formula (eb-putevent-size): 14 bytes for a Time, and the UTF-8 bytes of the texts. */
function entryBytes({ time, source = '', detailType = '', detail = '', resources }: Entry): number {
  const texts = [source, detailType, detail, ...resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), time === undefined ? 0 : 14);
}

export function checkTotal(entries: readonly Entry[], maxBytes: number): void {
  if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > maxBytes)
    throw validation('Total size of the entries in the request is over the limit.');
}

export const entryError = (ErrorCode: string, ErrorMessage: string): EntryError => ({ ErrorCode, ErrorMessage });

/** The first required property that is missing or empty. */
export function missingFrom({ source, detailType, detail }: Entry): string | undefined {
  if (!source) return 'Source';
  if (!detailType) return 'DetailType';
  return detail ? undefined : 'Detail';
}

export function wholeEntry(entry: Entry, limits: Limits): WholeEntry | EntryError {
  const { time, source, detailType, detail, resources } = entry;
  if (!source || !detailType || !detail) {
    const name = missingFrom(entry);
    return entryError('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (detailType.length > limits.detailTypeLength)
    return entryError(
      'InvalidArgument',
      `Parameter DetailType is not valid. Reason: DetailType is longer than ${limits.detailTypeLength} characters.`,
    );
  const parsed = parseJsonObject(detail);
  if (!parsed) return entryError('MalformedDetail', 'Detail is malformed.');
  return { time, source, detailType, detail: parsed, resources };
}

/** `now` in ms since the epoch: the event's time if the entry has none. */
export function envelopeOf(entry: WholeEntry, account: string, region: string, now: number): Envelope {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.detailType,
    source: entry.source,
    account,
    time: isoSeconds(entry.time === undefined ? now : entry.time * 1000),
    region,
    resources: entry.resources,
    detail: entry.detail,
  };
}

export function answer(results: readonly EntryResult[]) {
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}
