import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PATIENCE } from '../aws/patience.ts';

const secrets = new SecretsManagerClient({ requestHandler: PATIENCE, maxAttempts: 3 });
const read = new Map<string, Promise<string>>();

/** The key of the hash of API keys. Read once per sandbox; a read that failed is not kept. */
export function readPepper(secretId: string): Promise<string> {
  const reading = read.get(secretId) ?? fetchPepper(secretId);
  read.set(secretId, reading);
  reading.catch(() => read.delete(secretId));
  return reading;
}

async function fetchPepper(secretId: string): Promise<string> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
  if (!SecretString) throw new Error(`The secret ${secretId} is empty: API keys cannot be hashed without it`);
  return SecretString;
}
