import { isRecord } from '../fields.ts';

/**
 * Whether a queue's policy lets another account use it: the part of the policy language that decides it here, an Allow
 * that names the account and the action. Conditions are about things that do not exist locally (TLS, organizations).
 */
export function allowsAccount(policy: string | undefined, account: string, action: string): boolean {
  const document: unknown = JSON.parse(policy || '{}');
  const statements = isRecord(document) ? [document.Statement].flat() : [];
  return statements.some(
    (statement) =>
      isRecord(statement) &&
      statement.Effect === 'Allow' &&
      namesAccount(statement.Principal, account) &&
      texts(statement.Action).some((pattern) => matches(pattern.toLowerCase(), `sqs:${action}`.toLowerCase())),
  );
}

function namesAccount(principal: unknown, account: string): boolean {
  const names = texts(isRecord(principal) ? principal.AWS : principal);
  return names.some((name) => name === '*' || name === account || name.startsWith(`arn:aws:iam::${account}:`));
}

const texts = (value: unknown): string[] => [value].flat().filter((item) => typeof item === 'string');

/** `sqs:*`, `sqs:Send*` or a whole action. */
const matches = (pattern: string, action: string): boolean =>
  pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
