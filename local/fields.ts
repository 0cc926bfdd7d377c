/**
 * Reads a JSON object whose shape is not known yet: a resource's properties, a request's input. Every complaint says
 * where the value stands. CloudFormation writes numbers and booleans as strings, too, so both forms are taken.
 */
export class Fields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly #where: string;
  readonly #complain: (message: string) => Error;

  constructor(value: unknown, where: string, complain = (message: string) => new Error(message)) {
    if (!isRecord(value)) throw complain(`${where} must be an object`);
    this.values = value;
    this.#where = where;
    this.#complain = complain;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  string(name: string): string {
    const value = this.optionalString(name);
    return value ?? this.#fail(name, 'is required');
  }

  optionalString(name: string): string | undefined {
    const value = this.values[name] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.#fail(name, 'must be a string');
  }

  number(name: string, fallback?: number): number {
    const value = this.values[name] ?? fallback;
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    return this.#fail(name, value === undefined ? 'is required' : 'must be a number');
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.values[name] ?? fallback;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    return this.#fail(name, 'must be true or false');
  }

  fields(name: string): Fields {
    return new Fields(this.values[name] ?? {}, `${this.#where}.${name}`, this.#complain);
  }

  list(name: string): readonly unknown[] {
    const value = this.values[name] ?? [];
    return Array.isArray(value) ? value : this.#fail(name, 'must be a list');
  }

  listOfFields(name: string): Fields[] {
    return this.list(name).map((value, index) => new Fields(value, `${this.#where}.${name}[${index}]`, this.#complain));
  }

  strings(name: string): string[] {
    return this.list(name).map((value) => (typeof value === 'string' ? value : this.#fail(name, 'must list strings')));
  }

  #fail(name: string, problem: string): never {
    throw this.#complain(`${this.#where}.${name} ${problem}`);
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
