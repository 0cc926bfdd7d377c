import type { APIGatewayProxyEvent } from 'aws-lambda';
import { AwsError } from '../aws-error.ts';
import type { InvokeResult } from '../lambda/lambda.ts';
import { GatewayError } from './gateway-error.ts';
import type { HttpResponse } from './http-response.ts';
import type { Integration } from './template.ts';

/** What the API needs of Lambda. */
export interface Invoker {
  invoke(functionArn: string, payload: unknown): Promise<InvokeResult>;
}

/** Invokes the integration's function: its response, still to be checked, or a GatewayError. */
export async function invokeFunction(
  integration: Integration,
  event: APIGatewayProxyEvent,
  lambda: Invoker,
): Promise<unknown> {
  const functionArn = /\/functions\/(arn:[^/]+)\/invocations$/.exec(integration.Uri ?? '')?.[1];
  if (functionArn === undefined) throw new GatewayError('API_CONFIGURATION_ERROR');
  const result = await within(integration.TimeoutInMillis, lambda.invoke(functionArn, event).catch(invokeError));
  if (result.functionError) throw new GatewayError('MALFORMED_PROXY_RESPONSE', { cause: result.payload });
  return result.payload;
}

/** What Lambda itself refuses: no such function, throttled, too large, its own faults. */
function invokeError(cause: unknown): never {
  if (!(cause instanceof AwsError)) throw cause;
  const missing = cause.code === 'ResourceNotFoundException';
  throw new GatewayError(missing ? 'API_CONFIGURATION_ERROR' : 'INVOKE_FAILED', { cause });
}

/** Real time, as for the functions' own time-outs; the function goes on running, as it does on AWS. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new GatewayError('INTEGRATION_TIMEOUT')), ms);
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A MOCK integration, as CDK makes them for CORS preflights: a status and static headers, no body. */
export function mockResponse(integration: Integration): HttpResponse {
  const asked = /"?statusCode"?\s*:\s*(\d+)/.exec(integration.RequestTemplates['application/json'] ?? '')?.[1];
  const response =
    integration.IntegrationResponses.find(({ StatusCode }) => StatusCode === asked) ??
    integration.IntegrationResponses[0];
  if (!response) throw new GatewayError('API_CONFIGURATION_ERROR');
  const headers = Object.entries(response.ResponseParameters).map(([target, source]): [string, string] => [
    target.replace(/^method\.response\.header\./, ''),
    source.replace(/^'(.*)'$/s, '$1'),
  ]);
  return { statusCode: Number(response.StatusCode), headers, body: '' };
}
