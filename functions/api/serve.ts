import middy from '@middy/core';
import httpRouter, { type Method } from '@middy/http-router';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { parseTraceparent } from '../../shared/events/trace.ts';
import { brandHeaders } from '../../shared/http/brand.ts';
import { ApiError } from '../../shared/http/errors.ts';
import { logger } from '../../shared/telemetry.ts';
import { actingAccount, authenticate, requireScope } from './authenticate.ts';
import { logged, rememberCaller } from './log-request.ts';
import {
  apiOf,
  apiUrlOf,
  header,
  parseBody,
  parseIdempotencyKey,
  parseQuery,
  parseVersion,
  rawBody,
  readVersion,
} from './parse.ts';
import { requireRate } from './rate-limit/index.ts';
import type { ApiRequest, Operation, PublicOperation } from './request.ts';
import { failure, success, toApiError } from './respond.ts';
import { type PublicRoute, publicRoutes, type Route, routes } from './routes.ts';

export type Handler = (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

const commonHeaders = (event: APIGatewayProxyEvent): Record<string, string> => {
  const version = readVersion(event);
  return { 'Request-Id': event.requestContext.requestId, ...(version && { [brandHeaders.version]: version }) };
};

/** The way of every request: who are you, may you, and so often, what do you want; then the operation. */
const serve =
  (route: Route, operation: Operation): Handler =>
  async (event) => {
    const key = await authenticate(header(event, 'authorization'));
    requireScope(key, route.scope);
    const { livemode } = key;
    const account = await actingAccount(key, header(event, brandHeaders.context), header(event, brandHeaders.account));
    const publishes = route.scope === 'events.publish';
    rememberCaller(event, { key, account, publishes });
    await requireRate({ account, livemode, limited: publishes ? 'events' : 'requests' });
    const request: ApiRequest = {
      requestId: event.requestContext.requestId,
      method: event.httpMethod,
      path: event.path,
      apiUrl: apiUrlOf(event),
      api: apiOf(event.path),
      id: event.pathParameters?.id ?? '',
      query: parseQuery(event),
      body: parseBody(event),
      rawBody: rawBody(event),
      idempotencyKey: parseIdempotencyKey(event),
      traceparent: parseTraceparent(header(event, 'traceparent')),
      version: parseVersion(event),
      account,
      livemode,
      scopes: key.scopes,
    };
    return success(await operation(request), commonHeaders(event));
  };

/** Nobody is asked who he is. */
const servePublic =
  (operation: PublicOperation): Handler =>
  async (event) => {
    const request = { id: event.pathParameters?.id ?? '', body: parseBody(event) };
    return success(await operation(request), commonHeaders(event));
  };

/** A route with what serves it. */
export interface Served {
  readonly method: Method;
  readonly path: string;
  readonly handler: Handler;
}

export const served = <R extends Route>(
  routes: readonly R[],
  operations: Readonly<Record<R['operation'], Operation>>,
): Served[] =>
  routes.map((route) => ({
    method: route.method,
    path: route.path,
    handler: serve(route, operations[route.operation as R['operation']]),
  }));

export const servedToAll = (
  routes: readonly PublicRoute[],
  operations: Readonly<Record<PublicRoute['operation'], PublicOperation>>,
): Served[] =>
  routes.map(({ method, path, operation }) => ({ method, path, handler: servePublic(operations[operation]) }));

const unknownRoute = ({ method, path }: { method: string; path: string }): never => {
  const other = [...routes, ...publicRoutes].find((route) => matches(route.path, path));
  if (other) throw new ApiError(405, 'method_not_allowed', `${method} is not allowed on ${path.slice(0, 200)}.`);
  throw new ApiError(404, 'not_found', `Unrecognized request URL (${method}: ${path.slice(0, 200)}).`);
};

const matches = (template: string, path: string): boolean => {
  const parts = path.replace(/\/$/, '').split('/');
  const wanted = template.split('/');
  return parts.length === wanted.length && wanted.every((part, index) => part.startsWith('{') || part === parts[index]);
};

/** The handler of a function that serves some of the API's routes. What is none of the API's it refuses in the right words. */
export function apiHandler(routes: readonly Served[]) {
  const router = httpRouter<APIGatewayProxyEvent, APIGatewayProxyResult>({
    routes: [...routes],
    notFoundResponse: unknownRoute,
  });
  const answer = middy<APIGatewayProxyEvent, APIGatewayProxyResult, Error, Context>()
    .onError(({ event, error, response }) => {
      if (response !== undefined) return;
      const failed = toApiError(error);
      const requestId = event.requestContext.requestId;
      if (failed.status >= 500)
        logger.error('The request failed', { requestId, path: event.path, error: (failed.cause ?? failed) as Error });
      return failure(failed, apiOf(event.path), commonHeaders(event));
    })
    .handler(router);
  return logged(answer);
}
