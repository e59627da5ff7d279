import {
  AppError,
  type CashMicros,
  cashMicros,
  type PriceNanos,
  priceNanos,
  type Quantity,
  quantity,
  type TimeUs,
  timeUs,
} from '@capstan/domain';

/** Says that a message does not mean anything in the domain. */
export function malformed(message: string, field: string, value: unknown): AppError {
  return new AppError({
    code: 'CONTRACTS.MALFORMED',
    why: `${message}.${field} is ${String(value)}, which has no meaning.`,
    fix: 'Sender and receiver must be of versions that know each other.',
  });
}

/**
 * Reads a message from bytes.
 * @throws CONTRACTS.MALFORMED when they are no such message.
 */
export function decodeAs<Message>(
  name: string,
  codec: { decode(data: Uint8Array): Message },
  data: Uint8Array,
): Message {
  try {
    return codec.decode(data);
  } catch (cause) {
    throw new AppError({
      code: 'CONTRACTS.MALFORMED',
      why: `${data.length} bytes are no ${name}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      fix: 'Sender and receiver must be of versions that know each other.',
      cause,
    });
  }
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw malformed('int64', 'value', value);
  return number;
}

/** Conversions between `int64` on the wire and the domain's branded integers. */
export const int64 = {
  price: (value: bigint): PriceNanos => priceNanos(safeNumber(value)),
  cash: (value: bigint): CashMicros => cashMicros(safeNumber(value)),
  quantity: (value: bigint): Quantity => quantity(safeNumber(value)),
  time: (value: bigint): TimeUs => timeUs(safeNumber(value)),
  number: safeNumber,
  of: (value: number): bigint => BigInt(value),
  optional: (value: number | undefined): bigint | undefined =>
    value === undefined ? undefined : BigInt(value),
} as const;

/** A two-way table between a domain word and its number on the wire. 0, the unspecified, is no word. */
export interface WireEnum<Word extends string, Wire extends number> {
  toWire(word: Word): Wire;
  /** @throws CONTRACTS.MALFORMED */
  fromWire(value: number): Word;
  /** Like `fromWire`, with the unspecified as `undefined`. */
  optionalFromWire(value: number): Word | undefined;
}

/** Builds a {@link WireEnum} from its rows. */
export function wireEnum<Word extends string, Wire extends number>(
  name: string,
  rows: Readonly<Record<Word, Wire>>,
): WireEnum<Word, Wire> {
  const byWire = new Map<number, Word>();
  for (const [word, wire] of Object.entries(rows) as [Word, Wire][]) byWire.set(wire, word);
  const fromWire = (value: number): Word => {
    const word = byWire.get(value);
    if (word === undefined) throw malformed(name, 'value', value);
    return word;
  };
  return {
    toWire: (word) => rows[word],
    fromWire,
    optionalFromWire: (value) => (value === 0 ? undefined : fromWire(value)),
  };
}

/** Drops the keys whose value is `undefined`, for types with exact optional properties. */
export function present<T extends object>(
  fields: T,
): {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as ReturnType<typeof present<T>>;
}
