import { SPLIT_ROUNDING_FRACTION, SPLIT_TERM_MAX } from './limits.ts';

/** New shares for old ones, in lowest terms. */
export interface SplitRatio {
  readonly newShares: number;
  readonly oldShares: number;
  /** Whether the text was a little off the ratio, as factor files of seven digits are. */
  readonly rounded: boolean;
}

const DIGITS_MAX = 12;

/**
 * Reads a split: `4:1`, `1:20`, or new shares per old one as a decimal. A decimal within one in ten thousand of a ratio of small whole numbers is
 * that ratio; any other is taken exactly as it is written.
 * @returns `undefined` where the text is no split.
 */
export function parseSplitRatio(text: string): SplitRatio | undefined {
  const pair = /^(\d{1,9})\s*:\s*(\d{1,9})$/.exec(text.trim());
  if (pair !== null) return lowest(Number(pair[1]), Number(pair[2]), false);
  const decimal = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (decimal === null) return undefined;
  const [, whole = '', fraction = ''] = decimal;
  const digits = fraction.replace(/0+$/, '');
  if (whole.length + digits.length > DIGITS_MAX) return undefined;
  const written = lowest(Number(whole + digits), 10 ** digits.length, false);
  if (written === undefined || isSmall(written)) return written;
  return nearSmall(Number(text)) ?? written;
}

function isSmall({ newShares, oldShares }: SplitRatio): boolean {
  return newShares <= SPLIT_TERM_MAX && oldShares <= SPLIT_TERM_MAX;
}

/** The ratio of small whole numbers next to a value, the fewest old shares first. */
function nearSmall(value: number): SplitRatio | undefined {
  for (let oldShares = 1; oldShares <= SPLIT_TERM_MAX; oldShares += 1) {
    const newShares = Math.round(value * oldShares);
    if (newShares < 1 || newShares > SPLIT_TERM_MAX) continue;
    const off = Math.abs(newShares / oldShares - value);
    if (off <= SPLIT_ROUNDING_FRACTION * value) return lowest(newShares, oldShares, true);
  }
  return undefined;
}

function lowest(newShares: number, oldShares: number, rounded: boolean): SplitRatio | undefined {
  if (newShares < 1 || oldShares < 1 || !Number.isSafeInteger(newShares)) return undefined;
  let divisor = newShares;
  for (let rest = oldShares; rest !== 0; ) [divisor, rest] = [rest, divisor % rest];
  return { newShares: newShares / divisor, oldShares: oldShares / divisor, rounded };
}
