import { AwsError } from '../aws-error.ts';
import { validation } from './errors.ts';

export interface TextRule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly oneOf?: readonly string[];
}

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Reads a request's fields and collects what is wrong with them, in AWS's words ("2 validation errors detected: Value
 * 'x' at 'name' failed to satisfy constraint: …"). Readers give an empty value for a bad field: call `check()` before
 * using what was read. A value of the wrong JSON type is a SerializationException at once, as on AWS.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #at: string;
  readonly #problems: string[];

  constructor(input: unknown, at = '', problems: string[] = []) {
    if (!isRecord(input)) throw wrongType(at, 'a structure');
    this.#values = input;
    this.#at = at;
    this.#problems = problems;
  }

  /** The fields as they came. */
  get raw(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  required(name: string, rule: TextRule = {}): string {
    const value = this.text(name, rule);
    if (value === undefined) this.#missing(name);
    return value ?? '';
  }

  text(name: string, rule: TextRule = {}): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw wrongType(this.#path(name), 'a string');
    this.#checkText(this.#path(name), value, rule);
    return value;
  }

  integer(name: string, range: Range): number | undefined {
    const value = this.number(name);
    if (value === undefined) return undefined;
    if (!Number.isInteger(value)) throw wrongType(this.#path(name), 'an integer');
    if (range.max !== undefined && value > range.max)
      this.#broken(this.#path(name), value, `Member must have value less than or equal to ${range.max}`);
    if (range.min !== undefined && value < range.min)
      this.#broken(this.#path(name), value, `Member must have value greater than or equal to ${range.min}`);
    return value;
  }

  /** Any number; the protocol's timestamps too: seconds since the epoch, fractions allowed. */
  number(name: string): number | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === 'number') return value;
    throw wrongType(this.#path(name), 'a number');
  }

  flag(name: string): boolean | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrongType(this.#path(name), 'a boolean');
  }

  object(name: string): Fields | undefined {
    const value = this.#values[name] ?? undefined;
    return value === undefined ? undefined : new Fields(value, `${this.#path(name)}.`, this.#problems);
  }

  objects(name: string, size: Range = {}): Fields[] | undefined {
    const list = this.#list(name, size);
    return list?.map((item, index) => new Fields(item, `${this.#path(name)}.${index + 1}.member.`, this.#problems));
  }

  requiredObjects(name: string, size: Range = {}): Fields[] {
    const list = this.objects(name, size);
    if (list === undefined) this.#missing(name);
    return list ?? [];
  }

  texts(name: string, rule: TextRule = {}, size: Range = {}): string[] | undefined {
    return this.#list(name, size)?.map((item, index) => {
      const at = `${this.#path(name)}.${index + 1}.member`;
      if (typeof item !== 'string') throw wrongType(at, 'a string');
      this.#checkText(at, item, rule);
      return item;
    });
  }

  check(): void {
    const count = this.#problems.length;
    if (count === 0) return;
    throw validation(
      `${count} validation error${count === 1 ? '' : 's'} detected: ${this.#problems.slice(0, 10).join('; ')}`,
    );
  }

  #list(name: string, size: Range): unknown[] | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw wrongType(this.#path(name), 'a list');
    this.#checkLength(this.#path(name), value, value.length, size);
    return value;
  }

  #checkText(at: string, value: string, rule: TextRule): void {
    if (rule.pattern !== undefined && !whole(rule.pattern).test(value))
      this.#broken(at, value, `Member must satisfy regular expression pattern: ${rule.pattern}`);
    this.#checkLength(at, value, value.length, rule);
    if (rule.oneOf && !rule.oneOf.includes(value))
      this.#broken(at, value, `Member must satisfy enum value set: [${rule.oneOf.join(', ')}]`);
  }

  #checkLength(at: string, value: unknown, length: number, { min, max }: Range): void {
    if (max !== undefined && length > max)
      this.#broken(at, value, `Member must have length less than or equal to ${max}`);
    if (min !== undefined && length < min)
      this.#broken(at, value, `Member must have length greater than or equal to ${min}`);
  }

  #missing(name: string): void {
    this.#problems.push(`Value null at '${this.#path(name)}' failed to satisfy constraint: Member must not be null`);
  }

  #broken(at: string, value: unknown, constraint: string): void {
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    this.#problems.push(`Value '${shown}' at '${at}' failed to satisfy constraint: ${constraint}`);
  }

  /** AWS names members in camel case: `EventSourceName` is reported as `eventSourceName`. */
  #path(name: string): string {
    return `${this.#at}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  }
}

const compiled = new Map<string, RegExp>();

function whole(pattern: string): RegExp {
  const known = compiled.get(pattern) ?? new RegExp(`^(?:${pattern})$`);
  compiled.set(pattern, known);
  return known;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(at: string, expected: string): AwsError {
  return new AwsError('SerializationException', `${at === '' ? 'The request' : at} must be ${expected}.`);
}
