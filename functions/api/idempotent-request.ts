import type { IdempotentRequest } from '../../shared/idempotency.ts';
import type { ApiRequest } from './request.ts';

/** The idempotency of a request: its key's scope, and what must be the same when the key is used again. */
export const idempotentRequest = (request: ApiRequest, newId: () => string): IdempotentRequest => ({
  account: request.account,
  livemode: request.livemode,
  api: request.api,
  key: request.idempotencyKey,
  fingerprint: [request.method, request.path, request.rawBody].join('\n'),
  newId,
});
