/**
 * DynamoDB's expressions, as far as the product uses them: conditions, key conditions and filters, and updates with SET
 * and REMOVE. Values are plain JavaScript ones, as the document client has them.
 */
export type Attributes = Readonly<Record<string, unknown>>;

export interface Names {
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly values?: Attributes | undefined;
}

type Evaluate<T> = (item: Attributes, names: Names) => T;

const TOKEN = /\s*([#:]?[A-Za-z_][\w]*|\[\d+\]|<>|<=|>=|[=<>().,+-])/y;

class Tokens {
  readonly #tokens: string[] = [];
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
    TOKEN.lastIndex = 0;
    for (let end = 0; end < text.trimEnd().length; end = TOKEN.lastIndex) {
      const match = TOKEN.exec(text);
      if (!match?.[1]) throw new Error(`Cannot read the expression at ${end}: ${text}`);
      this.#tokens.push(match[1]);
    }
  }

  get next(): string | undefined {
    return this.#tokens[this.#at];
  }

  take(): string {
    const token = this.next;
    if (token === undefined) throw new Error(`The expression ends too early: ${this.text}`);
    this.#at += 1;
    return token;
  }

  /** Takes the token if it is the next one. */
  skip(token: string): boolean {
    if (this.next !== token) return false;
    this.#at += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.skip(token)) throw new Error(`'${token}' is missing before '${this.next}' in: ${this.text}`);
  }
}

/** Compiled once: a checker evaluates the same few expressions millions of times. */
function cached<T>(compile: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const compiled = known.get(text) ?? compile(text);
    known.set(text, compiled);
    return compiled;
  };
}

const compileCondition = cached((text): Evaluate<boolean> => {
  const tokens = new Tokens(text);
  const condition = disjunction(tokens);
  if (tokens.next !== undefined) throw new Error(`Cannot read on at '${tokens.next}' in: ${text}`);
  return condition;
});

/** Whether the condition holds for the item; an item that does not exist has no attributes. */
export const holds = (condition: string | undefined, item: Attributes | undefined, names: Names): boolean =>
  condition === undefined || compileCondition(condition)(item ?? {}, names);

function disjunction(tokens: Tokens): Evaluate<boolean> {
  const parts = [conjunction(tokens)];
  while (tokens.skip('OR')) parts.push(conjunction(tokens));
  return (item, names) => parts.some((part) => part(item, names));
}

function conjunction(tokens: Tokens): Evaluate<boolean> {
  const parts = [term(tokens)];
  while (tokens.skip('AND')) parts.push(term(tokens));
  return (item, names) => parts.every((part) => part(item, names));
}

function term(tokens: Tokens): Evaluate<boolean> {
  if (tokens.skip('NOT')) {
    const negated = term(tokens);
    return (item, names) => !negated(item, names);
  }
  if (tokens.skip('(')) {
    const inner = disjunction(tokens);
    tokens.expect(')');
    return inner;
  }
  switch (tokens.next) {
    case 'attribute_exists':
      return exists(tokens, true);
    case 'attribute_not_exists':
      return exists(tokens, false);
    case 'begins_with':
      return beginsWith(tokens);
    default:
      return comparison(tokens);
  }
}

function exists(tokens: Tokens, wanted: boolean): Evaluate<boolean> {
  tokens.take();
  tokens.expect('(');
  const value = operand(tokens);
  tokens.expect(')');
  return (item, names) => (value(item, names) !== undefined) === wanted;
}

function beginsWith(tokens: Tokens): Evaluate<boolean> {
  tokens.take();
  tokens.expect('(');
  const text = operand(tokens);
  tokens.expect(',');
  const start = operand(tokens);
  tokens.expect(')');
  return (item, names) => String(text(item, names)).startsWith(String(start(item, names)));
}

function comparison(tokens: Tokens): Evaluate<boolean> {
  const left = operand(tokens);
  const operator = tokens.take();
  const right = operand(tokens);
  if (operator === 'BETWEEN') {
    tokens.expect('AND');
    const last = operand(tokens);
    return (item, names) => {
      const value = left(item, names);
      return isAtMost(right(item, names), value) && isAtMost(value, last(item, names));
    };
  }
  const compare = COMPARE[operator];
  if (!compare) throw new Error(`'${operator}' is no comparison in: ${tokens.text}`);
  return (item, names) => compare(left(item, names), right(item, names));
}

