import { ApiError, NothingCreated, SHOULD_NOT_RETRY, SHOULD_RETRY } from '../../http/errors.ts';
import { awsErrorCode } from '../../sources/event-bridge-sources.ts';

/** AWS's reasons for not creating a partner event source, in words for the customer. What is ours stays in the log. */
export function creationError(error: unknown, region: string): ApiError {
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
    default:
      return new ApiError(
        503,
        'aws_unavailable',
        `Amazon EventBridge in ${region} could not create the event source just now. Try again with the same Idempotency-Key.`,
        { headers: SHOULD_RETRY, cause: error },
      );
  }
}

const invalid = (field: string, reason: string) =>
  new NothingCreated(400, 'invalid_fields', `Some fields in the request were invalid: '${field}: ${reason}'`);
