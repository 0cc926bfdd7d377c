import { createRequire } from 'node:module';
import { isRecord } from './fields.ts';

/** One of dynalite's parsers: of conditions, updates or projections. It resolves names and values while it parses. */
interface Parser {
  parse(expression: string, options: { readonly context: Context }): unknown;
}

/** What dynalite gives a parser; it takes from the unused what the expression uses. */
interface Context {
  readonly attrNames?: Readonly<Record<string, string>>;
  readonly attrVals?: Readonly<Record<string, object>>;
  readonly unusedAttrNames: Record<string, true>;
  readonly unusedAttrVals: Record<string, true>;
}

/** A parsed expression in which each value of the request has given its place to its name. */
interface Parsed {
  readonly template: unknown;
  readonly usedNames: readonly string[];
  readonly usedValues: readonly string[];
}

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** These are right or wrong by what a value is, and not by its type alone. */
const BY_VALUE = /between|attribute_type/i;
/** Names can hold ids, so that there is no end of them. */
const MOST_KEPT = 2_000;

/**
 * Has dynalite's parsers remember what they parsed. A service sends the same few expressions over and over, and to parse
 * them was a third of a write's cost. What is remembered goes by the text, the names and the types of the values.
 */
export function rememberParsed(): void {
  const require = createRequire(import.meta.url);
  for (const name of ['condition', 'update', 'projection']) remember(require(`dynalite/db/${name}Parser`));
}

const remembering = new WeakSet<Parser>();

function remember(parser: Parser): void {
  if (remembering.has(parser)) return;
  remembering.add(parser);
  const parse = parser.parse;
  const known = new Map<string, Parsed>();
  parser.parse = (expression, options) => {
    const { context } = options;
    if (BY_VALUE.test(expression)) return parse(expression, options);
    const key = keyOf(expression, context);
    const parsed = known.get(key) ?? parseOnce(parse, expression, context);
    // A message that says what is wrong with the expression.
    if (parsed === undefined) return parse(expression, options);
    if (known.size >= MOST_KEPT) known.clear();
    known.set(key, parsed);
    for (const name of parsed.usedNames) delete context.unusedAttrNames[name];
    for (const name of parsed.usedValues) delete context.unusedAttrVals[name];
    return filled(parsed.template, context.attrVals ?? {});
  };
}

function keyOf(expression: string, { attrNames, attrVals = {} }: Context): string {
  const types = Object.entries(attrVals).map(([name, value]) => `${name} ${Object.keys(value)}`);
  return `${expression}\0${JSON.stringify(attrNames)}\0${types}`;
}

function parseOnce(parse: Parser['parse'], expression: string, context: Context): Parsed | undefined {
  const { attrNames = {}, attrVals = {} } = context;
  const unusedAttrNames = allOf(attrNames);
  const unusedAttrVals = allOf(attrVals);
  const result = parse(expression, { context: { ...context, unusedAttrNames, unusedAttrVals } });
  if (!isRecord(result)) return undefined;
  const names = new Map(Object.entries(attrVals).map(([name, value]) => [value, name]));
  return {
    template: templateOf(result, names),
    usedNames: Object.keys(attrNames).filter((name) => !(name in unusedAttrNames)),
    usedValues: Object.keys(attrVals).filter((name) => !(name in unusedAttrVals)),
  };
}

const allOf = (names: object): Record<string, true> =>
  Object.fromEntries(Object.keys(names).map((name) => [name, true as const]));

function templateOf(node: unknown, names: ReadonlyMap<object, string>): unknown {
  if (typeof node !== 'object' || node === null) return node;
  const name = names.get(node);
  return name === undefined ? copy(node, (part) => templateOf(part, names)) : new Placeholder(name);
}

function filled(template: unknown, values: Readonly<Record<string, object>>): unknown {
  if (typeof template !== 'object' || template === null) return template;
  return template instanceof Placeholder ? values[template.name] : copy(template, (part) => filled(part, values));
}

/** Some of the parsers' objects have no prototype, so that an attribute may have any name. */
function copy(node: object, of: (part: unknown) => unknown): unknown {
  if (Array.isArray(node)) return node.map(of);
  const made: Record<string, unknown> = Object.create(Object.getPrototypeOf(node));
  for (const [key, part] of Object.entries(node)) made[key] = of(part);
  return made;
}
