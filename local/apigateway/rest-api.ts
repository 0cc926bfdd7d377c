import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Clock } from '../clock.ts';
import { GatewayError } from './gateway-error.ts';
import { gatewayResponse } from './gateway-response.ts';
import { type HttpResponse, send } from './http-response.ts';
import { type Invoker, invokeFunction, mockResponse } from './integration.ts';
import { baseEvent, eventWithBody, type RequestLine, routedEvent } from './proxy-event.ts';
import { proxyResponse } from './proxy-response.ts';
import { findRoute, type Route } from './router.ts';
import { type ApiModel, readApi, type TemplateResources } from './template.ts';
import { Throttle } from './throttle.ts';

export interface RestApiOptions {
  readonly resources: TemplateResources;
  /** The logical id of the AWS::ApiGateway::RestApi. */
  readonly apiId: string;
  readonly lambda: Invoker;
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
}

export interface RestApi {
  /** For `node:http`. The API stands at the root, as behind a custom domain with an empty base path. */
  handler(req: IncomingMessage, res: ServerResponse): Promise<void>;
  readonly apiId: string;
  readonly arn: string;
  readonly stageName: string;
  /** What AWS bills: every request, the refused ones included. */
  readonly requests: number;
}

const BODY_LIMIT = 10 * 1024 * 1024;

/** A REST API (v1) as the template declares it: resources, methods, gateway responses, throttling. */
export function createRestApi({ resources, apiId, lambda, clock, account, region }: RestApiOptions): RestApi {
  const model = readApi(resources, apiId);
  const throttle = new Throttle(model.stage.MethodSettings, () => clock.now());
  const { StageName: stageName, Variables: stageVariables } = model.stage;
  let requests = 0;

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    requests += 1;
    const line = requestLine(req);
    const event = baseEvent(req, line, { account, apiId, stageName, stageVariables }, clock.now());
    const response = await respond(req, line, event);
    const { requestId, extendedRequestId } = event.requestContext;
    const ids = [
      ['x-amzn-RequestId', requestId],
      ['x-amz-apigw-id', extendedRequestId ?? ''],
    ] as const;
    send(res, { ...response, headers: [...ids, ...response.headers] });
  }

  async function respond(req: IncomingMessage, line: RequestLine, event: APIGatewayProxyEvent): Promise<HttpResponse> {
    let known = event;
    try {
      const route = findRoute(model.root, line.method, line.path);
      if (!route) throw new GatewayError('MISSING_AUTHENTICATION_TOKEN');
      known = decoded(() => routedEvent(event, route));
      if (!throttle.admits(line.method, route.resource.path)) throw new GatewayError('THROTTLED');
      known = eventWithBody(known, await readBody(req), model.binaryMediaTypes);
      return await integrate(route, known, model, lambda);
    } catch (error) {
      if (error instanceof GatewayError) return gatewayResponse(error, model.gatewayResponses, known);
      throw error;
    }
  }

  async function handler(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      await clock.track(serve(req, res));
    } catch (error) {
      res.destroy();
      // A client that hangs up in the middle of its request wants no answer; anything else is a fault of ours.
      if (!req.errored) throw error;
    }
  }

  return {
    handler,
    apiId,
    arn: `arn:aws:apigateway:${region}::/restapis/${apiId}`,
    stageName,
    get requests() {
      return requests;
    },
  };
}

async function integrate(
  route: Route,
  event: APIGatewayProxyEvent,
  { binaryMediaTypes }: ApiModel,
  lambda: Invoker,
): Promise<HttpResponse> {
  if (route.integration.Type === 'MOCK') return mockResponse(route.integration);
  const payload = await invokeFunction(route.integration, event, lambda);
  const accept = Object.entries(event.headers).find(([name]) => name.toLowerCase() === 'accept')?.[1];
  return proxyResponse(payload, { accept, binaryMediaTypes });
}

function requestLine(req: IncomingMessage): RequestLine {
  // Proxies may send the absolute form, http://host/path.
  const target = (req.url ?? '/').replace(/^https?:\/\/[^/?]*/, '');
  const mark = target.indexOf('?');
  const [path, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
  return { method: req.method ?? 'GET', path: path || '/', query };
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof URIError) throw new GatewayError('BAD_REQUEST', { cause });
    throw cause;
  }
}

/** Reads to the end also where it is too much: a client that still sends would not see the answer. */
async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT) throw new GatewayError('REQUEST_TOO_LARGE');
  return Buffer.concat(chunks);
}
