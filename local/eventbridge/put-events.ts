import type { Caller } from '../aws-error.ts';
import { DEFAULT_BUS, parseArn } from './arns.ts';
import { allowsPut } from './bus-policy.ts';
import type { Context, Operation, Operations } from './context.ts';
import {
  answer,
  checkTotal,
  type Entry,
  type EntryResult,
  entryError,
  envelopeOf,
  readEntry,
  wholeEntry,
} from './entries.ts';
import { NON_PARTNER_BUS_NAME_OR_ARN } from './shapes.ts';
import type { Bus } from './state.ts';
import { Fields } from './validation.ts';

interface BusEntry extends Entry {
  readonly bus: string;
}

export function putEvents(context: Context): Operations {
  return { PutEvents: put(context) };
}

/** Unlike PutPartnerEvents, answers 200 even if every entry lacks something (recorded from AWS). */
function put(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const entries = fields.requiredObjects('Entries', { min: 1, max: context.limits.entries }).map(readBusEntry);
    fields.text('EndpointId');
    fields.check();
    checkTotal(entries, context.limits.bytes);
    return answer(entries.map((entry) => putOne(context, caller, entry)));
  };
}

function readBusEntry(fields: Fields): BusEntry {
  fields.text('TraceHeader', { min: 1, max: 500 });
  const bus = fields.text('EventBusName', NON_PARTNER_BUS_NAME_OR_ARN) ?? DEFAULT_BUS;
  return { ...readEntry(fields), bus };
}

function putOne(context: Context, caller: Caller, entry: BusEntry): EntryResult {
  const whole = wholeEntry(entry, context.limits);
  if ('ErrorCode' in whole) return whole;
  const { source, detailType } = whole;
  if (source.startsWith('aws.')) return entryError('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const bus = busOf(context, caller, entry.bus);
  const { account, region } = caller;
  if (bus && bus.account !== account && !allowsPut(bus, { account, source, detailType }))
    return entryError(
      'AccessDeniedException',
      `Account ${account} may not put events onto ${bus.arn}: ask its owner for a permission.`,
    );

  const envelope = envelopeOf(whole, account, region, context.now());
  // "PutEvents to a non-existent bus returns success": the event is dropped.
  if (bus) context.router.route(bus, envelope);
  return { EventId: envelope.id };
}

/** A bus of another Region is not reachable at this Region's endpoint: as good as absent. */
function busOf({ store }: Context, caller: Caller, name: string): Bus | undefined {
  const elsewhere = name.startsWith('arn:') && parseArn(name)?.region !== caller.region;
  return elsewhere ? undefined : store.findBus(name, caller);
}