const isAtMost = (a: unknown, b: unknown): boolean => compareValues(a, b) <= 0;
/** Values of different types, and what is not there, compare as false. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return Number.NaN;
}

const same = (a: unknown, b: unknown): boolean => a !== undefined && JSON.stringify(a) === JSON.stringify(b);

const COMPARE: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '=': same,
  '<>': (a, b) => !same(a, b),
  '<': (a, b) => compareValues(a, b) < 0,
  '<=': isAtMost,
  '>': (a, b) => compareValues(a, b) > 0,
  '>=': (a, b) => compareValues(a, b) >= 0,
};

function operand(tokens: Tokens): Evaluate<unknown> {
  if (tokens.next?.startsWith(':')) {
    const name = tokens.take();
    return (_item, { values }) => values?.[name];
  }
  if (tokens.next === 'size') return sizeOf(tokens);
  const path = pathOf(tokens);
  return (item, names) => path(names).reduce<unknown>((value, name) => (value as Attributes | undefined)?.[name], item);
}

function sizeOf(tokens: Tokens): Evaluate<number | undefined> {
  tokens.take();
  tokens.expect('(');
  const list = operand(tokens);
  tokens.expect(')');
  return (item, names) => (list(item, names) as readonly unknown[] | undefined)?.length;
}

/** `name.#name[0].name`; the index of a list is a name like any other. */
function pathOf(tokens: Tokens): (names: Names) => string[] {
  const parts = [tokens.take()];
  for (;;) {
    if (tokens.next?.startsWith('[')) parts.push(tokens.take().slice(1, -1));
    else if (tokens.skip('.')) parts.push(tokens.take());
    else break;
  }
  return ({ names }) => parts.map((part) => (part.startsWith('#') ? (names?.[part] ?? part) : part));
}

interface Assignment {
  readonly path: (names: Names) => string[];
  readonly value: Evaluate<unknown>;
}

const compileUpdate = cached((text) => {
  const tokens = new Tokens(text);
  const sets: Assignment[] = [];
  const removes: Assignment['path'][] = [];
  while (tokens.next !== undefined) {
    const clause = tokens.take();
    if (clause === 'SET')
      do sets.push(assignment(tokens));
      while (tokens.skip(','));
    else if (clause === 'REMOVE')
      do removes.push(pathOf(tokens));
      while (tokens.skip(','));
    else throw new Error(`'${clause}' is no clause in: ${text}`);
  }
  return { sets, removes };
});

function assignment(tokens: Tokens): Assignment {
  const path = pathOf(tokens);
  tokens.expect('=');
  const first = newValue(tokens);
  if (!tokens.skip('+')) return { path, value: first };
  const second = newValue(tokens);
  return { path, value: (item, names) => Number(first(item, names)) + Number(second(item, names)) };
}

function newValue(tokens: Tokens): Evaluate<unknown> {
  const { next } = tokens;
  if (next !== 'list_append' && next !== 'if_not_exists') return operand(tokens);
  tokens.take();
  tokens.expect('(');
  const first = newValue(tokens);
  tokens.expect(',');
  const second = newValue(tokens);
  tokens.expect(')');
  if (next === 'if_not_exists') return (item, names) => first(item, names) ?? second(item, names);
  return (item, names) => [...(first(item, names) as unknown[]), ...(second(item, names) as unknown[])];
}

/** The item after the update. */
export function updated(update: string, item: Attributes, names: Names): Attributes {
  const { sets, removes } = compileUpdate(update);
  const after = structuredClone(item) as Record<string, unknown>;
  for (const { path, value } of sets) place(after, path(names), value(item, names));
  for (const path of removes) place(after, path(names), undefined);
  return after;
}

function place(item: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const parents = path.slice(0, -1);
  const last = path.at(-1) ?? '';
  const parent = parents.reduce((at, name) => at[name] as Record<string, unknown>, item);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}
