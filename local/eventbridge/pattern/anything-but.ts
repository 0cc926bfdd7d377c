import { invalidPattern } from '../errors.ts';
import { isJsonArray, isJsonObject, type Json, type Leaf } from '../json.ts';
import { equalsIgnoringCase } from './text.ts';
import { wildcard } from './wildcard.ts';

type ValueTest = (value: Leaf) => boolean;

const onText =
  (text: string, test: (value: string, text: string) => boolean): ValueTest =>
  (value) =>
    typeof value === 'string' && test(value, text);

/** What `{"anything-but": {"<name>": …}}` can negate. */
const NEGATABLE = new Map<string, { readonly test: (text: string) => ValueTest; readonly mustBeText: string }>([
  [
    'prefix',
    {
      test: (text) => onText(notEmpty(text), (value, start) => value.startsWith(start)),
      mustBeText: 'prefix/suffix match pattern must be a string',
    },
  ],
  [
    'suffix',
    {
      test: (text) => onText(notEmpty(text), (value, end) => value.endsWith(end)),
      mustBeText: 'prefix/suffix match pattern must be a string',
    },
  ],
  [
    'equals-ignore-case',
    {
      test: (text) => onText(text, equalsIgnoringCase),
      mustBeText: 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    },
  ],
  ['wildcard', { test: wildcard, mustBeText: 'wildcard match pattern must be a string' }],
]);

const NOT_A_VALUE = 'Value of anything-but must be an array or single string/number value.';

/**
 * Any value but these. It needs a value: a field that is missing does not match, one that is null does. Of an array in
 * the event one element that passes is enough.
 */
export function anythingBut(operand: Json): ValueTest {
  const refused = isJsonObject(operand) ? negated(operand) : literals(operand);
  return (value) => !refused.some((test) => test(value));
}

function negated(operand: Readonly<Record<string, Json>>): ValueTest[] {
  const [entry, ...others] = Object.entries(operand);
  if (!entry) throw invalidPattern('Anything-But expression name not found');
  const [name, inner] = entry;
  const kind = NEGATABLE.get(name);
  if (!kind) throw invalidPattern(`Unsupported anything-but pattern: ${name}`);
  if (!isJsonArray(inner) && typeof inner !== 'string' && typeof inner !== 'number') throw invalidPattern(NOT_A_VALUE);
  if (others.length > 0) throw invalidPattern('Too many elements in numeric expression');
  return listOf(inner).map((text) => {
    if (typeof text !== 'string') throw invalidPattern(kind.mustBeText);
    return kind.test(text);
  });
}

function literals(operand: Json): ValueTest[] {
  if (!isJsonArray(operand) && typeof operand !== 'string' && typeof operand !== 'number')
    throw invalidPattern(NOT_A_VALUE);
  const values = listOf(operand);
  if (!values.every((value) => typeof value === 'string' || typeof value === 'number'))
    throw invalidPattern('Inside anything but list, start|null|boolean is not supported.');
  if (new Set(values.map((value) => typeof value)).size !== 1)
    throw invalidPattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  return values.map((refused) => (value) => value === refused);
}

const listOf = (value: Json): readonly Json[] => (isJsonArray(value) ? value : [value]);

function notEmpty(text: string): string {
  if (text === '') throw invalidPattern('Null prefix/suffix not allowed');
  return text;
}
