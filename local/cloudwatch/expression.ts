/** A datapoint; undefined where data is missing, which goes on through every operator. */
export type Datum = number | undefined;

/** What an expression can ask of the metrics that it names. */
export interface Operands {
  value(id: string): Datum;
  /** Seconds. */
  period(id: string): number;
}

type Evaluate = (operands: Operands) => Datum;

/** Loosest first. */
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { OR: (a, b) => Number(a !== 0 || b !== 0) },
  { AND: (a, b) => Number(a !== 0 && b !== 0) },
  {
    '==': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  // What is divided by nothing has no datapoint.
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
];

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z_]\w*|==|!=|<=|>=|[-+*/<>(),])/y;

/** The part of CloudWatch's metric math that the templates use: operators, and IF, FILL, PERIOD. */
export function parseExpression(text: string): Evaluate {
  const tokens = tokenize(text);
  const evaluate = binary(tokens, 0, text);
  if (tokens.length > 0) throw unexpected(tokens[0], text);
  return evaluate;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw unexpected(text.slice(at), text);
    tokens.push(token);
  }
  return tokens;
}

function binary(tokens: string[], level: number, text: string): Evaluate {
  const operators = OPERATORS[level];
  if (!operators) return operand(tokens, text);
  let left = binary(tokens, level + 1, text);
  for (let apply = operators[tokens[0] ?? '']; apply; apply = operators[tokens[0] ?? '']) {
    tokens.shift();
    left = applied(apply, left, binary(tokens, level + 1, text));
  }
  return left;
}

const applied =
  (apply: (a: number, b: number) => number, left: Evaluate, right: Evaluate): Evaluate =>
  (operands) => {
    const [a, b] = [left(operands), right(operands)];
    const result = a === undefined || b === undefined ? undefined : apply(a, b);
    return Number.isFinite(result) ? result : undefined;
  };

function operand(tokens: string[], text: string): Evaluate {
  const token = tokens.shift();
  if (token === '(') {
    const inner = binary(tokens, 0, text);
    take(tokens, ')', text);
    return inner;
  }
  if (token !== undefined && /^\d/.test(token)) return () => Number(token);
  if (token === undefined || !/^\w/.test(token)) throw unexpected(token, text);
  if (tokens[0] !== '(') return ({ value }) => value(token);
  tokens.shift();
  return call(token, tokens, text);
}

function call(name: string, tokens: string[], text: string): Evaluate {
  if (name === 'PERIOD') {
    const id = tokens.shift() ?? '';
    take(tokens, ')', text);
    return ({ period }) => period(id);
  }
  const args = [binary(tokens, 0, text)];
  while (tokens[0] === ',') {
    tokens.shift();
    args.push(binary(tokens, 0, text));
  }
  take(tokens, ')', text);
  const [first, second, third] = args;
  if (name === 'FILL' && first && second) return (operands) => first(operands) ?? second(operands);
  if (name === 'IF' && first && second)
    return (operands) => {
      const condition = first(operands);
      if (condition === undefined) return undefined;
      return condition !== 0 ? second(operands) : third?.(operands);
    };
  throw new Error(`${name} is not part of the embedded CloudWatch's metric math: ${text}`);
}

function take(tokens: string[], wanted: string, text: string): void {
  const token = tokens.shift();
  if (token !== wanted) throw unexpected(token, text);
}

const unexpected = (token: string | undefined, text: string) =>
  new Error(`The expression ${text} has ${token === undefined ? 'an end' : `'${token}'`} where it should not`);
