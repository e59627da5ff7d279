import { assert } from '@capstan/domain';

/** Bytes that a report may have, at most. */
export const REPORT_BYTES_MAX = 5 * 1024 * 1024;
/** Buckets into which an equity curve is cut; each shows its first, lowest, highest and deepest row. */
export const CURVE_BUCKETS_MAX = 2_000;
/** Sessions up to which the last bar of each is shown, whatever the bucket. */
export const CURVE_SESSIONS_MAX = 4_000;
/** Candles of all symbols of a report together, about. */
export const CANDLES_MAX = 48_000;
/** Candles of one symbol, at least, where it has that many bars. */
export const CANDLES_PER_SYMBOL_MIN = 600;
/** Symbols whose prices are shown: those with the most trades. */
export const PRICED_SYMBOLS_MAX = 40;
/** Trades that the page lists; the file has all. */
export const LISTED_TRADES_MAX = 40_000;
/** Points of the light page. */
export const PLOT_BUCKETS_MAX = 600;
export const PLOT_CANDLES_MAX = 2_400;
/** Drawdowns in the table: as many as there are years beside it, within these. */
export const DRAWDOWNS_LISTED_MIN = 6;
export const DRAWDOWNS_LISTED_MAX = 24;
/** Rows of the table by symbol. */
export const SYMBOL_ROWS_MAX = 60;
/** Sessions of the rolling Sharpe ratio, and the fewest that are tried where a run is short. */
export const ROLLING_SESSIONS = 63;
export const ROLLING_SESSIONS_MIN = 10;
/** Bins of the distribution of returns. */
export const BINS_MAX = 61;
/** Closed trades below which figures of trades say little. */
export const FEW_TRADES = 30;
/** Sessions below which yearly figures are far extrapolated. */
export const FEW_SESSIONS = 126;
/** Warnings of one kind that are spelled out. */
export const NOTES_SHOWN_MAX = 12;
/** Axes up to which diagonal neighbours in a grid count. */
export const DIAGONAL_AXES_MAX = 4;
/** Combinations that the page of a sweep carries. */
export const SWEEP_ROWS_MAX = 50_000;
/** Combinations times metrics that it carries. */
export const SWEEP_CELLS_MAX = 600_000;

assert(ROLLING_SESSIONS_MIN <= ROLLING_SESSIONS, 'a short window is not longer than the usual one');
assert(PLOT_CANDLES_MAX < CANDLES_MAX, 'the light page shows less than the report');
assert(
  PRICED_SYMBOLS_MAX * CANDLES_PER_SYMBOL_MIN <= CANDLES_MAX,
  'the least of each is no more than all',
);
