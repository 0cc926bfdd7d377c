import { DEFAULT_BUS, ruleArn } from './arns.ts';
import type { Context, Operation, Operations } from './context.ts';
import { limitExceeded, validation } from './errors.ts';
import { parseJsonObject } from './json.ts';
import { page, pageRequest } from './pages.ts';
import { compilePattern, flatten, matches } from './pattern/index.ts';
import { checkSchedule } from './schedules.ts';
import { ARN, BUS_NAME_OR_ARN, DESCRIPTION, EVENT_PATTERN, RULE_NAME, RULE_STATES, SCHEDULE } from './shapes.ts';
import type { Rule } from './state.ts';
import { readTags } from './tags.ts';
import { Fields } from './validation.ts';

export function rules(context: Context): Operations {
  return {
    PutRule: put(context),
    DescribeRule: describe(context),
    ListRules: list(context),
    DeleteRule: remove(context),
    EnableRule: setState(context, 'ENABLED'),
    DisableRule: setState(context, 'DISABLED'),
    ListRuleNamesByTarget: listNamesByTarget(context),
    TestEventPattern: testPattern,
  };
}

/** Creates, or replaces all but the targets and the tags: "the rule is replaced with what you specify". */
function put(context: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const name = fields.required('Name', RULE_NAME);
    const busName = fields.text('EventBusName', BUS_NAME_OR_ARN) ?? DEFAULT_BUS;
    const definition = readDefinition(fields);
    const tags = readTags(fields, context.limits);
    fields.check();
    checkDefinition(definition);
    const { store } = context;
    const bus = store.bus(busName, caller);
    if (definition.scheduleExpression !== undefined && bus.name !== DEFAULT_BUS)
      throw validation('ScheduleExpression is supported only on the default event bus.');
    const before = bus.rules.get(name);
    if (!before && bus.rules.size >= context.limits.rulesPerBus) throw limitExceeded();
    const { account, region } = bus;
    const arn = ruleArn(region, account, bus.name, name);
    const kept = { tags: before?.tags ?? tags, targets: before?.targets ?? [] };
    store.putRule({ name, arn, bus: bus.name, account, region, ...definition, ...kept });
    return { RuleArn: arn };
  };
}

type Definition = Pick<Rule, 'state' | 'eventPattern' | 'scheduleExpression' | 'description' | 'roleArn'>;

function readDefinition(fields: Fields): Definition {
  const eventPattern = fields.text('EventPattern', EVENT_PATTERN);
  const scheduleExpression = fields.text('ScheduleExpression', SCHEDULE);
  const description = fields.text('Description', DESCRIPTION);
  const roleArn = fields.text('RoleArn', ARN);
  return {
    state: fields.text('State', { oneOf: RULE_STATES }) ?? 'ENABLED',
    // An empty text is as good as none.
    ...(eventPattern && { eventPattern }),
    ...(scheduleExpression && { scheduleExpression }),
    ...(description !== undefined && { description }),
    ...(roleArn !== undefined && { roleArn }),
  };
}

function checkDefinition({ eventPattern, scheduleExpression }: Definition): void {
  if (eventPattern === undefined && scheduleExpression === undefined)
    throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (eventPattern !== undefined) compilePattern(eventPattern);
  if (scheduleExpression !== undefined) checkSchedule(scheduleExpression);
}

function describe({ store }: Context): Operation {
  return (input, caller) => {
    const { name, bus } = named(input);
    const rule = store.rule(name, bus, caller);
    return { ...view(rule), CreatedBy: rule.account };
  };
}

function list({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const prefix = fields.text('NamePrefix', RULE_NAME) ?? '';
    const bus = fields.text('EventBusName', BUS_NAME_OR_ARN) ?? DEFAULT_BUS;
    const request = pageRequest(fields);
    fields.check();
    const matching = [...store.bus(bus, caller).rules.values()].filter(({ name }) => name.startsWith(prefix));
    const { items, next } = page(matching, ({ name }) => name, request);
    return { Rules: items.map(view), ...next };
  };
}

/** Deleting a rule that is not there succeeds; its bus must be there. */
function remove({ store }: Context): Operation {
  return (input, caller) => {
    const { name, bus } = named(input);
    const rule = store.bus(bus, caller).rules.get(name);
    if (!rule) return {};
    if (rule.targets.length > 0) throw validation("Rule can't be deleted since it has targets.");
    store.deleteRule(rule);
    return {};
  };
}

function setState({ store }: Context, state: string): Operation {
  return (input, caller) => {
    const { name, bus } = named(input);
    store.putRule({ ...store.rule(name, bus, caller), state });
    return {};
  };
}

function listNamesByTarget({ store }: Context): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const target = fields.required('TargetArn', ARN);
    const bus = fields.text('EventBusName', BUS_NAME_OR_ARN) ?? DEFAULT_BUS;
    const request = pageRequest(fields);
    fields.check();
    const aiming = [...store.bus(bus, caller).rules.values()].filter(({ targets }) =>
      targets.some(({ arn }) => arn === target),
    );
    const { items, next } = page(aiming, ({ name }) => name, request);
    return { RuleNames: items.map(({ name }) => name), ...next };
  };
}

const REQUIRED_OF_A_TEST_EVENT = ['id', 'account', 'source', 'time', 'region', 'detail-type'];

function testPattern(input: unknown) {
  const fields = new Fields(input);
  const pattern = fields.required('EventPattern', EVENT_PATTERN);
  const text = fields.required('Event');
  fields.check();
  const event = parseJsonObject(text);
  if (!event || REQUIRED_OF_A_TEST_EVENT.some((name) => event[name] === undefined))
    throw validation('Parameter Event is not valid.');
  return { Result: matches(compilePattern(pattern), flatten(event)) };
}

function named(input: unknown) {
  const fields = new Fields(input);
  const name = fields.required('Name', RULE_NAME);
  const bus = fields.text('EventBusName', BUS_NAME_OR_ARN) ?? DEFAULT_BUS;
  fields.check();
  return { name, bus };
}

function view(rule: Rule) {
  return {
    Name: rule.name,
    Arn: rule.arn,
    ...(rule.eventPattern !== undefined && { EventPattern: rule.eventPattern }),
    ...(rule.scheduleExpression !== undefined && { ScheduleExpression: rule.scheduleExpression }),
    State: rule.state,
    ...(rule.description !== undefined && { Description: rule.description }),
    ...(rule.roleArn !== undefined && { RoleArn: rule.roleArn }),
    EventBusName: rule.bus,
  };
}
