import { MAX_ACTIVE_SECRETS } from '../../../shared/destinations/webhook-endpoint/secrets.ts';

/**
 * Every error code of the API: with which statuses and type it comes, and what it means to the caller. What a test's
 * request is answered has to be in this list, and in its operation's.
 */
export const errors = {
  invalid_fields: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'Fields of the request are missing, unknown or wrong; the message names each by its path.',
    message:
      "Some fields in the request were invalid: 'amazon_eventbridge.aws_account_id: Must be an AWS account ID: twelve digits.'",
  },
  invalid_request: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The request as a whole cannot be understood: its URL, or Stripe-Context and Stripe-Account.',
    message: 'Stripe-Context and Stripe-Account name different accounts: send only one.',
  },
  invalid_version: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The header Stripe-Version is no version.',
    message: "Invalid Stripe-Version header: 'yesterday'. Use a date and name such as '2026-10-28.endive'.",
  },
  invalid_json: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The body is not a JSON object.',
    message: 'The body is not valid JSON.',
  },
  unauthenticated: {
    statuses: [401],
    type: 'invalid_request_error',
    means: 'There is no API key, or none that is valid.',
    message: 'Invalid API Key provided: sk_test_********4Gx2',
  },
  permission_denied: {
    statuses: [403],
    type: 'invalid_request_error',
    means: 'The key lacks the scope that the operation needs.',
    message:
      "The provided key 'rk_test_…4Gx2' does not have the permission 'event_destinations.write' that this endpoint requires. Use another key.",
  },
  account_invalid: {
    statuses: [403],
    type: 'invalid_request_error',
    means: 'The key may not act for the account that Stripe-Context or Stripe-Account names.',
    message:
      "The provided key 'sk_test_…4Gx2' does not have access to account 'acct_2' (or that account does not exist).",
  },
  not_found: {
    statuses: [404],
    type: 'invalid_request_error',
    means:
      'There is no such thing in this account and mode. With `Stripe-Should-Retry: true` it may be there in a moment.',
    message: "No such event destination: 'ed_test_1'. It may belong to another account or mode.",
  },
  resource_missing: {
    statuses: [404, 400],
    type: 'invalid_request_error',
    means: 'There is no such thing in this account and mode: by the path (404), or as a parameter.',
    message: "No such event: 'evt_test_1'",
  },
  idempotency_error: {
    statuses: [409, 400],
    type: 'idempotency_error',
    means:
      'The Idempotency-Key was used with other parameters (409; 400 in API v1), or its first request is still in progress (409, with `Stripe-Should-Retry: true`).',
    message: 'Idempotency keys can only be reused with the same parameters they were first used with.',
  },
  concurrent_modification: {
    statuses: [409],
    type: 'api_error',
    means: 'Many requests change the destination at once; try again.',
    message: 'This event destination is being changed by many requests at once. Try again.',
  },
  event_destination_limit_reached: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The account has as many destinations in this mode as it can have.',
    message:
      'This account has 16 event destinations in test mode, the most that it can have. Delete one to make place for another.',
  },
  event_destination_gone: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The event source of the destination does not exist any more: create a new destination.',
    message:
      "This event destination cannot be enabled. Its AWS event source 'aws.partner/example.com/ed_test_1' does not exist any more, and AWS never gives a name twice. Create a new event destination.",
  },
  event_destination_disabled: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The destination is disabled and receives no events.',
    message:
      'This event destination is disabled and receives no events. Enable it with POST /v2/core/event_destinations/{id}/enable, then ping it.',
  },
  event_resend_in_progress: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'Another bulk resend to this destination has not ended yet.',
    message:
      "'resend_test_1' is resending to this event destination already. Wait for it to end, or cancel it with POST /v2/core/event_resends/resend_test_1/cancel.",
  },
  event_resend_ended: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The bulk resend has ended; there is nothing left to cancel.',
    message:
      'This resend has ended: there is nothing left to cancel. Each delivery that it sent goes on by itself; disable the event destination to stop them.',
  },
  no_signing_secret: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The destination is no webhook endpoint.',
    message:
      "Only destinations of type 'webhook_endpoint' have a signing secret to roll. This one is of type 'amazon_eventbridge': AWS says who its events come from, by the partner event source.",
  },
  too_many_signing_secrets: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'The destination was rolled so often that too many secrets still sign.',
    message: `This event destination has ${MAX_ACTIVE_SECRETS} signing secrets that still sign, the most that it can have. Roll again after 2026-11-22T10:00:00.000Z, when one of them ends, or now with expire_current_in 0, which ends all earlier ones at once.`,
  },
  aws_limit_exceeded: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'AWS allows no more event sources for that account in that Region. Nothing was created.',
    message:
      'AWS allows no more partner event sources for this account in us-east-1. Delete an unused event source or choose another Region.',
  },
  partner_not_authorized: {
    statuses: [500],
    type: 'api_error',
    means: 'The platform may not create, or delete, event sources at AWS (yet). Nothing was created.',
    message:
      'This service is not authorized to create partner event sources at AWS. Its operator has been told; no destination was created.',
  },
  aws_unavailable: {
    statuses: [503],
    type: 'api_error',
    means: 'AWS could not create the event source just now; try again with the same Idempotency-Key.',
    message:
      'Amazon EventBridge in us-east-1 could not create the event source just now. Try again with the same Idempotency-Key.',
  },
  aws_throttled: {
    statuses: [503],
    type: 'api_error',
    means: 'AWS takes no more requests for event sources at the moment; try again with the same Idempotency-Key.',
    message:
      'Amazon EventBridge in us-east-1 takes no more requests for event sources at the moment. Try again in a minute, with the same Idempotency-Key.',
  },
  aws_concurrent_modification: {
    statuses: [503],
    type: 'api_error',
    means: 'AWS is working on another change of the event source; try again with the same Idempotency-Key.',
    message:
      'AWS is working on another change of this event source in us-east-1. Try again in a minute, with the same Idempotency-Key.',
  },
  aws_event_source_name_taken: {
    statuses: [500],
    type: 'api_error',
    means: 'AWS has a foreign event source of that name. Nothing was created: use another Idempotency-Key.',
    message:
      'AWS has an event source of this name in us-east-1 that does not belong to this event destination. Create it anew, with another Idempotency-Key.',
  },
  aws_deletion_pending: {
    statuses: [503],
    type: 'api_error',
    means: 'The destination is deleted and receives nothing; its event source goes as soon as AWS takes the deletion.',
    message:
      'Amazon EventBridge in us-east-1 could not delete the event source just now. The event destination receives nothing any more, and its deletion goes on by itself; repeating it is harmless.',
  },
  test_mode_only: {
    statuses: [400],
    type: 'invalid_request_error',
    means: 'Only a key of test mode can do that.',
    message:
      'Test events can be triggered in test mode only: use a key of test mode (sk_test_…). In live mode, events happen.',
  },
  event_too_large: {
    statuses: [413],
    type: 'invalid_request_error',
    means: 'The event is larger than what can be delivered.',
    message: 'An event can take at most 262144 bytes.',
  },
  request_too_large: {
    statuses: [413],
    type: 'invalid_request_error',
    means: 'The body is larger than any request may be.',
    message: 'The request body is too large.',
  },
  unsupported_media_type: {
    statuses: [415],
    type: 'invalid_request_error',
    means: 'The body is neither JSON nor, where that is allowed, form-encoded.',
    message: "The body must be JSON (Content-Type: application/json), not 'text/plain'.",
  },
  method_not_allowed: {
    statuses: [405],
    type: 'invalid_request_error',
    means: 'The path exists, but not with this method.',
    message: 'PUT is not allowed on /v1/events.',
  },
  rate_limit: {
    statuses: [429],
    type: 'rate_limit_error',
    means:
      'Too many requests, or events to publish, in this second: wait as long as `Retry-After` says, and slow down. `Stripe-Rate-Limited-Reason` says what is limited.',
    message: 'This account makes too many requests a second. Wait a second, and slow down.',
  },
  api_error: {
    statuses: [500, 502, 503, 504],
    type: 'api_error',
    means: 'Something went wrong on the service’s side; try again with the same Idempotency-Key.',
    message: 'Something went wrong on our side. Try again with the same Idempotency-Key.',
  },
} as const satisfies Record<string, ErrorDescription>;

export interface ErrorDescription {
  readonly statuses: readonly number[];
  readonly type: string;
  readonly means: string;
  readonly message: string;
}

export type ErrorCode = keyof typeof errors;

/** What any request can be answered. */
const OF_EVERY_REQUEST: readonly ErrorCode[] = [
  'invalid_fields',
  'invalid_request',
  'invalid_version',
  'unauthenticated',
  'permission_denied',
  'account_invalid',
  'rate_limit',
  'api_error',
];
const OF_A_BODY: readonly ErrorCode[] = ['invalid_json', 'unsupported_media_type', 'request_too_large'];

/** Every code that the operation may answer. */
export function errorsOf(method: string, path: string, own: readonly ErrorCode[]): ErrorCode[] {
  const missing: ErrorCode = path.startsWith('/v1/') ? 'resource_missing' : 'not_found';
  return [
    ...new Set([
      ...OF_EVERY_REQUEST,
      ...(method === 'POST' ? OF_A_BODY : []),
      ...(method === 'GET' ? [] : (['idempotency_error'] as const)),
      ...(path.includes('{') ? [missing] : []),
      ...own,
    ]),
  ];
}
