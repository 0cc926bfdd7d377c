/** The payload of an invocation that answers `FunctionError: Unhandled`, in the shapes of AWS's Node runtime. */
export interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What the handler or the bundle threw. */
export function thrownError(thrown: unknown): ErrorPayload {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: traceOf(thrown) };
}

/** An error of the runtime itself, for example `Runtime.ImportModuleError`. */
export function runtimeError(errorType: string, errorMessage: string, cause?: unknown): ErrorPayload {
  return { errorType, errorMessage, trace: cause instanceof Error ? traceOf(cause) : [] };
}

/** The sandbox went away under the invocation: process.exit, out of memory, or killed. */
export function exitError(requestId: string, how: { exitCode: number } | { signal: 'killed' }): ErrorPayload {
  const reason = 'signal' in how ? `signal: ${how.signal}` : `exit status ${how.exitCode}`;
  const message =
    'exitCode' in how && how.exitCode === 0
      ? 'Runtime exited without providing a reason'
      : `Runtime exited with error: ${reason}`;
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${message}` };
}

export function timeoutError(requestId: string, timeoutMs: number): ErrorPayload {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `${new Date().toISOString()} ${requestId} Task timed out after ${seconds} seconds`,
  };
}

export function responseTooLarge(limit: number): ErrorPayload {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${limit} bytes).`,
  };
}

/** Frames of the worker that plays the runtime are no part of the function. */
const traceOf = (error: Error): string[] =>
  (error.stack ?? '').split('\n').filter((line) => !line.includes('[worker eval]') && !line.includes('node:internal'));
