import { DEFAULT_BUS } from './arns.ts';
import type { Context, Operation, Operations } from './context.ts';
import { limitExceeded, validation } from './errors.ts';
import { tryParseJson } from './json.ts';
import { parseJsonPath } from './json-path.ts';
import { page, pageRequest } from './pages.ts';
import { ARN, BUS_NAME_OR_ARN, INPUT, INPUT_PATH, INPUT_TEMPLATE, RULE_NAME, TARGET_ID } from './shapes.ts';
import { checkTransformer, type InputTransformer } from './transform.ts';
import { Fields } from './validation.ts';

/** A rule's target. At most one of `input`, `inputPath` and `transformer` is there; none sends the event itself. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly input?: string;
  readonly inputPath?: string;
  readonly transformer?: InputTransformer;
  readonly messageGroupId?: string;
  readonly deadLetterArn?: string;
  readonly maxRetries: number;
  readonly maxAgeMs: number;
  /** As it was put, with the parameters for kinds of target that nobody emulates. */
  readonly given: Readonly<Record<string, unknown>>;
}

const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;

export function targets(context: Context): Operations {
  return {
    PutTargets: put(context),
    RemoveTargets: remove(context),
    ListTargetsByRule: list(context),
  };
}

/** Adds targets, or replaces those with the same id. */
function put({ store, limits }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const { name, bus } = ruleOf(fields);
    const put = fields.requiredObjects('Targets', { min: 1, max: limits.targetsPerCall }).map(readTarget);
    fields.check();
    put.forEach(checkTarget);
    const rule = store.rule(name, bus, caller);
    const byId = new Map([...rule.targets, ...put].map((target) => [target.id, target]));
    if (byId.size > limits.targetsPerRule) throw limitExceeded();
    store.putRule({ ...rule, targets: [...byId.values()] });
    return { FailedEntryCount: 0, FailedEntries: [] };
  };
}

function remove({ store, limits }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const { name, bus } = ruleOf(fields);
    const ids = new Set(fields.texts('Ids', TARGET_ID, { min: 1, max: limits.targetsPerCall }));
    fields.check();
    const rule = store.rule(name, bus, caller);
    store.putRule({ ...rule, targets: rule.targets.filter(({ id }) => !ids.has(id)) });
    return { FailedEntryCount: 0, FailedEntries: [] };
  };
}

function list({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const { name, bus } = ruleOf(fields);
    const request = pageRequest(fields);
    fields.check();
    const { items, next } = page(store.rule(name, bus, caller).targets, ({ id }) => id, request);
    return { Targets: items.map(({ given }) => given), ...next };
  };
}

function ruleOf(fields: Fields) {
  const name = fields.required('Rule', RULE_NAME);
  const bus = fields.text('EventBusName', BUS_NAME_OR_ARN) ?? DEFAULT_BUS;
  return { name, bus };
}

function readTarget(fields: Fields): Target {
  const id = fields.required('Id', TARGET_ID);
  const arn = fields.required('Arn', ARN);
  const input = fields.text('Input', INPUT);
  const inputPath = fields.text('InputPath', INPUT_PATH);
  const transformer = readTransformer(fields.object('InputTransformer'));
  const messageGroupId = fields.object('SqsParameters')?.text('MessageGroupId');
  const deadLetterArn = fields.object('DeadLetterConfig')?.text('Arn', ARN);
  const retry = fields.object('RetryPolicy');
  const seconds = retry?.integer('MaximumEventAgeInSeconds', { min: 60, max: DEFAULT_AGE_SECONDS });
  return {
    id,
    arn,
    ...(input !== undefined && { input }),
    ...(inputPath !== undefined && { inputPath }),
    ...(transformer && { transformer }),
    ...(messageGroupId !== undefined && { messageGroupId }),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    maxRetries: retry?.integer('MaximumRetryAttempts', { min: 0, max: DEFAULT_RETRIES }) ?? DEFAULT_RETRIES,
    maxAgeMs: (seconds ?? DEFAULT_AGE_SECONDS) * 1000,
    given: fields.raw,
  };
}

function readTransformer(fields: Fields | undefined): InputTransformer | undefined {
  if (!fields) return undefined;
  const template = fields.required('InputTemplate', INPUT_TEMPLATE);
  const map = fields.object('InputPathsMap');
  const names = Object.keys(map?.raw ?? {});
  if (names.length > 100) throw validation('InputPathsMap can have at most 100 keys.');
  const paths = names.map((name) => {
    if (!/^[\w-]{1,256}$/.test(name)) throw validation(`InputPathsMap key ${name} must match [A-Za-z0-9_-]+.`);
    return [name, map?.required(name, INPUT_PATH) ?? ''];
  });
  return { template, paths: Object.fromEntries(paths) };
}

function checkTarget({ id, input, inputPath, transformer }: Target): void {
  const given = [input, inputPath, transformer].filter((value) => value !== undefined);
  if (given.length > 1)
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  if (input !== undefined && tryParseJson(input) === undefined)
    throw validation(`JSON syntax error in input for target ${id}.`);
  if (inputPath !== undefined) parseJsonPath(inputPath, `InputPath for target ${id}`);
  if (transformer) checkTransformer(transformer, id);
}
