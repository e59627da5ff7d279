import {
  cashMicros,
  formatDecimal,
  minuteOfDay,
  parseCash,
  US_PER_DAY,
  US_PER_SECOND,
} from '@capstan/domain';
import { BPS_PARTS } from './limits.ts';

/** How a limit is written down and kept. */
export type LimitKind =
  | 'money'
  | 'loss'
  | 'fraction'
  | 'multiple'
  | 'units'
  | 'count'
  | 'bps'
  | 'seconds'
  | 'minutes'
  | 'flag'
  | 'time'
  | 'names'
  | 'choice';

/** What values of a kind are. */
interface KindRule {
  /** In words: "it must be ...". */
  readonly rule: string;
  /** Tells whether a kept value can be used. */
  readonly allows: (kept: unknown) => boolean;
  /** Keeps a written value; `undefined` where it is none. */
  readonly read: (written: unknown) => unknown;
  /** Writes a kept value. */
  readonly write: (kept: never) => unknown;
}

const SECONDS_MAX = 31 * 86_400;
const COUNT_MAX = 1_000_000;

const isWithin = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;
const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && isWithin(value, least, most);
const same = (value: unknown): unknown => value;

function numberOf(written: unknown): unknown {
  if (typeof written !== 'string') return written;
  return /^-?\d+(\.\d+)?$/.test(written.trim()) ? Number(written) : undefined;
}

function microsOf(written: unknown): unknown {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  try {
    return parseCash(typeof written === 'number' ? decimalText(written) : written.trim());
  } catch {
    return undefined;
  }
}

/** Plain digits, also where JavaScript would write an exponent. */
function decimalText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(9).replace(/\.?0+$/, '') : text;
}

function microsecondsOf(written: unknown): unknown {
  const seconds = numberOf(written);
  return typeof seconds === 'number' ? Math.round(seconds * US_PER_SECOND) : undefined;
}

function namesOf(written: unknown): unknown {
  if (typeof written !== 'string') return written;
  return written
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false };

/** The rules of the kinds. */
export const KIND_RULES: Readonly<Record<LimitKind, KindRule>> = {
  money: {
    rule: 'money, 0 or more, with at most six decimals',
    allows: (kept) => isWhole(kept, 0, Number.MAX_SAFE_INTEGER),
    read: microsOf,
    write: (kept: number) => formatDecimal(cashMicros(kept), 6),
  },
  loss: {
    rule: 'money above 0, with at most six decimals',
    allows: (kept) => isWhole(kept, 1, Number.MAX_SAFE_INTEGER),
    read: microsOf,
    write: (kept: number) => formatDecimal(cashMicros(kept), 6),
  },
  fraction: {
    rule: 'above 0 and at most 1',
    allows: (kept) => isWithin(kept, Number.MIN_VALUE, 1),
    read: numberOf,
    write: same,
  },
  multiple: {
    rule: 'above 0 and at most 100',
    allows: (kept) => isWithin(kept, Number.MIN_VALUE, 100),
    read: numberOf,
    write: same,
  },
  units: {
    rule: 'a number above 0',
    allows: (kept) => isWithin(kept, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER),
    read: numberOf,
    write: same,
  },
  count: {
    rule: `a whole number from 0 to ${COUNT_MAX}`,
    allows: (kept) => isWhole(kept, 0, COUNT_MAX),
    read: numberOf,
    write: same,
  },
  bps: {
    rule: `a whole number from 0 to ${BPS_PARTS}`,
    allows: (kept) => isWhole(kept, 0, BPS_PARTS),
    read: numberOf,
    write: same,
  },
  seconds: {
    rule: `seconds above 0, at most ${SECONDS_MAX}`,
    allows: (kept) => isWhole(kept, 1, SECONDS_MAX * US_PER_SECOND),
    read: microsecondsOf,
    write: (kept: number) => kept / US_PER_SECOND,
  },
  minutes: {
    rule: 'whole minutes from 1 to 1440',
    allows: (kept) => isWhole(kept, 1, US_PER_DAY / US_PER_SECOND / 60),
    read: numberOf,
    write: same,
  },
  flag: {
    rule: 'true or false',
    allows: (kept) => typeof kept === 'boolean',
    read: (written) => (typeof written === 'string' ? FLAGS[written.trim()] : written),
    write: same,
  },
  time: {
    rule: 'a time of day such as 09:35, quoted',
    allows: (kept) => typeof kept === 'string' && minuteOfDay(kept) !== undefined,
    read: same,
    write: same,
  },
  names: {
    rule: 'a list of names, each once',
    allows: (kept) =>
      Array.isArray(kept) &&
      kept.every((name) => typeof name === 'string' && name !== '') &&
      new Set(kept).size === kept.length,
    read: namesOf,
    write: same,
  },
  choice: {
    rule: 'one of a few',
    allows: (kept) => typeof kept === 'string',
    read: same,
    write: same,
  },
};
