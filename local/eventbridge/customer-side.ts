import type { Caller } from '../aws-error.ts';
import { sourceArn } from './arns.ts';
import type { Context, Operation, Operations } from './context.ts';
import { noSuchSource } from './errors.ts';
import { page, pageRequest } from './pages.ts';
import { timesAndState } from './partner-side.ts';
import { EVENT_SOURCE_NAME, EVENT_SOURCE_NAME_PREFIX } from './shapes.ts';
import { activated, customerState, deactivated } from './source-states.ts';
import type { Bus, Source } from './state.ts';
import { Fields } from './validation.ts';

/** Event sources as the account sees them that they are shared with. */
export function customerSide(context: Context): Operations {
  return {
    DescribeEventSource: describe(context),
    ListEventSources: list(context),
    ActivateEventSource: activate(context),
    DeactivateEventSource: deactivate(context),
  };
}

interface Shared {
  readonly source: Source | undefined;
  readonly bus: Bus | undefined;
}

/** The source shared with the caller, and the caller's bus for it. */
export function shared({ store }: Context, caller: Caller, name: string): Shared {
  const source = store.source(caller.region, name);
  return { source: source?.account === caller.account ? source : undefined, bus: store.findBus(name, caller) };
}

function describe(context: Context): Operation {
  return (input, caller) => {
    const name = nameOf(input);
    const seen = view(name, caller, shared(context, caller, name));
    if (!seen) throw noSuchSource(name);
    return seen;
  };
}

function list(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const prefix = fields.text('NamePrefix', EVENT_SOURCE_NAME_PREFIX) ?? '';
    const request = pageRequest(fields);
    fields.check();
    const sources = context.store.sources(caller.region).filter(({ account }) => account === caller.account);
    const partnerBuses = context.store.buses(caller).filter(({ sourceCreatedAt }) => sourceCreatedAt !== undefined);
    const names = new Set([...sources, ...partnerBuses].map(({ name }) => name));
    const matching = [...names].filter((name) => name.startsWith(prefix));
    const { items, next } = page(matching, (name) => name, request);
    const views = items.map((name) => view(name, caller, shared(context, caller, name)));
    return { EventSources: views.filter((seen) => seen !== undefined), ...next };
  };
}

function activate(context: Context): Operation {
  return (input, caller) => {
    const name = nameOf(input);
    const { source, bus } = shared(context, caller, name);
    context.store.putSource(activated(name, source, bus));
    return {};
  };
}

function deactivate(context: Context): Operation {
  return (input, caller) => {
    const name = nameOf(input);
    const { source, bus } = shared(context, caller, name);
    context.store.putSource(deactivated(name, source, bus, context.now(), context.limits.pendingSourceMs));
    return {};
  };
}

function nameOf(input: unknown): string {
  const fields = new Fields(input);
  const name = fields.required('Name', EVENT_SOURCE_NAME);
  fields.check();
  return name;
}

function view(name: string, { region }: Caller, { source, bus }: Shared) {
  const state = customerState(source, bus);
  if (!state) return undefined;
  const creation = bus?.sourceCreatedAt === undefined ? {} : { CreationTime: bus.sourceCreatedAt / 1000 };
  return {
    Arn: sourceArn(region, name),
    // "The name of the partner that created the event source": its part of the name. The exact form is UNVERIFIED.
    CreatedBy: name.split('/').slice(0, 2).join('/'),
    ...(source ? timesAndState(source) : creation),
    Name: name,
    State: state,
  };
}
