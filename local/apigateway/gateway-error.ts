/**
 * API Gateway's own errors, as it answers them where the API says nothing else. `typeStatus` is what an explicit
 * GatewayResponse of the type falls back to, where it differs: with one for INTEGRATION_FAILURE, a throttled Lambda
 * function is 504 instead of 500 (repost.aws QUL-z6rJbmR4meafB7MzYXxw).
 */
const GATEWAY_ERRORS = {
  BAD_REQUEST: { responseType: 'DEFAULT_4XX', status: 400, message: 'Bad Request', errorType: 'BadRequestException' },
  MISSING_AUTHENTICATION_TOKEN: {
    responseType: 'MISSING_AUTHENTICATION_TOKEN',
    status: 403,
    message: 'Missing Authentication Token',
    errorType: 'MissingAuthenticationTokenException',
  },
  REQUEST_TOO_LARGE: {
    responseType: 'REQUEST_TOO_LARGE',
    status: 413,
    message: 'Request Too Long',
    errorType: 'RequestTooLargeException',
  },
  THROTTLED: {
    responseType: 'THROTTLED',
    status: 429,
    message: 'Too Many Requests',
    errorType: 'TooManyRequestsException',
  },
  /** The function could not be invoked: REST APIs answer 500 also where Lambda throttled, never 429. */
  INVOKE_FAILED: {
    responseType: 'INTEGRATION_FAILURE',
    status: 500,
    typeStatus: 504,
    message: 'Internal server error',
    errorType: 'InternalServerErrorException',
  },
  /** The function crashed, timed out, or answered something that is no proxy response. */
  MALFORMED_PROXY_RESPONSE: {
    responseType: 'INTEGRATION_FAILURE',
    status: 502,
    typeStatus: 504,
    message: 'Internal server error',
    errorType: 'InternalServerErrorException',
  },
  API_CONFIGURATION_ERROR: {
    responseType: 'API_CONFIGURATION_ERROR',
    status: 500,
    message: 'Internal server error',
    errorType: 'InternalServerErrorException',
  },
  INTEGRATION_TIMEOUT: {
    responseType: 'INTEGRATION_TIMEOUT',
    status: 504,
    message: 'Endpoint request timed out',
    errorType: 'InternalServerErrorException',
  },
} as const satisfies Record<string, ErrorKind>;

interface ErrorKind {
  readonly responseType: string;
  readonly status: number;
  readonly typeStatus?: number;
  readonly message: string;
  /** The header `x-amzn-ErrorType`. */
  readonly errorType: string;
}

/** Ends a request with one of API Gateway's own errors. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly kind: ErrorKind;
  constructor(kind: keyof typeof GATEWAY_ERRORS, options?: ErrorOptions) {
    super(GATEWAY_ERRORS[kind].message, options);
    this.kind = GATEWAY_ERRORS[kind];
  }
}
