import { assert } from '@capstan/domain';

/** Fractions are counted in so many parts: a strength or a fraction of equity has six decimals. */
export const FRACTION_PARTS = 1_000_000;

/** The largest fraction of equity that a bot may be sized at. */
export const EQUITY_FRACTION_MAX = 100;

assert(
  EQUITY_FRACTION_MAX * FRACTION_PARTS * FRACTION_PARTS < Number.MAX_SAFE_INTEGER,
  'the remainder of a scaled amount must stay exact',
);
