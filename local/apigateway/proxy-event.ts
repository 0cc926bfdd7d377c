import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Route } from './router.ts';

export interface ApiIdentity {
  readonly account: string;
  readonly apiId: string;
  readonly stageName: string;
  readonly stageVariables: Record<string, string> | undefined;
}

export interface RequestLine {
  readonly method: string;
  /** Still percent-encoded, as REST APIs hand it on. */
  readonly path: string;
  readonly query: string;
}

/** What the gateway knows of a request before its route and body: gateway responses may be rendered from it. */
export function baseEvent(
  req: IncomingMessage,
  line: RequestLine,
  api: ApiIdentity,
  now: number,
): APIGatewayProxyEvent {
  const headers = headersOf(req, now);
  const query = multiMap([...new URLSearchParams(line.query)]);
  return {
    resource: '',
    path: line.path,
    httpMethod: line.method,
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: nullIfEmpty(lastOf(query)),
    multiValueQueryStringParameters: nullIfEmpty(query),
    pathParameters: null,
    stageVariables: api.stageVariables ?? null,
    requestContext: requestContext(req, line, api, now),
    body: null,
    isBase64Encoded: false,
  };
}

/** Adds the route. Throws a URIError where a path parameter cannot be decoded. */
export function routedEvent(event: APIGatewayProxyEvent, route: Route): APIGatewayProxyEvent {
  const decoded = Object.entries(route.pathParameters).map(([name, value]) => [name, decodeURIComponent(value)]);
  return {
    ...event,
    resource: route.resource.path,
    pathParameters: nullIfEmpty(Object.fromEntries(decoded)),
    requestContext: { ...event.requestContext, resourceId: route.resource.id, resourcePath: route.resource.path },
  };
}

/** Adds the body: text, or base64 where its content type is one of the API's binary media types. */
export function eventWithBody(
  event: APIGatewayProxyEvent,
  body: Buffer,
  binaryMediaTypes: readonly string[],
): APIGatewayProxyEvent {
  if (body.length === 0) return event;
  const contentType = Object.entries(event.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const isBase64Encoded = isBinary(contentType, binaryMediaTypes);
  return { ...event, body: body.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

/** A media type, `type/*` or `*\/*` of the API's binary media types; parameters after `;` do not count. */
export function isBinary(mediaType: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  const type = mediaType?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  return binaryMediaTypes.some(
    (binary) => binary === '*/*' || binary === type || (binary.endsWith('/*') && type.startsWith(binary.slice(0, -1))),
  );
}

type MultiMap = Record<string, string[]>;

/** Keys keep the case in which they came first; `sameKey` tells which are one. */
function multiMap(pairs: readonly (readonly [string, string])[], sameKey = (key: string) => key): MultiMap {
  const keys = new Map<string, [key: string, values: string[]]>();
  for (const [key, value] of pairs) {
    const known = keys.get(sameKey(key));
    if (known) known[1].push(value);
    else keys.set(sameKey(key), [key, [value]]);
  }
  return Object.fromEntries(keys.values());
}

const lastOf = (values: MultiMap): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, list]) => [key, list.at(-1) ?? '']));

const nullIfEmpty = <T extends object>(value: T): T | null => (Object.keys(value).length === 0 ? null : value);

/** They end at the gateway. */
const HOP_BY_HOP = new Set(['connection', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

function headersOf(req: IncomingMessage, now: number): MultiMap {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = req.rawHeaders.slice(i, i + 2);
    if (!HOP_BY_HOP.has(name.toLowerCase())) pairs.push([name, value]);
  }
  const headers = multiMap(pairs, (name) => name.toLowerCase());
  const forwardedFor = req.headers['x-forwarded-for'];
  for (const name of Object.keys(headers)) if (name.toLowerCase().startsWith('x-forwarded-')) delete headers[name];
  return {
    ...headers,
    'X-Amzn-Trace-Id': [`Root=1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString('hex')}`],
    'X-Forwarded-For': [[forwardedFor ?? [], sourceIp(req)].flat().join(', ')],
    // What the client really used; on AWS always 443 and https.
    'X-Forwarded-Port': [String(req.socket.localPort ?? '')],
    'X-Forwarded-Proto': ['http'],
  };
}

const sourceIp = (req: IncomingMessage): string => (req.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');

function requestContext(req: IncomingMessage, line: RequestLine, api: ApiIdentity, now: number) {
  const domainName = req.headers.host ?? '';
  return {
    resourceId: '',
    resourcePath: '',
    httpMethod: line.method,
    extendedRequestId: randomBytes(11).toString('base64'),
    requestTime: commonLogTime(now),
    path: line.path,
    accountId: api.account,
    protocol: `HTTP/${req.httpVersion}`,
    stage: api.stageName,
    domainPrefix: domainName.split('.')[0] ?? '',
    requestTimeEpoch: now,
    requestId: randomUUID(),
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      cognitoIdentityId: null,
      caller: null,
      clientCert: null,
      sourceIp: sourceIp(req),
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: req.headers['user-agent'] ?? null,
      user: null,
    },
    authorizer: undefined,
    domainName,
    apiId: api.apiId,
  };
}

/** `21/Nov/2026:23:57:53 +0000` */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
