/** Requests a minute that Yahoo bears from one address; it says no number of its own. */
export const REQUESTS_PER_MINUTE = 60;
/** Requests on their way at once. */
export const CONCURRENCY = 2;
/**
 * Yahoo gives prices as floats of 24 bits, after it has divided them by later splits and cut them to six decimals. Where what that
 * lost is less than this, a restated price is rounded to 1/10,000, else to a cent.
 */
export const FINE_ERROR_MAX = 0.000_025;
export const FLOAT_FRACTION = 2 ** -24;
export const CUT_UNITS = 0.000_000_5;
