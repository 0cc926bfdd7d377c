import { AwsError, type Caller } from '../aws-error.ts';
import { sourceArn } from './arns.ts';
import type { Context, Operation, Operations } from './context.ts';
import { alreadyExists, noSuchSource } from './errors.ts';
import { page, pageRequest } from './pages.ts';
import { putPartnerEvents } from './put-partner-events.ts';
import { ACCOUNT_ID, EVENT_SOURCE_NAME, PARTNER_NAME_PREFIX } from './shapes.ts';
import { pending } from './source-states.ts';
import type { Source } from './state.ts';
import { Fields } from './validation.ts';

/** The operations that only registered partners may call. */
export function partnerSide(context: Context): Operations {
  const forPartners = (name: string, run: Operation): readonly [string, Operation] => [
    name,
    (input, caller) => {
      if (!context.partnerAccounts.has(caller.account)) throw notAPartner(name, caller);
      return run(input, caller);
    },
  ];
  return Object.fromEntries([
    forPartners('CreatePartnerEventSource', create(context)),
    forPartners('DeletePartnerEventSource', remove(context)),
    forPartners('DescribePartnerEventSource', describe(context)),
    forPartners('ListPartnerEventSources', list(context)),
    forPartners('ListPartnerEventSourceAccounts', listAccounts(context)),
    forPartners('PutPartnerEvents', putPartnerEvents(context)),
  ]);
}

/** "The following APIs can only be called by AWS accounts associated with registered partners." The wording is UNVERIFIED. */
function notAPartner(operation: string, { account }: Caller): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `User: arn:aws:iam::${account}:root is not authorized to perform: events:${operation} because the account is not associated with a registered partner.`,
  );
}

function create({ store, now, limits }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.required('Name', EVENT_SOURCE_NAME);
    const account = fields.required('Account', ACCOUNT_ID);
    fields.check();
    // A name "must be unique over all AWS customers", whoever created it and for whom.
    if (store.source(caller.region, name)) throw alreadyExists(`Event source ${name} already exists.`);
    const identity = { region: caller.region, name, partner: caller.account, account, createdAt: now() };
    store.putSource(pending(identity, now(), limits.pendingSourceMs));
    return { EventSourceArn: sourceArn(caller.region, name) };
  };
}

/** Knows no ResourceNotFoundException: deleting what is not there succeeds. */
function remove(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.required('Name', EVENT_SOURCE_NAME);
    const account = fields.required('Account', ACCOUNT_ID);
    fields.check();
    const source = ownSource(context, caller, name);
    if (source?.account === account) context.store.deleteSource(source);
    return {};
  };
}

function describe(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.required('Name', EVENT_SOURCE_NAME);
    fields.check();
    if (!ownSource(context, caller, name)) throw noSuchSource(name);
    return { Arn: sourceArn(caller.region, name), Name: name };
  };
}

function list({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const prefix = fields.required('NamePrefix', PARTNER_NAME_PREFIX);
    const request = pageRequest(fields);
    fields.check();
    const own = store
      .sources(caller.region)
      .filter(({ partner, name }) => partner === caller.account && name.startsWith(prefix));
    const { items, next } = page(own, ({ name }) => name, request);
    return {
      PartnerEventSources: items.map(({ region, name }) => ({ Arn: sourceArn(region, name), Name: name })),
      ...next,
    };
  };
}

/** How a partner learns whether its customer has attached a bus. */
function listAccounts(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.required('EventSourceName', EVENT_SOURCE_NAME);
    const request = pageRequest(fields);
    fields.check();
    const source = ownSource(context, caller, name);
    if (!source) throw noSuchSource(name);
    const { items, next } = page([source], ({ account }) => account, request);
    return {
      PartnerEventSourceAccounts: items.map((item) => ({ Account: item.account, ...timesAndState(item) })),
      ...next,
    };
  };
}

/** Times in the protocol's seconds. A source expires only while it is PENDING. */
export function timesAndState(source: Source) {
  return {
    CreationTime: source.createdAt / 1000,
    ...(source.state === 'PENDING' && { ExpirationTime: source.expiresAt / 1000 }),
    State: source.state,
  };
}

/** The source, if it lives and the caller created it. */
function ownSource({ store }: Context, { account, region }: Caller, name: string): Source | undefined {
  const source = store.source(region, name);
  return source?.partner === account ? source : undefined;
}
