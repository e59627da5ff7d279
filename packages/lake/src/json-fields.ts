import { AppError } from '@capstan/domain';

/** Reads the keys of a JSON object and says which one is not what it should be. */
export class Fields {
  readonly #path: string;
  readonly #where: string;
  readonly #code: string;
  readonly #fix: string;
  readonly #values: Readonly<Record<string, unknown>>;

  private constructor(
    file: { readonly path: string; readonly code: string; readonly fix: string },
    where: string,
    value: unknown,
  ) {
    this.#path = file.path;
    this.#code = file.code;
    this.#fix = file.fix;
    this.#where = where;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#error(`${where === '' ? 'the file' : where} is not an object`);
    }
    this.#values = value as Readonly<Record<string, unknown>>;
  }

  /** Reads a text as a JSON object. @throws `code` where it is none. */
  static parse(path: string, text: string, code: string, fix: string): Fields {
    const file = { path, code, fix };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new AppError({ code, why: `${path}: it is no JSON: ${why}.`, fix, cause: error });
    }
    return new Fields(file, '', value);
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined;
  }

  text(key: string): string {
    const value = this.#values[key];
    if (typeof value !== 'string' || value === '') throw this.wrong(key, 'a text');
    return value;
  }

  whole(key: string): number {
    const value = this.#values[key];
    if (!Number.isSafeInteger(value)) throw this.wrong(key, 'a whole number');
    return value as number;
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const found = allowed.find((one) => one === this.#values[key]);
    if (found === undefined) throw this.wrong(key, `one of ${allowed.join(', ')}`);
    return found;
  }

  object(key: string): Fields {
    return this.#inner(this.#place(key), this.#values[key]);
  }

  list(key: string): readonly Fields[] {
    return this.#array(key).map((value, at) => this.#inner(`${this.#place(key)}[${at}]`, value));
  }

  texts(key: string): readonly string[] {
    return this.#array(key).map((value) => {
      if (typeof value !== 'string') throw this.wrong(key, 'a list of texts');
      return value;
    });
  }

  /** Builds the error that says that a key is not what was expected. */
  wrong(key: string, expected: string): AppError {
    const found = JSON.stringify(this.#values[key]) ?? 'missing';
    return this.#error(`${this.#place(key)} is ${found.slice(0, 80)}, expected ${expected}`);
  }

  #array(key: string): readonly unknown[] {
    const value = this.#values[key];
    if (!Array.isArray(value)) throw this.wrong(key, 'a list');
    return value;
  }

  #inner(where: string, value: unknown): Fields {
    return new Fields({ path: this.#path, code: this.#code, fix: this.#fix }, where, value);
  }

  #place(key: string): string {
    return this.#where === '' ? key : `${this.#where}.${key}`;
  }

  #error(what: string): AppError {
    return new AppError({ code: this.#code, why: `${this.#path}: ${what}.`, fix: this.#fix });
  }
}
