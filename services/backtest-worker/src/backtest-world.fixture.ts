import { CalendarBook } from '@capstan/calendar';
import { type BarSlice, InstrumentBook, parsePrice, usEquity } from '@capstan/domain';
import { StrategyRegistry } from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import { type JobSpec, parseJob } from './config.ts';
import { JOB_FEED, type JobWorld } from './run-job.ts';

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
  const slices: BarSlice[] = [];
  const bars = syntheticSlices({
    feed: JOB_FEED,
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
  for (const slice of bars) {
    if (slices.length === count) break;
    slices.push(slice);
  }
  return {
    slices,
    symbols: SYMBOLS,
    fingerprint: 'f00d',
    instruments: new InstrumentBook(SYMBOLS.map((symbol) => usEquity(symbol))),
    calendarOf: (name) => calendars.get(name),
    strategies: new StrategyRegistry(),
  };
}
