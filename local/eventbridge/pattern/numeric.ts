import { invalidPattern } from '../errors.ts';
import { isJsonArray, type Json, type Leaf } from '../json.ts';

const TESTS = new Map<string, (value: number, bound: number) => boolean>([
  ['=', (value, bound) => value === bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
]);

/** `["=", 5]`, `["<", 10]`, or a range, its lower bound first: `[">", 0, "<=", 5]`. Only JSON numbers match, never strings. */
export function numeric(operand: Json): (value: Leaf) => boolean {
  if (!isJsonArray(operand)) throw invalidPattern('Value of numeric must be an array.');
  const [operator, bound, upperOperator, upperBound, ...more] = operand;
  const lower = comparison(operator, bound, 'Unrecognized numeric range operator');
  if (operand.length <= 2) return (value) => typeof value === 'number' && lower.test(value);

  if (lower.operator !== '>' && lower.operator !== '>=')
    throw invalidPattern('Too many elements in numeric expression');
  if (typeof upperOperator !== 'string')
    throw invalidPattern(`Bad value in numeric range: ${JSON.stringify(upperOperator)}`);
  if (upperOperator !== '<' && upperOperator !== '<=')
    throw invalidPattern(`Bad numeric range operator: ${upperOperator}`);
  const upper = comparison(upperOperator, upperBound, 'Bad numeric range operator');
  if (more.length > 0) throw invalidPattern('Too many terms in numeric range expression');
  if (lower.bound >= upper.bound) throw invalidPattern('Bottom must be less than top');
  return (value) => typeof value === 'number' && lower.test(value) && upper.test(value);
}

function comparison(operator: Json | undefined, bound: Json | undefined, unknownOperator: string) {
  if (typeof operator !== 'string')
    throw invalidPattern(`Invalid member in numeric match: ${JSON.stringify(operator) ?? ']'}`);
  const test = TESTS.get(operator);
  if (!test) throw invalidPattern(`${unknownOperator}: ${operator}`);
  if (typeof bound !== 'number')
    throw invalidPattern(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  return { operator, bound, test: (value: number) => test(value, bound) };
}
