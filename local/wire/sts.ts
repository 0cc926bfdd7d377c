import { AwsError, type Caller } from '../aws-error.ts';
import type { Reply } from './http.ts';

/** The query protocol's form of an error. */
export function refuseQuery({ code, message, statusCode }: AwsError): Reply {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status: statusCode, type: 'text/xml', body };
}

/** `aws sts get-caller-identity`: with it one sees as which account one acts. */
export function serveSts(form: URLSearchParams, { account }: Caller): Reply {
  const action = form.get('Action');
  if (action !== 'GetCallerIdentity') {
    throw new AwsError('InvalidAction', `${action} is not part of the embedded cloud's query protocol`);
  }
  return {
    type: 'text/xml',
    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::${account}:root</Arn>
    <UserId>${account}</UserId>
    <Account>${account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>local</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>`,
  };
}
