import { AppError, mulDivRound } from '@capstan/domain';
import type { DividendAction, SplitAction } from './corporate-action.ts';
import type { SeriesColumns } from './series-columns.ts';

const PRICES = ['openNanos', 'highNanos', 'lowNanos', 'closeNanos'] as const;

/** A factor of prices before an action: a ratio of whole numbers. */
export interface PriceFactor {
  readonly times: number;
  readonly by: number;
}

/** Returns a copy whose prices and volumes can be adjusted; times and sessions are shared. */
export function adjustableCopy(bars: SeriesColumns): SeriesColumns {
  return {
    ...bars,
    openNanos: bars.openNanos.slice(),
    highNanos: bars.highNanos.slice(),
    lowNanos: bars.lowNanos.slice(),
    closeNanos: bars.closeNanos.slice(),
    volume: bars.volume.slice(),
  };
}

/** Restates the rows before `until` on the share count after a split, prices to the nano and volumes to the unit. */
export function adjustForSplitBefore(
  bars: SeriesColumns,
  { newShares, oldShares }: SplitAction,
  until: number,
): void {
  adjustPricesBefore(bars, { times: oldShares, by: newShares }, until);
  for (let row = 0; row < until; row += 1) {
    bars.volume[row] = mulDivRound(bars.volume[row] ?? 0, newShares, oldShares);
  }
}

/** Multiplies the prices of the rows before `until`, to the nano. */
export function adjustPricesBefore(
  bars: SeriesColumns,
  { times, by }: PriceFactor,
  until: number,
): void {
  for (const name of PRICES) {
    const column = bars[name];
    for (let row = 0; row < until; row += 1) {
      column[row] = Math.max(1, mulDivRound(column[row] ?? 1, times, by));
    }
  }
}

/**
 * Returns the factor of prices before a dividend: what the price of the close before it keeps as the dividend leaves it.
 * @param closeNanos of the last bar before the ex-date, on its share count.
 * @throws ENGINE.SERIES where the dividend is not below that close.
 */
export function dividendFactor(
  symbol: string,
  { exDate, amountPerUnitNanos }: DividendAction,
  closeNanos: number,
): PriceFactor {
  if (amountPerUnitNanos < closeNanos) {
    return { times: closeNanos - amountPerUnitNanos, by: closeNanos };
  }
  throw new AppError({
    code: 'ENGINE.SERIES',
    why: `${symbol}: the dividend of ${exDate} is not below the close before it, ${closeNanos} nanos.`,
    fix: 'Correct its amount, which is in nanos for each unit.',
  });
}

/** Returns the rows before `until`, without a copy. */
export function rowsBefore(bars: SeriesColumns, until: number): SeriesColumns {
  if (until >= bars.endUs.length) return bars;
  const cut = (column: Float64Array) => column.subarray(0, until);
  const { sessionOpenUs } = bars;
  return {
    startUs: cut(bars.startUs),
    endUs: cut(bars.endUs),
    openNanos: cut(bars.openNanos),
    highNanos: cut(bars.highNanos),
    lowNanos: cut(bars.lowNanos),
    closeNanos: cut(bars.closeNanos),
    volume: cut(bars.volume),
    ...(sessionOpenUs === undefined ? {} : { sessionOpenUs: cut(sessionOpenUs) }),
  };
}
