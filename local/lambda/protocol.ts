import type { ClockState } from '../virtual-date.ts';
import type { ErrorPayload } from './function-error.ts';

/** What a sandbox is given when it starts. */
export interface SandboxData {
  readonly clockState: ClockState;
  readonly codeDir: string;
  readonly handler: string;
  /** Where AWS is, if calls that go there are to come as messages. */
  readonly awsUrl: string | undefined;
}

/** A function's call to an AWS service, by its number in the sandbox. */
export interface CallMessage {
  readonly type: 'call';
  readonly call: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** To the sandbox: what a call was answered. */
export interface ReplyMessage {
  readonly type: 'reply';
  readonly call: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** To the sandbox: one invocation. It gets the next one only after it has answered. */
export interface InvocationMessage {
  readonly type: 'invocation';
  readonly requestId: string;
  /** The event as JSON: the sandbox has its own copy, as on AWS. */
  readonly event: string;
  readonly timeoutMs: number;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** What answers the calls of functions to AWS services; never rejects. */
export interface Aws {
  readonly url: string;
  respond(call: Pick<CallMessage, 'headers' | 'body'>): Promise<Pick<ReplyMessage, 'status' | 'headers' | 'body'>>;
}

/** What an invocation took: in all, and on the processor. `traceId` is that of its calls to AWS services. */
export interface Spent {
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly traceId: string;
}

/**
 * From the sandbox. One port carries output and answers, so whatever the handler wrote before it answered arrives
 * before the answer. After `fatal` the sandbox exits by itself.
 */
export type SandboxMessage =
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | CallMessage
  | { readonly type: 'ready' }
  | { readonly type: 'initError'; readonly error: ErrorPayload }
  | ({ readonly type: 'result'; readonly payload: string } & Spent)
  | ({ readonly type: 'error'; readonly error: ErrorPayload; readonly fatal: boolean } & Spent);
