import { AwsError, type Caller } from '../aws-error.ts';

/** Who calls, by the signature's credential scope: `<access key id>/<date>/<Region>/<service>/aws4_request`. */
export function callerOf(authorization: string | undefined): Caller {
  const [, accessKeyId, region] = /Credential=([^/,\s]+)\/\d+\/([^/]+)\//.exec(authorization ?? '') ?? [];
  if (accessKeyId !== undefined && region !== undefined && /^\d{12}$/.test(accessKeyId)) {
    return { account: accessKeyId, region };
  }
  const hint = 'The embedded cloud has no IAM: use your twelve-digit AWS account id as access key id, and any secret';
  throw new AwsError('UnrecognizedClientException', hint, 403);
}
