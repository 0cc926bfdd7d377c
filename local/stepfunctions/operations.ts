import * as z from 'zod';
import { AwsError } from '../aws-error.ts';

/** The inputs of the operations, with the limits of AWS's service model. */
const arn = z.string().min(1).max(256);
const page = { maxResults: z.int().min(0).max(1000).optional(), nextToken: z.string().optional() };

export const inputs = {
  StartExecution: z.object({
    stateMachineArn: arn,
    name: z.string().min(1).max(80).optional(),
    input: z.string().max(262_144).default('{}'),
  }),
  DescribeExecution: z.object({ executionArn: arn }),
  StopExecution: z.object({ executionArn: arn, error: z.string().max(256).optional(), cause: z.string().optional() }),
  ListExecutions: z.object({
    stateMachineArn: arn,
    statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).optional(),
    ...page,
  }),
  DescribeStateMachine: z.object({ stateMachineArn: arn }),
  ListStateMachines: z.object(page),
};

export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => `Value at '${path.join('.')}': ${message}`);
  throw new AwsError('ValidationException', `${details.length} validation error detected: ${details.join('; ')}`);
}

/** One page of a list; the token is the index at which the next one starts. */
export function pageOf<T>(items: readonly T[], { maxResults, nextToken }: z.infer<z.ZodObject<typeof page>>) {
  const start = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isInteger(start)) throw new AwsError('InvalidToken', `Invalid Token: '${nextToken}'`);
  // Zero, too, means the default.
  const end = start + (maxResults || 100);
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: String(end) }) };
}
