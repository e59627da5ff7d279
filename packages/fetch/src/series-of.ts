import { AppError } from '@capstan/domain';
import { type Adjustment, type SeriesKey, seriesFolder } from '@capstan/lake';
import type { BarAdjustment, MarketDataCapabilities } from '@capstan/ports';
import type { FetchSettings } from './fetch-settings.ts';

const ADJUSTMENT: Readonly<Record<BarAdjustment, Adjustment>> = {
  raw: 'raw',
  split: 'split',
  all: 'total',
};

/** The series of a symbol that a fetch fills: bars of more than a minute are apart where the vendor lays them on the clock. */
export function seriesOf(
  { venue, timeframe, adjustment }: FetchSettings,
  { barsAlign }: MarketDataCapabilities,
  symbol: string,
): SeriesKey & Required<Pick<SeriesKey, 'alignment' | 'adjustment'>> {
  const isLong = timeframe !== '1m' && timeframe !== '1d';
  return {
    venue,
    symbol,
    timeframe,
    alignment: isLong ? barsAlign : 'session',
    adjustment: ADJUSTMENT[adjustment],
  };
}

/** Returns the name of a series' folder, such as `1h-clock`: what it is known by beside other series of its symbol. */
export function seriesName(key: SeriesKey): string {
  return seriesFolder(key).split('/').at(-1) ?? '';
}

/** @throws FETCH.PROVIDER where the vendor does not have what is asked. */
export function requireCapable(
  { source, timeframe, adjustment }: FetchSettings,
  { timeframes, adjustments }: MarketDataCapabilities,
): void {
  const lacks = (what: string, has: readonly string[]): AppError =>
    new AppError({
      code: 'FETCH.PROVIDER',
      why: `${source} has no ${what} bars.`,
      fix: `It has ${has.join(', ')}.`,
    });
  if (!timeframes.includes(timeframe)) throw lacks(timeframe, timeframes);
  if (!adjustments.includes(adjustment)) throw lacks(adjustment, adjustments);
}
