import { AwsError } from '../aws-error.ts';
import { DEFAULT_BUS } from './arns.ts';
import type { Context, Operation, Operations } from './context.ts';
import { notFound, validation } from './errors.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJsonObject } from './json.ts';
import { ACTION, NON_PARTNER_BUS_NAME, PRINCIPAL, STATEMENT_ID } from './shapes.ts';
import type { Bus } from './state.ts';
import { Fields } from './validation.ts';

/** A bus's resource policy, as JSON: statements of IAM's language. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly JsonObject[];
}

const POLICY_VERSION = '2012-10-17';
const MAX_POLICY_BYTES = 10_240;

export function permissions(context: Context): Operations {
  return { PutPermission: put(context), RemovePermission: remove(context) };
}

function put({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.text('EventBusName', NON_PARTNER_BUS_NAME) ?? DEFAULT_BUS;
    const policy = fields.text('Policy');
    const statement = policy === undefined ? statementFields(fields) : undefined;
    fields.check();
    const bus = store.bus(name, caller);
    setPolicy(bus, statement ? withStatement(bus, statement(bus)) : parsePolicy(policy ?? ''));
    store.touch(bus);
    return {};
  };
}

/** Action, Principal and StatementId make one statement; one with the same id is replaced. */
function statementFields(fields: Fields): (bus: Bus) => JsonObject {
  const action = fields.required('Action', ACTION);
  const principal = fields.required('Principal', PRINCIPAL);
  const sid = fields.required('StatementId', STATEMENT_ID);
  const condition = fields.object('Condition');
  const [type, key, value] = ['Type', 'Key', 'Value'].map((name) => condition?.required(name) ?? '');
  return (bus) => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` },
    Action: action,
    Resource: bus.arn,
    ...(condition && { Condition: { [type ?? '']: { [key ?? '']: value ?? '' } } }),
  });
}

function withStatement(bus: Bus, statement: JsonObject): Policy {
  const others = (bus.policy?.Statement ?? []).filter(({ Sid }) => Sid !== statement.Sid);
  return { Version: POLICY_VERSION, Statement: [...others, statement] };
}

function parsePolicy(text: string): Policy {
  const { Version, Statement } = parseJsonObject(text) ?? {};
  const statements = isJsonArray(Statement) ? Statement : [Statement];
  if (!statements.every((statement) => isJsonObject(statement)))
    throw validation('Parameter Policy is not valid. Reason: it must be JSON with one or more statements.');
  return { Version: typeof Version === 'string' ? Version : POLICY_VERSION, Statement: statements };
}

function setPolicy(bus: Bus, policy: Policy): void {
  if (Buffer.byteLength(JSON.stringify(policy)) > MAX_POLICY_BYTES)
    throw new AwsError('PolicyLengthExceededException', `The policy is longer than ${MAX_POLICY_BYTES} bytes.`);
  bus.policy = policy;
}

function remove({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.text('EventBusName', NON_PARTNER_BUS_NAME) ?? DEFAULT_BUS;
    const sid = fields.text('StatementId', STATEMENT_ID);
    const all = fields.flag('RemoveAllPermissions') ?? false;
    fields.check();
    const bus = store.bus(name, caller);
    const before = bus.policy?.Statement ?? [];
    const left = all ? [] : before.filter(({ Sid }) => Sid !== sid);
    if (!all && left.length === before.length) throw notFound('Statement with the provided id does not exist.');
    if (left.length === 0) delete bus.policy;
    else bus.policy = { Version: POLICY_VERSION, Statement: left };
    store.touch(bus);
    return {};
  };
}

/** A PutEvents entry from another account. */
export interface Put {
  readonly account: string;
  readonly source: string;
  readonly detailType: string;
}

/** Whether the bus's policy lets that account put that event. A Deny wins. */
export function allowsPut(bus: Bus, put: Put): boolean {
  const applying = (bus.policy?.Statement ?? []).filter((statement) => applies(statement, bus, put));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}

function applies(statement: JsonObject, bus: Bus, put: Put): boolean {
  return (
    namesAccount(statement.Principal, put.account) &&
    textsOf(statement.Action).some((action) => like(action, 'events:PutEvents')) &&
    textsOf(statement.Resource).some((resource) => like(resource, bus.arn)) &&
    conditionsHold(statement.Condition, put)
  );
}

function namesAccount(principal: Json | undefined, account: string): boolean {
  const names = isJsonObject(principal) ? textsOf(principal.AWS) : textsOf(principal);
  return names.some((name) => name === '*' || name === account || name.startsWith(`arn:aws:iam::${account}:`));
}

/** Equality on what an entry shows of itself. A condition on anything else (an organization) does not hold here. */
function conditionsHold(condition: Json | undefined, put: Put): boolean {
  if (!isJsonObject(condition)) return true;
  const known = new Map([
    ['events:source', put.source],
    ['events:detail-type', put.detailType],
    ['aws:PrincipalAccount', put.account],
    ['aws:SourceAccount', put.account],
  ]);
  return Object.entries(condition).every(
    ([operator, keys]) =>
      /^String(Equals|Like)$/.test(operator) &&
      isJsonObject(keys) &&
      Object.entries(keys).every(([key, values]) => {
        const actual = known.get(key);
        return actual !== undefined && textsOf(values).some((value) => like(value, actual));
      }),
  );
}

function textsOf(value: Json | undefined): string[] {
  const list = isJsonArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string');
}

function like(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}
