import { ApiError, NothingCreated, SHOULD_NOT_RETRY, SHOULD_RETRY } from '../../http/errors.ts';
import { awsErrorCode, SourceNameTaken } from '../../sources/event-bridge-sources.ts';

/** AWS's reasons for not creating a partner event source, in words for the customer. What is ours stays in the log. */
export function creationError(error: unknown, region: string): ApiError {
  if (error instanceof SourceNameTaken) return nameTaken(error, region);
  switch (awsErrorCode(error)) {
    case 'OperationDisabledException':
      return invalid(
        'amazon_eventbridge.aws_region',
        `Amazon EventBridge does not take partner event sources in ${region}. Choose another Region.`,
      );
    case 'LimitExceededException':
      return new NothingCreated(
        400,
        'aws_limit_exceeded',
        `AWS allows no more partner event sources for this account in ${region}. Delete an unused event source or choose another Region.`,
        { headers: SHOULD_NOT_RETRY },
      );
    case 'ValidationException':
      return invalid('amazon_eventbridge.aws_account_id', 'AWS does not accept this account ID.');
    case 'AccessDeniedException':
      return new NothingCreated(
        500,
        'partner_not_authorized',
        'This service is not authorized to create partner event sources at AWS. Its operator has been told; no destination was created.',
        { headers: SHOULD_NOT_RETRY, cause: error },
      );
    case 'ConcurrentModificationException':
      return unavailable(
        'aws_concurrent_modification',
        `AWS is working on another change of this event source in ${region}. Try again in a minute, with the same Idempotency-Key.`,
        error,
      );
    case 'ThrottlingException':
      return unavailable(
        'aws_throttled',
        `Amazon EventBridge in ${region} takes no more requests for event sources at the moment. Try again in a minute, with the same Idempotency-Key.`,
        error,
      );
    default:
      return unavailable(
        'aws_unavailable',
        `Amazon EventBridge in ${region} could not create the event source just now. Try again with the same Idempotency-Key.`,
        error,
      );
  }
}

/** The destination is marked as `deleting` by then: it gets nothing any more, and the tracker goes on with its deletion. */
export function deletionError(error: unknown, region: string): ApiError {
  if (awsErrorCode(error) === 'AccessDeniedException')
    return new ApiError(
      500,
      'partner_not_authorized',
      'This service is not authorized to delete partner event sources at AWS. Its operator has been told: the event destination receives nothing any more, and its event source goes as soon as that is mended.',
      { headers: SHOULD_NOT_RETRY, cause: error },
    );
  return unavailable(
    'aws_deletion_pending',
    `Amazon EventBridge in ${region} could not delete the event source just now. The event destination receives nothing any more, and its deletion goes on by itself; repeating it is harmless.`,
    error,
  );
}

/** What the operator has to mend; undefined for what mends itself or is the customer's. */
export const remedyOf = (error: unknown): string | undefined =>
  awsErrorCode(error) === 'AccessDeniedException'
    ? 'AWS lets only accounts of registered EventBridge partners do this: have AWS register this account under the partner name that the stage is deployed with (-c partner=...), and check the policy of the function'
    : undefined;

/** Nothing of ours: a new id, and with it a new name, comes with a new Idempotency-Key. */
const nameTaken = (error: SourceNameTaken, region: string) =>
  new NothingCreated(
    500,
    'aws_event_source_name_taken',
    `AWS has an event source of this name in ${region} that does not belong to this event destination. Create it anew, with another Idempotency-Key.`,
    { headers: SHOULD_NOT_RETRY, cause: error },
  );

const unavailable = (code: string, message: string, cause: unknown) =>
  new ApiError(503, code, message, { headers: SHOULD_RETRY, cause });

const invalid = (field: string, reason: string) =>
  new NothingCreated(400, 'invalid_fields', `Some fields in the request were invalid: '${field}: ${reason}'`);
