import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

/** What was written beside this bundle, which is a CommonJS module, when the stack was synthesized. */
const beside = (name: string) => readFileSync(join(__dirname, name), 'utf8');

interface Document {
  readonly body: string;
  readonly etag: string;
}

/** Read with the first request: nothing of it is a matter of the cold start. */
let document: Document | undefined;
const read = (): Document => ({ body: beside('openapi.json'), etag: beside('openapi.json.etag') });

/** For everybody, from every web page. It changes with a deployment. */
const HEADERS = { 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' };

/** `GET /openapi.json` */
export const handler = async ({ headers, requestContext }: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  document ??= read();
  const { body, etag } = document;
  const common = { ...HEADERS, ETag: etag, 'Request-Id': requestContext.requestId };
  const known = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'if-none-match')?.[1];
  if (known?.split(/\s*,\s*/).includes(etag)) return { statusCode: 304, headers: common, body: '' };
  return { statusCode: 200, headers: { ...common, 'Content-Type': 'application/json; charset=utf-8' }, body };
};
