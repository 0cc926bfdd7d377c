import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { GatewayError } from './gateway-error.ts';
import type { HttpResponse } from './http-response.ts';
import type { GatewayResponse } from './template.ts';

/**
 * Renders an error as the API's GatewayResponse for its type says, else the one for DEFAULT_4XX or DEFAULT_5XX, else
 * as AWS does by itself. Templates are no Velocity: API Gateway, too, only replaces variables in these.
 */
export function gatewayResponse(
  error: GatewayError,
  responses: ReadonlyMap<string, GatewayResponse>,
  event: APIGatewayProxyEvent,
): HttpResponse {
  const { responseType, status, typeStatus, errorType } = error.kind;
  const exact = responses.get(responseType);
  const response = exact ?? responses.get(status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const statusCode = response?.StatusCode ?? (exact && typeStatus !== undefined ? typeStatus : status);
  const variables = variablesOf(error, event, statusCode);

  const headers: [string, string][] = [['x-amzn-ErrorType', errorType]];
  for (const [target, source] of Object.entries(response?.ResponseParameters ?? {})) {
    const value = parameter(source, variables);
    if (value !== undefined) headers.push([target.replace(/^gatewayresponse\.header\./, ''), value]);
  }
  const [contentType, template] = templateOf(response);
  return { statusCode, headers: [['Content-Type', contentType], ...headers], body: render(template, variables) };
}

type Variables = (name: string) => string | undefined;

const templateOf = (response: GatewayResponse | undefined): readonly [string, string] => {
  const templates = Object.entries(response?.ResponseTemplates ?? {});
  const json = templates.find(([contentType]) => contentType === 'application/json');
  return json ?? templates[0] ?? ['application/json', '{"message":$context.error.messageString}'];
};

/** `'static'`, `context.requestId`, `method.request.header.X`, `stageVariables.x`. */
const parameter = (source: string, variables: Variables): string | undefined =>
  /^'(.*)'$/s.exec(source)?.[1] ?? variables(source);

const VARIABLE = /\$(?:\{([\w.-]+)\}|(context\.[\w.]*\w|stageVariables\.\w+|method\.[\w.-]*\w))/g;

const render = (template: string, variables: Variables): string =>
  template.replace(VARIABLE, (_, braced, plain) => variables(braced ?? plain) ?? '');

function variablesOf(error: GatewayError, event: APIGatewayProxyEvent, statusCode: number): Variables {
  const context: object = {
    ...event.requestContext,
    status: statusCode,
    error: {
      message: error.message,
      messageString: JSON.stringify(error.message),
      responseType: error.kind.responseType,
    },
  };
  const sources = new Map<string, object>([
    ['context', context],
    ['stageVariables', event.stageVariables ?? {}],
    ['method.request.header', event.headers],
    ['method.request.path', event.pathParameters ?? {}],
    ['method.request.querystring', event.queryStringParameters ?? {}],
  ]);
  return (name) => {
    for (const [prefix, source] of sources) {
      if (name.startsWith(`${prefix}.`)) return lookUp(source, name.slice(prefix.length + 1).split('.'));
    }
    return undefined;
  };
}

function lookUp(source: object, [key, ...rest]: readonly string[]): string | undefined {
  // Header names are compared without case, other names never differ in nothing but case.
  const found: unknown = Object.entries(source).find(([name]) => name.toLowerCase() === key?.toLowerCase())?.[1];
  if (typeof found === 'object' && found !== null) return lookUp(found, rest);
  return found === undefined || found === null ? undefined : String(found);
}
