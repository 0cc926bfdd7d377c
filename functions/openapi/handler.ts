import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

/** The document that was written beside this bundle when the stack was synthesized. */
const body = readFileSync(new URL('./openapi.json', import.meta.url), 'utf8');
const ETag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

/** For everybody, from every web page. It changes with a deployment. */
const HEADERS = { ETag, 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' };

/** `GET /openapi.json` */
export const handler = async ({ headers, requestContext }: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  const common = { ...HEADERS, 'Request-Id': requestContext.requestId };
  const known = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'if-none-match')?.[1];
  if (known?.split(/\s*,\s*/).includes(ETag)) return { statusCode: 304, headers: common, body: '' };
  return { statusCode: 200, headers: { ...common, 'Content-Type': 'application/json; charset=utf-8' }, body };
};
