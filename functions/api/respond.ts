import type { APIGatewayProxyResult } from 'aws-lambda';
import { ApiError } from '../../shared/http/errors.ts';
import type { V1ErrorResponse } from './error-response.ts';
import type { ApiResult } from './request.ts';

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

export const success = ({ body, headers }: ApiResult, common: Record<string, string>): APIGatewayProxyResult => ({
  statusCode: 200,
  headers: { ...JSON_TYPE, ...common, ...headers },
  body: JSON.stringify(body),
});

/**
 * An error in Stripe's envelope. v2 asks for code and message; `type` is allowed there and makes the SDKs raise the right
 * class. Without `error` they would take the answer for a success.
 */
export function failure(error: ApiError, api: 'v1' | 'v2', common: Record<string, string>): APIGatewayProxyResult {
  const { status, code, message, type, param, headers } = error;
  const body: V1ErrorResponse = { error: { code, message, type, ...(api === 'v1' && param && { param }) } };
  return { statusCode: status, headers: { ...JSON_TYPE, ...common, ...headers }, body: JSON.stringify(body) };
}

/** What is not an ApiError is ours: nothing of it leaves the house. */
export const toApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(500, 'api_error', 'Something went wrong on our side. Try again with the same Idempotency-Key.', {
        cause: error,
      });
