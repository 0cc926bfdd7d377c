import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod';
import { GatewayError } from './gateway-error.ts';
import type { HttpResponse } from './http-response.ts';
import { isBinary } from './proxy-event.ts';

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** The output format of Lambda proxy integrations; anything else is answered 502. */
const proxyResponseSchema = z.object({
  statusCode: z.coerce.number().int().min(200).max(599),
  headers: z.record(z.string(), headerValue.nullish()).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** The gateway sets these itself: what a function says under the name goes out with a prefix. */
const REMAPPED = new Set(['connection', 'content-length', 'date', 'host', 'server', 'www-authenticate']);

/**
 * Base64 is decoded only for a client whose first Accept type is a binary media type of the API: without such types a
 * base64 body goes out as it is, on AWS too.
 */
export function proxyResponse(
  payload: unknown,
  options: { accept: string | undefined; binaryMediaTypes: readonly string[] },
): HttpResponse {
  const parsed = proxyResponseSchema.safeParse(payload);
  if (!parsed.success) throw new GatewayError('MALFORMED_PROXY_RESPONSE', { cause: parsed.error });
  const { statusCode, body, isBase64Encoded } = parsed.data;
  const decode = isBase64Encoded && isBinary(options.accept?.split(',')[0], options.binaryMediaTypes);
  return {
    statusCode,
    headers: headersOf(parsed.data),
    body: decode ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

function headersOf({ headers, multiValueHeaders }: z.infer<typeof proxyResponseSchema>): [string, string][] {
  const multi = Object.entries(multiValueHeaders ?? {}).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const single = Object.entries(headers ?? {}).flatMap(([name, value]): [string, string][] =>
    // A pair that both maps have goes out once.
    value == null || multi.some((pair) => pair[0] === name && pair[1] === value) ? [] : [[name, value]],
  );
  const all = [...single, ...multi]
    .filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
    .map(([name, value]): [string, string] => [
      REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name,
      value,
    ]);
  for (const [name, value] of all) assertSendable(name, value);
  const hasType = all.some(([name]) => name.toLowerCase() === 'content-type');
  return hasType ? all : [['Content-Type', 'application/json'], ...all];
}

function assertSendable(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new GatewayError('MALFORMED_PROXY_RESPONSE', { cause });
  }
}
