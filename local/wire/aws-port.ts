import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AwsError, type Caller } from '../aws-error.ts';
import { callerOf } from './caller.ts';
import { type Control, serveControl } from './control.ts';
import { answer, asAwsError, parseJson, readBody } from './http.ts';
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
  const target = String(request.headers['x-amz-target'] ?? '');
  const type = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
  try {
    const body = await readBody(request);
    const caller = callerOf(request.headers.authorization);
    if (type.startsWith(QUERY_PROTOCOL)) return serveSts(new URLSearchParams(body), caller, response);
    const [prefix = '', operation = ''] = target.split('.');
    const handle = port.services.get(prefix);
    if (!handle) throw new AwsError('UnknownOperationException', unknownService(prefix, port.services));
    const traceId = request.headers['x-amzn-trace-id'];
    const traced = typeof traceId === 'string' ? { ...caller, traceId } : caller;
    const output = await handle(operation, parseJson(body), traced);
    answer(response, { type, body: JSON.stringify(output ?? {}) });
  } catch (error) {
    const refusal = asAwsError(error, port.log);
    if (type.startsWith(QUERY_PROTOCOL)) refuseQuery(response, refusal);
    else refuse(response, type, target, refusal);
  }
}

function refuse(response: ServerResponse, type: string, target: string, error: AwsError): void {
  const headers = {
    'x-amzn-errortype': error.code,
    ...(target.startsWith('AmazonSQS.') && { 'x-amzn-query-error': queryError(error) }),
  };
  const body = JSON.stringify({ __type: error.code, message: error.message });
  answer(response, { status: error.statusCode, type, body, headers });
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
