import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AwsError, type Caller } from './aws-error.ts';
import { Fields, isRecord } from './fields.ts';

interface KmsKey {
  readonly arn: string;
  /** base64, 32 bytes: what AWS never shows. */
  readonly material: string;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES: Readonly<Record<string, number>> = { AES_256: 32, AES_128: 16 };

/** KMS as far as a function uses it: data keys of the templates' keys, opened only in the context that they were made in. */
export class Kms {
  readonly #onChange: () => void;
  readonly #keys = new Map<string, KmsKey>();

  constructor(options: { restore?: unknown; onChange?: (() => void) | undefined } = {}) {
    this.#onChange = options.onChange ?? (() => {});
    const kept: unknown[] = Array.isArray(options.restore) ? options.restore : [];
    for (const key of kept) if (isKey(key)) this.#keys.set(key.arn, key);
  }

  /** Creates a template's key; one that was kept from the last run is the same still. */
  declare(arn: string): void {
    if (this.#keys.has(arn)) return;
    this.#keys.set(arn, { arn, material: randomBytes(32).toString('base64') });
    this.#onChange();
  }

  snapshot(): unknown {
    return [...this.#keys.values()];
  }

  async handle(operation: string, input: unknown, caller: Caller): Promise<unknown> {
    const fields = new Fields(input, operation, (message) => new AwsError('ValidationException', message));
    switch (operation) {
      case 'GenerateDataKey':
        return this.#generateDataKey(fields, caller);
      case 'Decrypt':
        return this.#decrypt(fields);
      default:
        throw new AwsError('UnknownOperationException', `${operation} is not part of the embedded KMS`);
    }
  }

  #generateDataKey(fields: Fields, caller: Caller): unknown {
    const key = this.#find(fields.string('KeyId'), caller);
    const bytes = DATA_KEY_BYTES[fields.optionalString('KeySpec') ?? ''];
    if (bytes === undefined) throw new AwsError('ValidationException', 'KeySpec must be AES_256 or AES_128');
    const plain = randomBytes(bytes);
    return {
      KeyId: key.arn,
      Plaintext: plain.toString('base64'),
      CiphertextBlob: encrypt(key, plain, contextOf(fields)),
    };
  }

  #decrypt(fields: Fields): unknown {
    const [arn = '', sealed = ''] = Buffer.from(fields.string('CiphertextBlob'), 'base64').toString().split(' ');
    const key = this.#keys.get(arn);
    const plain = key && decrypt(key, sealed, contextOf(fields));
    if (!plain) throw new AwsError('InvalidCiphertextException', '');
    return { KeyId: arn, Plaintext: plain.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  #find(id: string, { account, region }: Caller): KmsKey {
    const arn = id.startsWith('arn:') ? id : `arn:aws:kms:${region}:${account}:key/${id}`;
    const key = this.#keys.get(arn);
    if (key) return key;
    throw new AwsError('NotFoundException', `Key '${arn}' does not exist`);
  }
}

/** As KMS binds them: the same pairs in any order. */
const contextOf = (fields: Fields): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(fields.fields('EncryptionContext').values).sort()));

function encrypt({ arn, material }: KmsKey, plain: Buffer, context: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(material, 'base64'), iv).setAAD(context);
  const sealed = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return Buffer.from(`${arn} ${sealed.toString('base64')}`).toString('base64');
}

function decrypt({ material }: KmsKey, sealed: string, context: Buffer): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(material, 'base64'), bytes.subarray(0, IV_BYTES))
      .setAAD(context)
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // The wrong context, or changed: KMS says no more than that it does not open.
    return undefined;
  }
}

const isKey = (value: unknown): value is KmsKey =>
  isRecord(value) && typeof value.arn === 'string' && typeof value.material === 'string';
