import { AppError, powerOfTen } from '@capstan/domain';
import type { GatewayErrorCode } from './error-codes.ts';
import { LIMITS } from './limits.ts';

/** Says which field of a request cannot be taken. */
export function badField(name: string, rule: string): AppError {
  return new AppError({
    code: 'GATEWAY.REQUEST' satisfies GatewayErrorCode,
    why: `'${name}' ${rule}.`,
    fix: 'Correct it and send the request again.',
  });
}

/** Reads fields of a query or a body one by one. Every method throws GATEWAY.REQUEST naming the field. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws GATEWAY.REQUEST unless `values` is an object. */
  constructor(values: unknown) {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw badField('body', 'must be a JSON object');
    }
    this.#values = { ...values };
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw badField(name, 'must be text');
    if (value.length > LIMITS.textLengthMax) {
      throw badField(name, `must not be longer than ${LIMITS.textLengthMax} characters`);
    }
    return value;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw badField(name, 'is missing');
    return value;
  }

  /** Reads a whole number from `min` to `max`, written as a number or as digits. */
  integer(name: string, range: { min: number; max: number; otherwise?: number }): number {
    const value = this.#values[name];
    const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
    if ((value === undefined || value === '') && range.otherwise !== undefined) {
      return range.otherwise;
    }
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
      throw badField(name, 'must be a whole number');
    }
    if (number < range.min || number > range.max) {
      throw badField(name, `must be ${range.min} to ${range.max}`);
    }
    return number;
  }

  /** Reads how many rows are wanted. Asking for more than there may be gives the most. */
  limit(otherwise: number, max: number): number {
    const most = powerOfTen(9);
    return Math.min(this.integer('limit', { min: 1, max: most, otherwise }), max);
  }

  number(name: string): number {
    const value = this.#values[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw badField(name, 'must be a number');
    }
    return value;
  }

  /** Reads `true`, `false`, `1`, `0`, or a name without a value, which means true. */
  flag(name: string, otherwise = false): boolean {
    const value = this.#values[name];
    if (value === undefined || value === null) return otherwise;
    if (value === true || value === 'true' || value === '1' || value === '') return true;
    if (value === false || value === 'false' || value === '0') return false;
    throw badField(name, 'must be true or false');
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise?: T): T {
    const value = this.optionalText(name) ?? otherwise;
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw badField(name, `must be one of ${allowed.join(', ')}`);
    return found;
  }

  texts(name: string): readonly string[] {
    const value: unknown = this.#values[name];
    if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.symbolsMax) {
      throw badField(name, `must be a list of 1 to ${LIMITS.symbolsMax} texts`);
    }
    return value.map((one: unknown) => {
      if (typeof one !== 'string' || one === '') throw badField(name, 'must hold only texts');
      return one;
    });
  }

  /** Reads an object of its own fields; an empty one where it is absent. */
  inner(name: string): Fields {
    const value = this.#values[name] ?? {};
    if (typeof value !== 'object' || Array.isArray(value))
      throw badField(name, 'must be an object');
    return new Fields(value);
  }

  /** Lists the fields as they came. */
  entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#values);
  }
}
