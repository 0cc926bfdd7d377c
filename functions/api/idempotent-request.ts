import type { IdempotentRequest } from '../../shared/idempotency.ts';
import type { ApiRequest } from './request.ts';

/** The idempotency of a request: its key's scope, and what must be the same when the key is used again. */
export const idempotentRequest = (request: ApiRequest, newId: () => string): IdempotentRequest => ({
  account: request.account,
  livemode: request.livemode,
  api: request.api,
  key: request.idempotencyKey,
  fingerprint: [request.method, request.path, JSON.stringify(request.body, inOrder)].join('\n'),
  newId,
});

/** The same parameters in another order are the same parameters. */
const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
