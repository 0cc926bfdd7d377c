import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { env } from '../aws/env.ts';
import { PATIENCE } from '../aws/patience.ts';
import { ABSENT, type Key, registry } from '../aws/table.ts';

/**
 * The key under which signing secrets are sealed: one data key for each stage, kept in the Registry as KMS encrypted it. A
 * sandbox asks KMS once, whatever it seals and opens afterwards; so what reads the table, or a copy of it, reads no secret.
 */
const DATA_KEY: Key = { pk: 'data-key', sk: 'signing-secrets' };
/** KMS opens the key for nothing else. */
const CONTEXT = { purpose: 'signing-secrets' };

const kms = new KMSClient({ requestHandler: PATIENCE, maxAttempts: 3 });
let reading: Promise<Uint8Array> | undefined;

/** 32 bytes. Read once per sandbox; a read that failed is not kept. */
export function dataKey(): Promise<Uint8Array> {
  const key = reading ?? readOrMake();
  reading = key;
  key.catch(() => {
    reading = undefined;
  });
  return key;
}

/** The first of a stage makes it: of two at once the one whose write comes first is everybody's. */
async function readOrMake(): Promise<Uint8Array> {
  const kept = await registry().get(DATA_KEY);
  if (kept) return decrypt(kept.encrypted);
  const KeyId = env('SIGNING_SECRETS_KEY');
  const made = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: CONTEXT }));
  const won = await registry().put({ ...DATA_KEY, encrypted: made.CiphertextBlob, created: Date.now() }, ABSENT);
  if (won && made.Plaintext) return made.Plaintext;
  return decrypt((await registry().get(DATA_KEY))?.encrypted);
}

async function decrypt(encrypted: unknown): Promise<Uint8Array> {
  if (!(encrypted instanceof Uint8Array)) throw new Error('The data key of the signing secrets is not in the Registry');
  const command = { KeyId: env('SIGNING_SECRETS_KEY'), CiphertextBlob: encrypted, EncryptionContext: CONTEXT };
  const { Plaintext } = await kms.send(new DecryptCommand(command));
  if (!Plaintext) throw new Error('KMS answered without the data key of the signing secrets');
  return Plaintext;
}
