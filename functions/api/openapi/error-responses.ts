import type { JsonSchema, ResponseObject } from './description.ts';
import { type ErrorCode, type ErrorDescription, errors, errorsOf } from './errors.ts';
import { refTo } from './json-schemas.ts';
import { headersOf } from './response-headers.ts';

type Envelope = 'Error' | 'V1Error';

/** For each status the codes that come with it. What most operations have alike is written once and referred to. */
export function errorResponses(path: string, codes: readonly ErrorCode[]): Record<string, ResponseObject> {
  const envelope = envelopeOf(path);
  const shared = new Map(Object.entries(sharedResponses()).map(([name, response]) => [JSON.stringify(response), name]));
  return mapValues(byStatus(envelope, codes), (response) => {
    const name = shared.get(JSON.stringify(response));
    return name === undefined ? response : { $ref: `#/components/responses/${name}` };
  });
}

const envelopeOf = (path: string): Envelope => (path.startsWith('/v1/') ? 'V1Error' : 'Error');

/** What a body-less request of either API can be answered, whatever it asks for. */
export function sharedResponses(): Record<string, ResponseObject> {
  const named = (envelope: Envelope, path: string) =>
    Object.entries(byStatus(envelope, errorsOf('GET', path, []))).map(([status, response]) => [
      `${envelope}${status}`,
      response,
    ]);
  return Object.fromEntries([...named('Error', '/v2/{id}'), ...named('V1Error', '/v1/{id}')]);
}

/** One of each error. */
export const errorExamples = () =>
  mapValues<ErrorDescription, { summary: string; value: object }>(errors, ({ type, message, means }, code) => ({
    summary: means,
    value: { error: { code, message, type } },
  }));

function byStatus(envelope: Envelope, codes: readonly ErrorCode[]): Record<string, ResponseObject> {
  const statuses = new Set(codes.flatMap((code) => statusesOf(envelope, code)));
  return Object.fromEntries(
    [...statuses].sort().map((status) => [
      status,
      errorResponse(
        envelope,
        codes.filter((code) => statusesOf(envelope, code).includes(status)),
      ),
    ]),
  );
}

/** API v2 has one status for each; API v1 has its own. */
const statusesOf = (envelope: Envelope, code: ErrorCode): readonly number[] =>
  code === 'idempotency_error' && envelope === 'Error' ? [409] : errors[code].statuses;

function errorResponse(envelope: Envelope, codes: readonly ErrorCode[]) {
  const code: JsonSchema = { enum: [...codes] };
  const schema: JsonSchema = {
    allOf: [refTo(envelope), { type: 'object', properties: { error: { type: 'object', properties: { code } } } }],
  };
  return {
    description: codes.map((name) => `\`${name}\`: ${errors[name].means}`).join('\n\n'),
    headers: headersOf('RequestId', 'StripeVersion', 'StripeShouldRetry'),
    content: {
      'application/json': {
        schema,
        examples: Object.fromEntries(codes.map((name) => [name, { $ref: `#/components/examples/${name}` }])),
      },
    },
  };
}

const mapValues = <T, R>(of: Readonly<Record<string, T>>, to: (value: T, key: string) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, to(value, key)]));
