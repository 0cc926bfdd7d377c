import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { AwsError, type Caller } from '../aws-error.ts';
import type { Aws } from '../lambda/protocol.ts';
import { callerOf } from './caller.ts';
import { type Control, serveControl } from './control.ts';
import { answer, asAwsError, headersOf, parseJson, type Reply, readBody } from './http.ts';
import { refuseQuery, serveSts } from './sts.ts';

const QUERY_PROTOCOL = 'application/x-www-form-urlencoded';

/** One operation of a service: a request's JSON to a response's JSON, or an AwsError. */
export type Handle = (operation: string, input: unknown, caller: Caller) => Promise<unknown>;

export interface AwsPort {
  /** By the first part of `X-Amz-Target`. */
  readonly services: ReadonlyMap<string, Handle>;
  /** Fulfilled when everything is there: requests that come earlier wait for it. */
  readonly control: Promise<Control>;
  readonly log: (line: string) => void;
}

/**
 * The one port that speaks to AWS SDKs and the AWS CLI. All services here use AWS JSON 1.0 or 1.1, which is what SDK
 * 3.1162 and botocore 1.43 send for them; STS alone uses the query protocol.
 */
export function createAwsServer(port: AwsPort): Server {
  return createServer((request, response) => {
    void serve(port, request, response).catch((error: unknown) => {
      port.log(`embedded cloud: ${error instanceof Error ? error.message : String(error)}`);
      response.destroy();
    });
  });
}

async function serve(port: AwsPort, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const control = await port.control;
  if (request.url?.startsWith('/_local/')) return serveControl(control, request, response);
  answer(response, await respond(port, request.headers, () => readBody(request)));
}

/** The same for functions of this process. */
export const withoutSockets = (url: string, port: AwsPort): Aws => ({
  url,
  async respond({ headers, body }) {
    const reply = await respond(port, headers, () => body);
    return { status: reply.status ?? 200, headers: headersOf(reply), body: reply.body };
  },
});

/** The answer to one request to AWS, whatever way it came; an error is an answer, too. */
async function respond(
  port: AwsPort,
  headers: IncomingHttpHeaders,
  body: () => Promise<string> | string,
): Promise<Reply> {
  await port.control;
  const target = String(headers['x-amz-target'] ?? '');
  const type = headers['content-type'] ?? 'application/x-amz-json-1.1';
  try {
    const text = await body();
    const caller = callerOf(headers.authorization);
    if (type.startsWith(QUERY_PROTOCOL)) return serveSts(new URLSearchParams(text), caller);
    const [prefix = '', operation = ''] = target.split('.');
    const handle = port.services.get(prefix);
    if (!handle) throw new AwsError('UnknownOperationException', unknownService(prefix, port.services));
    const traceId = headers['x-amzn-trace-id'];
    const traced = typeof traceId === 'string' ? { ...caller, traceId } : caller;
    const output = await handle(operation, parseJson(text), traced);
    return { type, body: JSON.stringify(output ?? {}) };
  } catch (error) {
    const refusal = asAwsError(error, port.log);
    return type.startsWith(QUERY_PROTOCOL) ? refuseQuery(refusal) : refuse(type, target, refusal);
  }
}

function refuse(type: string, target: string, error: AwsError): Reply {
  const headers = {
    'x-amzn-errortype': error.code,
    ...(target.startsWith('AmazonSQS.') && { 'x-amzn-query-error': queryError(error) }),
  };
  return {
    status: error.statusCode,
    type,
    body: JSON.stringify({ __type: error.code, message: error.message }),
    headers,
  };
}

/** SQS once spoke the query protocol, and clients still read its codes. */
function queryError({ code, statusCode }: AwsError): string {
  const former = code === 'QueueDoesNotExist' ? 'NonExistentQueue' : code;
  return `AWS.SimpleQueueService.${former};${statusCode < 500 ? 'Sender' : 'Receiver'}`;
}

function unknownService(prefix: string, services: ReadonlyMap<string, Handle>): string {
  const named = prefix === '' ? 'The request names no service (X-Amz-Target)' : `There is no ${prefix} here`;
  return `${named}. The embedded cloud has ${[...services.keys()].join(', ')} and STS.`;
}
