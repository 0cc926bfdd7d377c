import type { Caller } from '../aws-error.ts';
import { DEFAULT_BUS } from './arns.ts';
import type { Context, Operation, Operations } from './context.ts';
import { shared } from './customer-side.ts';
import { alreadyExists, limitExceeded, noSuchSource, validation } from './errors.ts';
import { page, pageRequest } from './pages.ts';
import { ARN, BUS_NAME_OR_ARN, DESCRIPTION, EVENT_BUS_NAME, EVENT_SOURCE_NAME } from './shapes.ts';
import { withBus, withoutBus } from './source-states.ts';
import type { Bus } from './state.ts';
import { newBus } from './store.ts';
import { readTags } from './tags.ts';
import { Fields } from './validation.ts';

export function buses(context: Context): Operations {
  return {
    CreateEventBus: create(context),
    DeleteEventBus: remove(context),
    DescribeEventBus: describe(context),
    ListEventBuses: list(context),
  };
}

function create(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.required('Name', EVENT_BUS_NAME);
    const sourceName = fields.text('EventSourceName', EVENT_SOURCE_NAME);
    const settings = readSettings(fields);
    const tags = readTags(fields, context.limits);
    fields.check();
    checkName(name, sourceName);
    const { store } = context;
    if (store.findBus(name, caller)) throw alreadyExists(`Event bus ${name} already exists.`);
    if (customBuses(context, caller).length >= context.limits.buses) throw limitExceeded();
    const more = { settings, tags };
    const bus =
      sourceName === undefined ? newBus(name, caller, context.now(), more) : attach(context, caller, name, more);
    store.putBus(bus);
    return { EventBusArn: bus.arn, ...settings };
  };
}

/** A partner bus: with it the source becomes ACTIVE. */
function attach(context: Context, caller: Caller, name: string, more: Partial<Bus>): Bus {
  const { source } = shared(context, caller, name);
  if (!source) throw noSuchSource(name);
  context.store.putSource(withBus(source));
  return newBus(name, caller, context.now(), { ...more, sourceCreatedAt: source.createdAt });
}

function checkName(name: string, sourceName: string | undefined): void {
  if (name === sourceName) return;
  if (name.startsWith('aws.')) throw validation("EventBus name starting with 'aws.' is not valid.");
  if (sourceName !== undefined)
    throw validation('Parameter Name is not valid. Reason: Name and EventSourceName must be the same.');
  if (name.includes('/')) throw validation("Parameter Name is not valid. Reason: it must not contain '/'.");
}

function customBuses({ store }: Context, caller: Caller): Bus[] {
  return store.buses(caller).filter(({ name }) => name !== DEFAULT_BUS);
}

function readSettings(fields: Fields): Readonly<Record<string, unknown>> {
  const description = fields.text('Description', DESCRIPTION);
  const key = fields.text('KmsKeyIdentifier', { max: 2048 });
  const deadLetters = fields.object('DeadLetterConfig');
  deadLetters?.text('Arn', ARN);
  const logs = fields.object('LogConfig');
  return {
    ...(description !== undefined && { Description: description }),
    ...(key !== undefined && { KmsKeyIdentifier: key }),
    ...(deadLetters && { DeadLetterConfig: deadLetters.raw }),
    ...(logs && { LogConfig: logs.raw }),
  };
}

/** Deleting what is not there succeeds. A partner source goes back to PENDING; only the partner can delete it. */
function remove(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.required('Name', EVENT_BUS_NAME);
    fields.check();
    if (name === DEFAULT_BUS) throw validation('Cannot delete event bus default.');
    const { source, bus } = shared(context, caller, name);
    if (!bus) return {};
    if (bus.rules.size > 0) throw validation("EventBus can't be deleted since it has rules.");
    context.store.deleteBus(bus);
    if (source) context.store.putSource(withoutBus(source, context.now(), context.limits.pendingSourceMs));
    return {};
  };
}

function describe({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.text('Name', BUS_NAME_OR_ARN) ?? DEFAULT_BUS;
    fields.check();
    return view(store.bus(name, caller));
  };
}

function list({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const prefix = fields.text('NamePrefix', EVENT_BUS_NAME) ?? '';
    const request = pageRequest(fields);
    fields.check();
    const matching = store.buses(caller).filter(({ name }) => name.startsWith(prefix));
    const { items, next } = page(matching, ({ name }) => name, request);
    return { EventBuses: items.map(view), ...next };
  };
}

function view(bus: Bus) {
  return {
    Name: bus.name,
    Arn: bus.arn,
    ...bus.settings,
    ...(bus.policy && { Policy: JSON.stringify(bus.policy) }),
    CreationTime: bus.createdAt / 1000,
    LastModifiedTime: bus.modifiedAt / 1000,
  };
}
