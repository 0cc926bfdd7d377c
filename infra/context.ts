import type { Node } from 'constructs';
import type { z } from 'zod';

/** Context with which nothing can be synthesized: whoever gave it can put it right. */
export class ContextError extends Error {
  override readonly name = 'ContextError';
  constructor(problems: readonly string[]) {
    super(`The CDK context is not valid:\n  ${problems.join('\n  ')}`);
  }
}

/** `a,b` as a list. */
export const listed = (value: unknown) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value);

/** The values of the CDK context with those names (`-c name=value`), checked before anything is synthesized. */
export function readContext<Schema extends z.ZodType>(
  node: Node,
  schema: Schema,
  names: readonly string[],
): z.infer<Schema> {
  const context = Object.fromEntries(names.map((name) => [name, node.tryGetContext(name) ?? undefined]));
  const result = schema.safeParse(context, { error: inWords });
  if (result.success) return result.data;
  throw new ContextError(result.error.issues.map((issue) => problemOf(issue, context)));
}

/** A message of our own in the schema goes before these. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  const characters = issue.origin === 'string' ? ' characters long' : '';
  if (issue.code === 'too_small')
    return issue.origin === 'array' ? 'must not be empty' : `must be at least ${issue.minimum}${characters}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${characters}`;
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is required';
  return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`;
}

function problemOf({ path, message }: z.core.$ZodIssue, context: Readonly<Record<string, unknown>>): string {
  const [name = '', index] = path.map(String);
  const value = context[name];
  const given = value === undefined ? `-c ${name}` : `-c ${name}=${value}`;
  // Of a list it is one item that is wrong.
  const items: unknown = listed(value);
  const item = index !== undefined && Array.isArray(items) ? `'${items[Number(index)]}' ` : '';
  return `${given}: ${item}${message}`;
}

/** What is built; or, if the context is not valid, the end of the process, with what to put right. */
export function builtOrExplained<App>(build: () => App): App {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof ContextError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
