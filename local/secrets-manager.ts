import { randomInt, randomUUID } from 'node:crypto';
import { AwsError, type Caller } from './aws-error.ts';
import { Fields, isRecord } from './fields.ts';

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly createdAt: number;
  readonly versionId: string;
  readonly value: string;
}

const CHARACTERS = {
  Lowercase: 'abcdefghijklmnopqrstuvwxyz',
  Uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  Numbers: '0123456789',
  Punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
} as const;

/** Secrets Manager: values of the templates' secrets, with one current version each. */
export class SecretsManager {
  readonly #now: () => number;
  readonly #onChange: () => void;
  readonly #secrets = new Map<string, Secret>();

  constructor(options: { now: () => number; restore?: unknown; onChange?: (() => void) | undefined }) {
    this.#now = options.now;
    this.#onChange = options.onChange ?? (() => {});
    const kept: unknown[] = Array.isArray(options.restore) ? options.restore : [];
    for (const secret of kept) if (isSecret(secret)) this.#secrets.set(secret.arn, secret);
  }

  /** Creates a template's secret; one that was kept from the last run keeps its value. */
  declare(arn: string, name: string, properties: Fields): void {
    if (this.#secrets.has(arn)) return;
    const generate = properties.has('GenerateSecretString') ? properties.fields('GenerateSecretString') : undefined;
    const value = generate ? generateSecret(generate) : (properties.optionalString('SecretString') ?? '');
    this.#put({ arn, name, description: properties.optionalString('Description'), value });
  }

  async handle(operation: string, input: unknown, caller: Caller): Promise<unknown> {
    const fields = new Fields(input, operation, (message) => new AwsError('InvalidParameterException', message));
    switch (operation) {
      case 'GetSecretValue':
        return secretValue(this.#find(fields, caller));
      case 'DescribeSecret':
        return description(this.#find(fields, caller));
      case 'PutSecretValue': {
        const secret = this.#find(fields, caller);
        return written(this.#put({ ...secret, value: fields.string('SecretString') }));
      }
      case 'CreateSecret':
        return written(this.#create(fields, caller));
      case 'ListSecrets':
        return { SecretList: [...this.#secrets.values()].filter((secret) => isOwn(secret, caller)).map(description) };
      default:
        throw new AwsError('UnknownOperationException', `${operation} is not part of the embedded Secrets Manager`);
    }
  }

  snapshot(): unknown {
    return [...this.#secrets.values()];
  }

  #create(fields: Fields, caller: Caller): Secret {
    const name = fields.string('Name');
    const existing = [...this.#secrets.values()].find((secret) => secret.name === name && isOwn(secret, caller));
    if (existing) throw new AwsError('ResourceExistsException', `The secret ${name} already exists.`);
    const suffix = randomUUID().slice(0, 6);
    const arn = `arn:aws:secretsmanager:${caller.region}:${caller.account}:secret:${name}-${suffix}`;
    return this.#put({
      arn,
      name,
      description: fields.optionalString('Description'),
      value: fields.string('SecretString'),
    });
  }

  #put(secret: Omit<Secret, 'createdAt' | 'versionId'>): Secret {
    const put = { ...secret, createdAt: this.#now(), versionId: randomUUID() };
    this.#secrets.set(put.arn, put);
    this.#onChange();
    return put;
  }

  #find(fields: Fields, caller: Caller): Secret {
    const id = fields.string('SecretId');
    for (const secret of this.#secrets.values()) {
      if (secret.arn === id || (secret.name === id && isOwn(secret, caller))) return secret;
    }
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
}

/** A random value by the rules of GenerateSecretString: each kind of character at least once, unless it says otherwise. */
function generateSecret(rules: Fields): string {
  const excluded = new Set(rules.optionalString('ExcludeCharacters') ?? '');
  const kinds = Object.entries(CHARACTERS)
    .filter(([kind]) => !rules.boolean(`Exclude${kind}`, false))
    .map(([, characters]) => [...characters].filter((character) => !excluded.has(character)));
  if (rules.boolean('IncludeSpace', false)) kinds.push([' ']);
  const every = rules.boolean('RequireEachIncludedType', true) ? kinds : [];
  const length = rules.number('PasswordLength', 32);
  const all = kinds.flat();
  const characters = [...every.map(pick), ...Array.from({ length: length - every.length }, () => pick(all))];
  const password = shuffled(characters).join('');
  if (!rules.has('GenerateStringKey')) return password;
  const template: unknown = JSON.parse(rules.string('SecretStringTemplate'));
  return JSON.stringify({ ...(isRecord(template) && template), [rules.string('GenerateStringKey')]: password });
}

function pick(characters: readonly string[]): string {
  const character = characters[randomInt(characters.length)];
  if (character === undefined) throw new Error('GenerateSecretString excludes every character');
  return character;
}

function shuffled(characters: readonly string[]): string[] {
  const left = [...characters];
  return characters.flatMap(() => left.splice(randomInt(left.length), 1));
}

function isSecret(value: unknown): value is Secret {
  return isRecord(value) && typeof value.arn === 'string' && typeof value.value === 'string';
}

const isOwn = ({ arn }: Secret, { account, region }: Caller): boolean =>
  arn.startsWith(`arn:aws:secretsmanager:${region}:${account}:`);

const seconds = (ms: number): number => ms / 1000;

const secretValue = ({ arn, name, value, versionId, createdAt }: Secret) => ({
  ARN: arn,
  Name: name,
  SecretString: value,
  VersionId: versionId,
  VersionStages: ['AWSCURRENT'],
  CreatedDate: seconds(createdAt),
});

const description = ({ arn, name, description: text, versionId, createdAt }: Secret) => ({
  ARN: arn,
  Name: name,
  ...(text !== undefined && { Description: text }),
  CreatedDate: seconds(createdAt),
  VersionIdsToStages: { [versionId]: ['AWSCURRENT'] },
});

const written = ({ arn, name, versionId }: Secret) => ({
  ARN: arn,
  Name: name,
  VersionId: versionId,
  VersionStages: ['AWSCURRENT'],
});
