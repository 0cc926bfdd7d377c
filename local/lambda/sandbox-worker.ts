/**
 * Runs inside a sandbox (a worker thread) and plays the runtime nodejs24.x: it imports the bundle once, then runs one
 * invocation at a time. All output goes through the same port as the answers; see protocol.ts.
 *
 * `sandbox.ts` bundles this file to one script, because a worker that strips types itself starts twice as slowly.
 */
import { randomBytes } from 'node:crypto';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { installVirtualDate } from '../virtual-date.ts';
import { runtimeError, thrownError } from './function-error.ts';
import { type Handler, InitError, loadHandler } from './load-handler.ts';
import type { InvocationMessage, ReplyMessage, SandboxData, SandboxMessage, Spent } from './protocol.ts';
import { installWire } from './wire.ts';

const port = parentPort;
if (!port) throw new Error('sandbox-worker.ts runs only as a worker thread: start it through Sandbox');
const { clockState, codeDir, handler: handlerName, awsUrl }: SandboxData = workerData;

/**
 * What V8 compiled of a bundle is kept for the next sandbox, of this process or another: it halves the import, which is most
 * of a cold start. The bundle's content is part of the name, so that nothing stale is ever run.
 */
enableCompileCache(join(tmpdir(), 'event-destinations-compile-cache'));
/** By then the functions of the usual way have been compiled, too. Writes only what was not there. */
const RUNS_BEFORE_KEPT = 3;
let runs = 0;

const send = (message: SandboxMessage): void => port.postMessage(message);

let startedAt = performance.now();
let cpuAtStart = process.threadCpuUsage();
let traceId = '';
function spent(): Spent {
  const { user, system } = process.threadCpuUsage(cpuAtStart);
  return { elapsedMs: performance.now() - startedAt, cpuMs: (user + system) / 1000, traceId };
}

captureOutput('stdout');
captureOutput('stderr');
// The runtime reports what nobody caught as the invocation's error, then gives up the sandbox with these codes.
process.on('uncaughtException', (error) => {
  send({ type: 'error', error: thrownError(error), ...spent(), fatal: true });
  process.exit(129);
});
process.on('unhandledRejection', (reason) => {
  const error = runtimeError('Runtime.UnhandledPromiseRejection', String(reason), reason);
  send({ type: 'error', error, ...spent(), fatal: true });
  process.exit(128);
});
installVirtualDate(clockState);
const takeReply = awsUrl === undefined ? undefined : installWire(awsUrl, send);

const loaded = loadHandler(codeDir, handlerName);
port.on('message', (message: InvocationMessage | ReplyMessage) => {
  if (message.type === 'reply') takeReply?.(message);
  else void loaded.then((handler) => run(handler, message));
});
loaded.then(
  () => send({ type: 'ready' }),
  (error) => send({ type: 'initError', error: error instanceof InitError ? error.payload : thrownError(error) }),
);

async function run(handler: Handler, invocation: InvocationMessage): Promise<void> {
  startedAt = performance.now();
  cpuAtStart = process.threadCpuUsage();
  traceId = newTraceId();
  process.env._X_AMZN_TRACE_ID = traceId;
  try {
    const event: unknown = JSON.parse(invocation.event);
    const result = await handler(event, contextOf(invocation));
    send({ type: 'result', payload: toJson(result), ...spent() });
  } catch (error) {
    send({ type: 'error', error: thrownError(error), ...spent(), fatal: false });
  }
  runs += 1;
  if (runs === RUNS_BEFORE_KEPT) flushCompileCache();
}

/** Of the invocation; the SDK sends it along with every call, as the header X-Amzn-Trace-Id. */
function newTraceId(): string {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${hex(12)};Parent=${hex(8)};Sampled=0`;
}

/** The time left counts real time: how long a function may run has nothing to do with what time it is. */
function contextOf(invocation: InvocationMessage) {
  const { timeoutMs, memoryMb, requestId, logGroupName, logStreamName } = invocation;
  const deadline = performance.now() + timeoutMs;
  return {
    functionName: invocation.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: String(memoryMb),
    awsRequestId: requestId,
    logGroupName,
    logStreamName,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

function toJson(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (cause) {
    throw new Error('Unable to stringify response body', { cause });
  }
}

function captureOutput(name: 'stdout' | 'stderr'): void {
  process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    send({ type: 'output', stream: name, text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const written = rest.at(-1);
    if (typeof written === 'function') queueMicrotask(() => written());
    return true;
  };
}
