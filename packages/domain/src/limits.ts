/** Ledger entries an account may hold back while one before them is missing. */
export const MAX_LEDGER_AHEAD = 65_536;

/** The least fraction that counts: six decimals. */
export const FRACTION_MIN = 0.000001;
/** The largest fraction of equity that a bot may be sized at. */
export const EQUITY_FRACTION_MAX = 100;
/** The largest commission that sizing by cash can leave room for: the whole of the notional. */
export const FEE_BPS_MAX = 10_000;
/** The largest part of the equity that one trade may be sized to lose. */
export const RISK_FRACTION_MAX = 1;
/** Multiples of an average true range that a risk may be measured by. */
export const RISK_MULTIPLE_MIN = 0.01;
export const RISK_MULTIPLE_MAX = 100;
/** The largest volatility a year that a position may be sized to. */
export const VOLATILITY_MAX = 10;
/** A sample deviation needs two returns. */
export const VOLATILITY_BARS_MIN = 2;
/** How many bars a sizing may look back, as far as an indicator may. */
export const INDICATOR_BARS_MAX = 10_000;
