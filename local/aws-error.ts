/** An error as an AWS service answers it: `__type` is the code, JSON 1.0/1.1 protocols. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly statusCode: number;
  constructor(code: string, message: string, statusCode = 400) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
  }
}

/** Who calls: the access key id's twelve digits are the account, the signature's Region the Region. */
export interface Caller {
  readonly account: string;
  readonly region: string;
  /** `X-Amzn-Trace-Id`: the calls of one invocation have the same. */
  readonly traceId?: string;
}
