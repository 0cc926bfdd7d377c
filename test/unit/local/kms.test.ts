import { describe, expect, it } from 'vitest';
import { Kms } from '../../../local/kms.ts';

const ARN = 'arn:aws:kms:us-east-1:000000000000:key/1';
const caller = { account: '000000000000', region: 'us-east-1' };
const EncryptionContext = { purpose: 'a', stage: 'b' };

function withKey(restore?: unknown): Kms {
  const kms = new Kms({ restore });
  kms.declare(ARN);
  return kms;
}

const generate = (kms: Kms) =>
  kms.handle('GenerateDataKey', { KeyId: '1', KeySpec: 'AES_256', EncryptionContext }, caller) as Promise<{
    Plaintext: string;
    CiphertextBlob: string;
  }>;

describe('a data key', () => {
  it('is opened again, by the key that was kept from the last run too, in its context', async () => {
    const kms = withKey();
    const { Plaintext, CiphertextBlob } = await generate(kms);
    const again = withKey(JSON.parse(JSON.stringify(kms.snapshot())));
    const context = { stage: 'b', purpose: 'a' };
    expect(await again.handle('Decrypt', { CiphertextBlob, EncryptionContext: context }, caller)).toMatchObject({
      KeyId: ARN,
      Plaintext,
    });
    expect(Buffer.from(Plaintext, 'base64')).toHaveLength(32);
  });

  it('is not opened in another context, by another key, or when it was changed', async () => {
    const kms = withKey();
    const { CiphertextBlob } = await generate(kms);
    const refused = { code: 'InvalidCiphertextException' };
    await expect(kms.handle('Decrypt', { CiphertextBlob }, caller)).rejects.toMatchObject(refused);
    await expect(withKey().handle('Decrypt', { CiphertextBlob, EncryptionContext }, caller)).rejects.toMatchObject(
      refused,
    );
    const changed = Buffer.from('no key at all').toString('base64');
    await expect(kms.handle('Decrypt', { CiphertextBlob: changed, EncryptionContext }, caller)).rejects.toMatchObject(
      refused,
    );
  });
});
