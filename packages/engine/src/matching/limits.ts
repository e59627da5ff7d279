/** Largest rate in basis points: the whole of the notional. */
export const RATE_BPS_MAX = 10_000;
/** Largest slippage in ticks; more is a slip of the pen. */
export const SLIPPAGE_TICKS_MAX = 10_000;
/** Rates are kept as integers of 1e-8: basis points to four decimals. */
export const RATE_SCALE = 100_000_000;
/** Volume fractions are kept as integers of 1e-6. */
export const FRACTION_SCALE = 1_000_000;
