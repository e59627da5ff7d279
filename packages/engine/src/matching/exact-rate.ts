import { badConfig } from './errors.ts';
import { FRACTION_SCALE, RATE_BPS_MAX, RATE_SCALE } from './limits.ts';

const FLOAT_SLACK = 1e-6;

/**
 * Turns basis points into an integer of 1e-8, so that money meets no float.
 * @throws ENGINE.MATCHER_CONFIG unless 0 to 10,000 with at most four decimals.
 */
export function rateFromBps(key: string, bps: number): number {
  const rule = `0 to ${RATE_BPS_MAX} with at most four decimals`;
  if (!(bps >= 0 && bps <= RATE_BPS_MAX)) throw badConfig(key, bps, rule);
  return wholeNumber(bps * (RATE_SCALE / 10_000)) ?? raise(key, bps, rule);
}

/**
 * Turns a fraction into an integer of 1e-6.
 * @throws ENGINE.MATCHER_CONFIG unless above 0, at most 1, with at most six decimals.
 */
export function partsFromFraction(key: string, fraction: number): number {
  const rule = 'above 0 and at most 1, with at most six decimals';
  if (!(fraction > 0 && fraction <= 1)) throw badConfig(key, fraction, rule);
  return wholeNumber(fraction * FRACTION_SCALE) ?? raise(key, fraction, rule);
}

function wholeNumber(scaled: number): number | undefined {
  const whole = Math.round(scaled);
  return Math.abs(scaled - whole) <= FLOAT_SLACK ? whole : undefined;
}

function raise(key: string, value: number, rule: string): never {
  throw badConfig(key, value, rule);
}
