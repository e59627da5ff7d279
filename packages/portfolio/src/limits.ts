import { assert } from '@capstan/domain';

/** Fractions are counted in so many parts: a strength or a fraction of equity has six decimals. */
export const FRACTION_PARTS = 1_000_000;

/** The largest fraction of equity that a bot may be sized at. */
export const EQUITY_FRACTION_MAX = 100;

/** Parts of a whole by which a commission rate is counted, and parts of a basis point. */
export const FEE_PARTS = 100_000_000;
export const FEE_PARTS_PER_BPS = FEE_PARTS / 10_000;

/** The largest commission that sizing by cash can leave room for: the whole of the notional. */
export const CASH_FEE_BPS_MAX = 10_000;

/** The least fraction that counts: one part. */
export const FRACTION_MIN = 1 / FRACTION_PARTS;

/** How many bars a weight may look back, as far as an indicator may: a deviation needs two returns. */
export const LOOKBACK_BARS_MIN = 2;
export const LOOKBACK_BARS_MAX = 10_000;

/** The most symbols that a ranking may choose. */
export const RANKED_MAX = 10_000;

assert(
  EQUITY_FRACTION_MAX * FRACTION_PARTS * FRACTION_PARTS < Number.MAX_SAFE_INTEGER,
  'the remainder of a scaled amount must stay exact',
);
