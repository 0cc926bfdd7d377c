import type { APIGatewayProxyEvent } from 'aws-lambda';
import { brandHeaders } from '../../shared/http/brand.ts';
import { ApiError, invalidField } from '../../shared/http/errors.ts';
import { MAX_KEY_LENGTH } from '../../shared/idempotency.ts';

/** The newest version whose shapes this API has; what a request without `Stripe-Version` gets. */
export const NEWEST_VERSION = '2026-10-28.endive';

const VERSION = /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/;

export const apiOf = (path: string): 'v1' | 'v2' => (path.startsWith('/v1/') ? 'v1' : 'v2');

/** Without a domain of its own the API stands below the stage's name, which is in the one path and not in the other. */
export function apiUrlOf(event: APIGatewayProxyEvent): string {
  const { domainName = '', path } = event.requestContext;
  const base = path.endsWith(event.path) ? path.slice(0, -event.path.length) : '';
  return `${header(event, 'x-forwarded-proto') ?? 'https'}://${domainName}${base}`;
}

/** Header names come in any case. */
export function header(event: APIGatewayProxyEvent, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === wanted);
  return found?.[1] || undefined;
}

export function rawBody(event: APIGatewayProxyEvent): string {
  const body = event.body ?? '';
  return event.isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
}

/** How API v1 is spoken; only flat parameters are read from it. */
const FORM = 'application/x-www-form-urlencoded';

/** Stripe's SDK sends a JSON content type without a body on GET and DELETE, its CLI an empty body on POST. */
export function parseBody(event: APIGatewayProxyEvent): unknown {
  const text = rawBody(event);
  if (event.httpMethod !== 'POST' || text.trim() === '') return {};
  const type = header(event, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === FORM && apiOf(event.path) === 'v1') return Object.fromEntries(new URLSearchParams(text));
  if (type !== undefined && type !== 'application/json')
    throw new ApiError(
      415,
      'unsupported_media_type',
      `The body must be JSON (Content-Type: application/json), not '${type.slice(0, 60)}'.`,
    );
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  } catch {
    throw new ApiError(400, 'invalid_json', 'The body is not valid JSON.');
  }
  throw new ApiError(400, 'invalid_json', 'The body must be a JSON object.');
}

/** `include=a&include=b` (CLI, SDK up to 19), `include[]=a` and `include[0]=a` (SDK from 20) are one list. */
export function parseQuery(event: APIGatewayProxyEvent): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    const key = name.replace(/\[\d*\]$/, '');
    query.set(key, [...(query.get(key) ?? []), ...(values ?? [])]);
  }
  return query;
}

/** `Stripe-Version`, or the newest; undefined when it is malformed. */
export function readVersion(event: APIGatewayProxyEvent): string | undefined {
  const version = header(event, brandHeaders.version) ?? NEWEST_VERSION;
  return VERSION.test(version) ? version : undefined;
}

export function parseVersion(event: APIGatewayProxyEvent): string {
  const version = readVersion(event);
  if (version) return version;
  const shown = header(event, brandHeaders.version)?.slice(0, 60);
  throw new ApiError(
    400,
    'invalid_version',
    `Invalid ${brandHeaders.version} header: '${shown}'. Use a date and name such as '${NEWEST_VERSION}'.`,
  );
}

export function parseIdempotencyKey(event: APIGatewayProxyEvent): string | undefined {
  const key = header(event, 'idempotency-key');
  if (key !== undefined && key.length > MAX_KEY_LENGTH)
    throw invalidField('Idempotency-Key', `Must be at most ${MAX_KEY_LENGTH} characters long.`);
  return key;
}
