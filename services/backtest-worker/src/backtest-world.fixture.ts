import { CalendarBook } from '@capstan/calendar';
import { type Bar, InstrumentBook, parsePrice, usEquity } from '@capstan/domain';
import { columnsOfBars } from '@capstan/engine';
import { StrategyRegistry } from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import { type JobSpec, parseJob } from './config.ts';
import type { JobWorld } from './run-job.ts';

const calendars = new CalendarBook();
const SYMBOLS = ['AAA', 'BBB'];

export const SPEC_JSON = JSON.stringify({
  bars: 'bars.csv',
  strategy: 'ma-cross',
  params: { fast: 5, slow: 20 },
});
export const SPEC: JobSpec = parseJob(SPEC_JSON);

/** Seeded bars of two symbols. */
export function worldOf(count: number): JobWorld {
  const rows = new Map(SYMBOLS.map((symbol) => [symbol, [] as Bar[]]));
  const slices = syntheticSlices({
    feed: 'bars',
    seed: 3,
    calendar: calendars.get('XNYS'),
    startDate: '2024-01-03',
    symbols: SYMBOLS.map((symbol) => ({
      instrument: usEquity(symbol),
      startPriceNanos: parsePrice('100'),
      annualVolatility: 0.3,
      marketShare: 0.5,
      dailyVolume: 1_000_000,
    })),
  });
  for (let slice = 0; slice < count; slice += 1) {
    for (const bar of slices.next().value.bars) rows.get(bar.symbol)?.push(bar);
  }
  return {
    series: [...rows].map(([symbol, bars]) => ({ symbol, bars: columnsOfBars(bars) })),
    fingerprint: 'f00d',
    instruments: new InstrumentBook(SYMBOLS.map((symbol) => usEquity(symbol))),
    calendarOf: (name) => calendars.get(name),
    strategies: new StrategyRegistry(),
  };
}
