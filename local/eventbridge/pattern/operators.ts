import { invalidPattern } from '../errors.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject, type Leaf } from '../json.ts';
import { anythingBut } from './anything-but.ts';
import { cidr } from './cidr.ts';
import { numeric } from './numeric.ts';
import { endsWithIgnoringCase, equalsIgnoringCase, startsWithIgnoringCase } from './text.ts';
import { wildcard } from './wildcard.ts';

/** What a field must be: a test of one of its values, or that the field is nowhere in the event. */
export type Test = ((value: Leaf) => boolean) | 'absent';

/** The match expressions `{ "<name>": <operand> }`. Strings only match strings, as EventBridge compares them with their quotes. */
const OPERATORS = new Map<string, (operand: Json) => Test>([
  [
    'prefix',
    (operand) => textOrIgnoringCase('prefix', operand, (value, text) => value.startsWith(text), startsWithIgnoringCase),
  ],
  [
    'suffix',
    (operand) => textOrIgnoringCase('suffix', operand, (value, text) => value.endsWith(text), endsWithIgnoringCase),
  ],
  ['equals-ignore-case', (operand) => textTest(string('equals-ignore-case', operand), equalsIgnoringCase)],
  ['wildcard', (operand) => wildcard(string('wildcard', operand))],
  ['numeric', numeric],
  ['anything-but', anythingBut],
  ['exists', exists],
  ['cidr', (operand) => cidr(string('prefix', operand))],
]);

/** A test from one element of a pattern's array: a literal, or a match expression. */
export function testOf(element: Json): Test {
  if (isJsonArray(element)) throw invalidPattern('Match value must be String, number, true, false, or null');
  if (!isJsonObject(element)) return (value) => value === element;
  const [name, operand] = onlyEntry(element);
  const operator = OPERATORS.get(name);
  if (!operator) throw invalidPattern(`Unrecognized match type ${name}`);
  return operator(operand);
}

function onlyEntry(expression: JsonObject): readonly [string, Json] {
  const [entry, ...others] = Object.entries(expression);
  if (!entry) throw invalidPattern('Match expression name not found');
  if (others.length > 0) throw invalidPattern('Only one key allowed in match expression');
  return entry;
}

function exists(operand: Json): Test {
  if (typeof operand !== 'boolean') throw invalidPattern('exists match pattern must be either true or false.');
  return operand ? () => true : 'absent';
}

type TextTest = (value: string, text: string) => boolean;

function textOrIgnoringCase(name: 'prefix' | 'suffix', operand: Json, exact: TextTest, ignoringCase: TextTest): Test {
  if (!isJsonObject(operand)) return textTest(string(name, operand), exact);
  const [inner, text] = onlyEntry(operand);
  if (inner !== 'equals-ignore-case') throw invalidPattern(`Unsupported ${name} pattern: ${inner}`);
  return textTest(string('equals-ignore-case', text), ignoringCase);
}

const textTest =
  (text: string, test: TextTest): Test =>
  (value) =>
    typeof value === 'string' && test(value, text);

function string(name: string, operand: Json): string {
  if (typeof operand !== 'string') throw invalidPattern(`${name} match pattern must be a string`);
  return operand;
}
