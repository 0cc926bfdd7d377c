import { brandHeaders } from './brand.ts';

/** The error types that make Stripe's SDKs raise the right class. */
type ErrorType = 'invalid_request_error' | 'idempotency_error' | 'api_error' | 'rate_limit_error';

export interface ApiErrorOptions {
  readonly type?: ErrorType;
  /** v1 only: the parameter to blame. */
  readonly param?: string;
  readonly headers?: Record<string, string>;
  /** For the log only. */
  readonly cause?: unknown;
}

/** An answer other than success, with words for the caller: what is wrong and what to do. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly type: ErrorType;
  readonly param: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.type = options.type ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
    this.param = options.param;
    this.headers = options.headers ?? {};
  }
}

/** The outside call was refused: nothing exists, and nothing has to be undone. */
export class NothingCreated extends ApiError {
  override readonly name = 'NothingCreated';
}

export interface FieldProblem {
  /** `enabled_events[0]`, `amazon_eventbridge.aws_region`. */
  readonly field: string;
  readonly reason: string;
}

/** A request can be wrong in more places than anybody wants to read, or than an answer can hold. */
const MOST_PROBLEMS = 20;
const LONGEST_FIELD = 200;

/** 400: fields that are missing, unknown or wrong, each by its path. */
export class InvalidFields extends ApiError {
  override readonly name = 'InvalidFields';
  readonly problems: readonly FieldProblem[];
  /** The paths alone: what may be logged. */
  readonly fields: readonly string[];

  constructor(problems: readonly FieldProblem[]) {
    const shown = problems.slice(0, MOST_PROBLEMS);
    const fields = shown.map(({ field }) => field.slice(0, LONGEST_FIELD));
    const listed = shown.map(({ reason }, index) => `'${fields[index]}: ${reason}'`);
    if (problems.length > shown.length) listed.push(`and ${problems.length - shown.length} more`);
    super(400, 'invalid_fields', `Some fields in the request were invalid: ${listed.join(', ')}`, { param: fields[0] });
    this.problems = problems;
    this.fields = fields;
  }
}

export const invalidField = (field: string, reason: string) => new InvalidFields([{ field, reason }]);

/** 404, in the words of the API's version. */
export const notFound = (api: 'v1' | 'v2', what: string, id: string, headers?: Record<string, string>) =>
  api === 'v1'
    ? new ApiError(404, 'resource_missing', `No such ${what}: '${id}'`, { param: 'id', headers })
    : new ApiError(404, 'not_found', `No such ${what}: '${id}'. It may belong to another account or mode.`, {
        headers,
      });

/** The SDK retries on this header whatever the status says, and never on `false`. */
export const SHOULD_RETRY = { [brandHeaders.shouldRetry]: 'true' };
export const SHOULD_NOT_RETRY = { [brandHeaders.shouldRetry]: 'false' };
