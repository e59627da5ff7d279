import { assert } from '@capstan/domain';

export { ALWAYS_OPEN_SESSIONS_PER_YEAR, EXCHANGE_SESSIONS_PER_YEAR } from '@capstan/calendar';

/** Points that one call of a scan takes at most: short calls enter optimised code, one endless loop stays outside it. */
export const CURVE_BLOCK_POINTS = 2_048;
/**
 * A variance below this share of the mean square is rounding, not risk: a one-pass variance of equal returns leaves about
 * 1e-16 of it, and a per-session Sharpe ratio of three million is no finding.
 */
export const VARIANCE_NOISE_SHARE = 1e-13;
/** Returns are differences of numbers near 1: a deviation below this is their rounding. */
export const DEVIATION_NOISE = 1e-14;
/** Episodes of a drawdown table unless more are asked for. */
export const DRAWDOWN_ROWS = 10;
/** The most episodes that a drawdown table keeps. */
export const DRAWDOWN_ROWS_MAX = 1_000;

assert(CURVE_BLOCK_POINTS > 0 && DRAWDOWN_ROWS <= DRAWDOWN_ROWS_MAX, 'limits agree');
