import middy from '@middy/core';
import httpRouter, { type Method } from '@middy/http-router';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { parseTraceparent } from '../../shared/events/trace.ts';
import { brandHeaders } from '../../shared/http/brand.ts';
import { ApiError } from '../../shared/http/errors.ts';
import { logger } from '../../shared/telemetry.ts';
import { actingAccount, authenticate, requireScope } from './authenticate.ts';
import { logged, rememberCaller } from './log-request.ts';
import { operations, publicOperations } from './operations/index.ts';
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
import type { ApiRequest } from './request.ts';
import { failure, success, toApiError } from './respond.ts';
import { type PublicRoute, publicRoutes, type Route, routes } from './routes.ts';

const commonHeaders = (event: APIGatewayProxyEvent): Record<string, string> => {
  const version = readVersion(event);
  return { 'Request-Id': event.requestContext.requestId, ...(version && { [brandHeaders.version]: version }) };
};

/** The way of every request: who are you, may you, and so often, what do you want; then the operation. */
const serve = (route: Route) => async (event: APIGatewayProxyEvent) => {
  const key = await authenticate(header(event, 'authorization'));
  requireScope(key, route.scope);
  const { livemode } = key;
  const account = await actingAccount(key, header(event, brandHeaders.context), header(event, brandHeaders.account));
  rememberCaller(event, { key, account });
  await requireRate({ account, livemode, limited: route.scope === 'events.publish' ? 'events' : 'requests' });
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
  return success(await operations[route.operation](request), commonHeaders(event));
};

/** Nobody is asked who he is. */
const servePublic = (route: PublicRoute) => async (event: APIGatewayProxyEvent) => {
  const request = { id: event.pathParameters?.id ?? '', body: parseBody(event) };
  return success(await publicOperations[route.operation](request), commonHeaders(event));
};

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

const router = httpRouter<APIGatewayProxyEvent, APIGatewayProxyResult>({
  routes: [
    ...routes.map((route) => ({ method: route.method as Method, path: route.path, handler: serve(route) })),
    ...publicRoutes.map((route) => ({ method: route.method as Method, path: route.path, handler: servePublic(route) })),
  ],
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

export const handler = logged(answer);
