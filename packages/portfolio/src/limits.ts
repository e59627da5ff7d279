import { assert, EQUITY_FRACTION_MAX } from '@capstan/domain';

/** Fractions are counted in so many parts: a strength or a fraction of equity has six decimals. */
export const FRACTION_PARTS = 1_000_000;

/** Parts of a whole by which a commission rate is counted, and parts of a basis point. */
export const FEE_PARTS = 100_000_000;
export const FEE_PARTS_PER_BPS = FEE_PARTS / 10_000;

/** How many bars a weight may look back, as far as an indicator may: a deviation needs two returns. */
export const LOOKBACK_BARS_MIN = 2;
export const LOOKBACK_BARS_MAX = 10_000;

/** The most symbols that a ranking may choose. */
export const RANKED_MAX = 10_000;

assert(
  EQUITY_FRACTION_MAX * FRACTION_PARTS * FRACTION_PARTS < Number.MAX_SAFE_INTEGER,
  'the remainder of a scaled amount must stay exact',
);
