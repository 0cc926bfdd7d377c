import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { dataKey } from './data-key.ts';

/** AES-256-GCM with NIST's recommended lengths, in bytes. */
const CIPHER = 'aes-256-gcm';
const IV = 12;
const TAG = 16;

/** The form's version: what is kept says how it was sealed. */
const PREFIX = 'sealed:1:';

/** Seals a text for one owner, such as a destination's id: moved to another owner's record it does not open. */
export async function seal(text: string, owner: string): Promise<string> {
  const iv = randomBytes(IV);
  const cipher = createCipheriv(CIPHER, await dataKey(), iv, { authTagLength: TAG }).setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

/** The text again. What was kept before there was sealing is as it is. Throws when it was changed, or is another owner's. */
export async function open(sealed: string, owner: string): Promise<string> {
  if (!sealed.startsWith(PREFIX)) return sealed;
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64');
  const decipher = createDecipheriv(CIPHER, await dataKey(), bytes.subarray(0, IV), { authTagLength: TAG })
    .setAAD(Buffer.from(owner))
    .setAuthTag(bytes.subarray(IV, IV + TAG));
  return Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()]).toString();
}
