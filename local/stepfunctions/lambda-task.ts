import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { InvokeResult } from '../lambda/lambda.ts';
import type { TaskHandler } from './states-library.ts';

/** What state machines need of Lambda. */
export interface Invoker {
  invoke(functionArn: string, payload: unknown): Promise<InvokeResult>;
}

/** Fails a Task: `name` is the Error that Retry and Catch compare, `message` the Cause. */
class TaskError extends Error {
  override readonly name: string;
  constructor(error: string, cause: string) {
    super(cause);
    this.name = error;
  }
}

const invokeParameters = z.object({ FunctionName: z.string(), Payload: z.unknown() });

/**
 * How a Task's Resource is run: a function's ARN (the result is its payload) or the optimized integration
 * `arn:aws:states:::lambda:invoke` (the result is the whole answer of Invoke).
 */
export function lambdaTask(resource: string, lambda: Invoker): TaskHandler {
  if (/^arn:[\w-]+:lambda:/.test(resource)) return (input) => invoke(lambda, resource, input);
  if (/^arn:[\w-]+:states:::lambda:invoke$/.test(resource)) {
    return async (input) => {
      const { FunctionName, Payload } = invokeParameters.parse(input);
      const payload = await invoke(lambda, FunctionName, Payload ?? {});
      return {
        ExecutedVersion: '$LATEST',
        Payload: payload,
        SdkHttpMetadata: { HttpStatusCode: 200 },
        SdkResponseMetadata: { RequestId: randomUUID() },
        StatusCode: 200,
      };
    };
  }
  throw new Error(`The embedded cloud does not run the Task resource '${resource}': only Lambda functions`);
}

async function invoke(lambda: Invoker, functionName: string, payload: unknown): Promise<unknown> {
  const result = await lambda.invoke(functionName, payload).catch((error: unknown) => {
    // Lambda.TooManyRequestsException, Lambda.ServiceException, Lambda.ResourceNotFoundException, ...
    if (error instanceof AwsError) throw new TaskError(`Lambda.${error.code}`, error.message);
    throw error;
  });
  if (!result.functionError) return result.payload;
  throw new TaskError(result.payload.errorType, JSON.stringify(result.payload));
}
