import type * as z from 'zod/mini';
import { type FieldProblem, InvalidFields } from './errors.ts';

/** Checks a request body or query against its schema; throws InvalidFields with every problem by its field's path. */
export function validated<T extends z.ZodMiniType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  throw new InvalidFields(fieldProblems(result.error.issues));
}

const fieldProblems = (issues: readonly z.core.$ZodIssue[]): FieldProblem[] =>
  issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: fieldPath([...issue.path, key]), reason: 'Unknown field.' }));
    // The key of a map is wrong: its own issues say why.
    if (issue.code === 'invalid_key')
      return fieldProblems(issue.issues.map((inner) => ({ ...inner, path: issue.path })));
    return [{ field: fieldPath(issue.path) || 'body', reason: reasonOf(issue) }];
  });

/** `['enabled_events', 0]` is `enabled_events[0]`, as in Stripe's messages. */
const fieldPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return 'This field is required.';
  switch (issue.code) {
    case 'invalid_type':
      return `Expected ${article(issue.expected)}, but got ${article(jsonType(issue.input))}.`;
    case 'invalid_value':
      return `Unrecognized enum value '${shown(issue.input)}', valid values are: ${issue.values.join(', ')}.`;
    case 'too_big':
      return `Must be at most ${count(issue.maximum, issue.origin)}.`;
    case 'too_small':
      return `Must be at least ${count(issue.minimum, issue.origin)}.`;
    default:
      return issue.message;
  }
}

const jsonType = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const jsonNames: Record<string, string> = { record: 'object', int: 'integer' };
const article = (type: string) => {
  const name = jsonNames[type] ?? type;
  return name === 'null' ? name : /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
};
const UNITS: Record<string, string> = { string: 'character', array: 'item', record: 'entry' };
const count = (limit: number | bigint, origin: string): string => {
  const unit = UNITS[origin];
  if (!unit) return String(limit);
  return `${limit} ${unit}${Number(limit) === 1 ? '' : 's'} long`;
};
const shown = (value: unknown) =>
  typeof value === 'string' ? value.slice(0, 100) : JSON.stringify(value)?.slice(0, 100);
