import type { Node } from 'constructs';
import type { z } from 'zod';

/** `a,b` as a list. */
export const listed = (value: unknown) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value);

/** The values of the CDK context with those names (`-c name=value`), checked before anything is synthesized. */
export function readContext<Schema extends z.ZodType>(
  node: Node,
  schema: Schema,
  names: readonly string[],
): z.infer<Schema> {
  const context = Object.fromEntries(names.map((name) => [name, node.tryGetContext(name) ?? undefined]));
  const result = schema.safeParse(context);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `-c ${issue.path.join('.')}=${String(context[String(issue.path[0])])}: ${issue.message}`,
  );
  throw new Error(`The CDK context is not valid:\n  ${problems.join('\n  ')}`);
}
