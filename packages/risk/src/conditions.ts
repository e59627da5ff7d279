/** What an account's venue says of its clock and its symbols. */
export interface MarketConditions {
  /** How far our clock and the venue's are apart at the least, from 0. */
  readonly clockOffsetUs: number;
  /** Symbols whose trading is halted. Sorted. */
  readonly halted: readonly string[];
  /** Symbols that are sold short only above the market. Sorted. */
  readonly shortRestricted: readonly string[];
  /** True while the venue does not take the account's keys, so that it says nothing else. */
  readonly keysRefused?: boolean;
}

/** The conditions of an account; `unreadable` where nobody can say which hold. */
export type KnownConditions = MarketConditions | 'unreadable';

/** Writes conditions as execution stores them for others. */
export function encodeConditions(conditions: MarketConditions): string {
  return JSON.stringify(conditions);
}

/** Reads what {@link encodeConditions} wrote. */
export function decodeConditions(text: string): KnownConditions {
  try {
    const stored: unknown = JSON.parse(text);
    return isConditions(stored) ? stored : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function isConditions(value: unknown): value is MarketConditions {
  if (typeof value !== 'object' || value === null) return false;
  const { clockOffsetUs, halted, shortRestricted, keysRefused } =
    value as Partial<MarketConditions>;
  if (keysRefused !== undefined && typeof keysRefused !== 'boolean') return false;
  return Number.isSafeInteger(clockOffsetUs) && isNames(halted) && isNames(shortRestricted);
}

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');
