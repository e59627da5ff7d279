import { assert } from '@capstan/domain';
import { finite } from './annual.ts';

/** How much of the time and of the equity was in the market. */
export interface Exposure {
  /** Share of bars at whose close something was held. */
  readonly heldFraction: number | undefined;
  /** Mean of gross worth ÷ equity over all bars; `undefined` where equity was lost. */
  readonly averageGross: number | undefined;
  /** The highest gross worth ÷ equity of a bar. */
  readonly highestGross: number | undefined;
}

/**
 * Computes exposure from the worth of the holdings.
 * @param grossMicros sum of the absolute worth of all holdings after each bar. @param equityMicros beside it.
 */
export function exposure(grossMicros: Float64Array, equityMicros: Float64Array): Exposure {
  const bars = grossMicros.length;
  assert(bars === equityMicros.length, 'a gross worth for each equity');
  if (bars === 0) {
    return { heldFraction: undefined, averageGross: undefined, highestGross: undefined };
  }
  let held = 0;
  let sum = 0;
  let highest = 0;
  let lost = false;
  for (let row = 0; row < bars; row += 1) {
    const gross = grossMicros[row] as number;
    if (gross === 0) continue;
    held += 1;
    const equity = equityMicros[row] as number;
    if (equity <= 0) lost = true;
    const share = gross / equity;
    sum += share;
    if (share > highest) highest = share;
  }
  return {
    heldFraction: held / bars,
    averageGross: lost ? undefined : finite(sum / bars),
    highestGross: lost ? undefined : finite(highest),
  };
}

/** What turnover is computed from. */
export interface Traffic {
  /** Notional of all fills, bought and sold, without its sign. */
  readonly tradedMicros: number;
  readonly equityMicros: Float64Array;
  /** Sessions that it took. */
  readonly sessions: number;
  readonly periodsPerYear: number;
}

/** Returns traded notional ÷ mean equity ÷ years; `undefined` without a bar or where mean equity is not above 0. */
export function turnover(traffic: Traffic): number | undefined {
  const { tradedMicros, equityMicros, sessions, periodsPerYear } = traffic;
  if (equityMicros.length === 0 || sessions === 0) return undefined;
  let sum = 0;
  for (let row = 0; row < equityMicros.length; row += 1) sum += equityMicros[row] as number;
  const mean = sum / equityMicros.length;
  return mean > 0 ? finite(tradedMicros / mean / (sessions / periodsPerYear)) : undefined;
}
