import { randomUUID } from 'node:crypto';
import type { Caller } from '../aws-error.ts';
import type { Context, Operation } from './context.ts';
import {
  answer,
  checkTotal,
  type Entry,
  type EntryResult,
  entryError,
  envelopeOf,
  missingFrom,
  readEntry,
  wholeEntry,
} from './entries.ts';
import { validation } from './errors.ts';
import type { FaultyEntry } from './faults.ts';
import { EVENT_SOURCE_NAME } from './shapes.ts';
import { Fields } from './validation.ts';

/**
 * The code of an entry whose source is not there: never created, deleted, expired, or another partner's. AWS publishes
 * no list of these codes, so the literal is UNVERIFIED; nobody should depend on more than its not being retryable.
 */
export const SOURCE_GONE_CODE = 'ResourceNotFoundException';

export function putPartnerEvents(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const read = fields
      .requiredObjects('Entries', { min: 1, max: context.limits.partnerEntries })
      .map((item) => ({ given: item.raw, entry: readEntry(item, EVENT_SOURCE_NAME) }));
    fields.check();
    const entries = read.map(({ entry }) => entry);
    checkTotal(entries, context.limits.partnerBytes);
    // "If you submit a request in which none of the entries have each of these properties, EventBridge fails the entire request."
    if (entries.every((entry) => missingFrom(entry) !== undefined))
      throw validation('Parameter Entries is not valid. Reason: no entry has all of Source, DetailType and Detail.');
    return answer(read.map(({ given, entry }) => putOne(context, caller, given, entry)));
  };
}

function putOne(context: Context, caller: Caller, given: FaultyEntry, entry: Entry): EntryResult {
  const fault = context.faults.ofEntry(given);
  if (fault) return entryError(fault.code, fault.message);
  const whole = wholeEntry(entry, context.limits);
  if ('ErrorCode' in whole) return whole;
  const source = context.store.source(caller.region, whole.source);
  if (source?.partner !== caller.account)
    return entryError(SOURCE_GONE_CODE, `Event source ${whole.source} does not exist.`);

  // Accepted and dropped, without a sign: "Events sent to an event source in the PENDING state will be dropped".
  if (source.state === 'PENDING') return { EventId: randomUUID() };
  const envelope = envelopeOf(whole, source.account, caller.region, context.now());
  const bus = context.store.findBus(source.name, { account: source.account, region: source.region });
  if (bus) context.router.route(bus, envelope);
  return { EventId: envelope.id };
}
