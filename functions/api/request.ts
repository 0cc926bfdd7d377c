import type { Scope } from '../../shared/accounts/api-key.ts';

/** An authenticated request, as an operation takes it. */
export interface ApiRequest {
  /** `Request-Id` of the answer. */
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  /** Of the API's root, as the request reached it, without a slash at the end. */
  readonly apiUrl: string;
  /** API v1 and v2 have error envelopes and idempotency of their own. */
  readonly api: 'v1' | 'v2';
  /** The path's `{id}`. */
  readonly id: string;
  /** Each parameter with all of its values: `include[0]=a&include[1]=b` is `include: ['a', 'b']`. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** The JSON body; `{}` without one. */
  readonly body: unknown;
  readonly rawBody: string;
  readonly idempotencyKey: string | undefined;
  /** `traceparent`, if there is one that is valid: that of the events that the request publishes. */
  readonly traceparent: string | undefined;
  /** `Stripe-Version`, or the newest. */
  readonly version: string;
  /** The account that is acted for: the key's own, or the one that `Stripe-Context` names. */
  readonly account: string;
  readonly livemode: boolean;
  readonly scopes: readonly Scope[];
}

export interface ApiResult {
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

export type Operation = (request: ApiRequest) => Promise<ApiResult>;

/** Whoever asks; the request itself has to prove what it may. */
export type PublicOperation = (request: Pick<ApiRequest, 'id' | 'body'>) => Promise<ApiResult>;

export const REPLAYED = { 'Idempotent-Replayed': 'true' };
