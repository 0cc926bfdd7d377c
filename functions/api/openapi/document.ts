import { NEWEST_VERSION } from '../parse.ts';
import { type PublicRoute, publicRoutes, type Route, routes } from '../routes.ts';
import { type BodyDescription, type OperationDescription, type ResponseObject, TAGS } from './description.ts';
import { errorExamples, errorResponses, sharedResponses } from './error-responses.ts';
import { errorsOf } from './errors.ts';
import * as examples from './examples.ts';
import { refTo, toJsonSchemas } from './json-schemas.ts';
import { operationDescriptions, publicOperationDescriptions } from './operations/index.ts';
import { HEADERS } from './parameters.ts';
import { headersOf, RESPONSE_HEADERS } from './response-headers.ts';
import { schemaDescriptions } from './schemas/index.ts';

export interface DocumentOptions {
  /** The Regions in which customers may have destinations; any without it. */
  readonly regions?: readonly string[] | undefined;
}

/** The API as an OpenAPI 3.1 document, made of what validates the requests and of what types the answers. */
export function openApiDocument({ regions }: DocumentOptions = {}) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Event Destinations',
      version: NEWEST_VERSION,
      description:
        'Gives a platform’s customers event destinations: the platform’s events in their own Amazon EventBridge or at their webhook endpoints. The API is that of Stripe’s event destinations; Stripe’s SDKs and CLI work against it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { basic: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: paths(),
    webhooks: webhooks(),
    components: {
      schemas: toJsonSchemas(schemaDescriptions(regions)),
      parameters: { ...HEADERS, Id: ID },
      headers: RESPONSE_HEADERS,
      responses: sharedResponses(),
      examples: errorExamples(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const ID = { name: 'id', in: 'path', required: true, description: 'The object’s id.', schema: { type: 'string' } };

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key: `sk_…`, or a restricted one, `rk_…`.' },
  basic: { type: 'http', scheme: 'basic', description: 'The API key as the user name.' },
};

function paths() {
  const paths: Record<string, Record<string, ReturnType<typeof operation> | ReturnType<typeof publicOperation>>> = {};
  for (const route of routes) {
    const described = operationDescriptions[route.operation];
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, described) };
  }
  for (const route of publicRoutes) {
    const described = publicOperation(route, publicOperationDescriptions[route.operation]);
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: described };
  }
  return paths;
}

/** Needs no key, and acts for nobody. */
function publicOperation({ operation: operationId, method, path }: PublicRoute, described: OperationDescription) {
  const { tag, summary, description = '', body } = described;
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    security: [],
    parameters: [parameter('Id')],
    ...(body && { requestBody: requestBody(body) }),
    responses: responses(path, method, described),
  };
}

function operation({ operation: operationId, method, path, scope }: Route, described: OperationDescription) {
  const { tag, summary, description, query = [], body } = described;
  const headers = ['StripeVersion', 'StripeContext', 'StripeAccount', ...(method === 'GET' ? [] : ['IdempotencyKey'])];
  return {
    operationId,
    tags: [tag],
    summary,
    description: [description, `Needs a key with the scope \`${scope}\`.`].filter(Boolean).join(' '),
    security: [{ bearer: [scope] }, { basic: [scope] }],
    parameters: [
      ...(path.includes('{id}') ? [parameter('Id')] : []),
      ...query,
      ...headers.map((name) => parameter(name)),
      ...(scope === 'events.publish' ? [parameter('Traceparent')] : []),
    ],
    ...(body && { requestBody: requestBody(body) }),
    responses: responses(path, method, described),
  };
}

function responses(
  path: string,
  method: string,
  { answer, errors }: OperationDescription,
): Record<string, ResponseObject> {
  const replayed = method === 'GET' ? {} : headersOf('IdempotentReplayed');
  const success: ResponseObject = {
    description: answer.description,
    headers: { ...headersOf('RequestId', 'StripeVersion'), ...replayed },
    content: { 'application/json': { schema: refTo(answer.schema), example: answer.example } },
  };
  return { 200: success, ...errorResponses(path, errorsOf(method, path, errors)) };
}

const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });

function requestBody({ schema, example, optional, form }: BodyDescription) {
  const media = { schema: refTo(schema), example };
  return {
    required: optional !== true,
    content: { ...(form && { 'application/x-www-form-urlencoded': media }), 'application/json': media },
  };
}

/** What a webhook endpoint receives; an EventBridge envelope has the same as its `detail`. */
function webhooks() {
  const delivered = (summary: string, schema: string, example: unknown) => ({
    post: {
      summary,
      security: [],
      parameters: [
        {
          name: 'Stripe-Signature',
          in: 'header',
          required: true,
          description: '`t=<unix seconds>,v1=<HMAC-SHA256>`, verified by Stripe’s SDKs.',
          schema: { type: 'string' },
        },
        {
          name: 'traceparent',
          in: 'header',
          required: true,
          description:
            'The event’s trace (W3C Trace Context): its publisher’s, or one of its own. Each attempt is a span.',
          schema: { type: 'string' },
        },
      ],
      requestBody: { content: { 'application/json': { schema: refTo(schema), example } } },
      responses: { '2XX': { description: 'The event was received; any other answer is a failed attempt.' } },
    },
  });
  return {
    snapshotEvent: delivered('A snapshot event', 'SnapshotEvent', examples.snapshotEvent),
    thinEvent: delivered('A thin event', 'PushedThinEvent', examples.pushedThinEvent),
  };
}
