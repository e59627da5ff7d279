import { dateOfDay, dayNumber, getCalendar } from '@capstan/calendar';
import { assert, parsePrice, US_PER_DAY } from '@capstan/domain';
import { resampleColumns } from '@capstan/engine';
import { type LakeBars, newLakeBars } from '@capstan/lake';
import { type SyntheticSymbol, syntheticSlices } from '@capstan/synthetic';
import type { RunFile } from '../config/run-schema.ts';
import { SYNTHETIC_SESSIONS_MAX } from '../limits.ts';
import { rangeOf } from './date-range.ts';
import { askedSymbols } from './find-in-files.ts';
import { besideOnly, type FindBars, type FoundBars } from './found-bars.ts';
import { instrumentOf } from './instrument-of.ts';
import { sharedColumns } from './shared-columns.ts';

/** The first session of generated bars where the run names none. */
const START_DATE = '2024-01-02';
const START_PRICE = '100';
const ANNUAL_VOLATILITY = 0.25;
const MARKET_SHARE = 0.5;
const DAILY_VOLUME = 2_000_000;

/** Makes seeded bars for a run: the same seed, symbols and dates, the same bars. */
export function makeSynthetic(run: RunFile, wanted: FindBars): readonly FoundBars[] {
  const asked = askedSymbols(run) ?? [];
  const symbols = [...asked, ...besideOnly(wanted.beside, asked)];
  const instruments = symbols.map((symbol) => instrumentOf(run, symbol));
  const [first] = instruments;
  assert(first !== undefined, 'a run of generated bars names a symbol');
  const calendar = getCalendar(first.calendar);
  const startDate = run.start ?? START_DATE;
  const slices = syntheticSlices({
    feed: 'synthetic',
    seed: run.seed,
    calendar,
    startDate,
    symbols: instruments.map(
      (instrument): SyntheticSymbol => ({
        instrument,
        startPriceNanos: parsePrice(START_PRICE),
        annualVolatility: ANNUAL_VOLATILITY,
        marketShare: MARKET_SHARE,
        dailyVolume: DAILY_VOLUME,
      }),
    ),
  });
  const endUs = endOf(run, first.calendar, startDate);
  const minutes = new Map(symbols.map((symbol) => [symbol, new MinuteColumns()]));
  let sessions = 0;
  let sessionOpenUs = -1;
  for (const { bars } of slices) {
    const startUs = bars[0]?.startUs ?? 0;
    if (startUs >= endUs) break;
    const openUs = calendar.sessionAt(startUs)?.openUs ?? startUs;
    if (openUs !== sessionOpenUs) {
      sessions += 1;
      sessionOpenUs = openUs;
      const most = run.end === undefined ? run.sessions : SYNTHETIC_SESSIONS_MAX;
      if (sessions > most) break;
    }
    for (const bar of bars) minutes.get(bar.symbol)?.add(bar);
  }
  return instruments.map((instrument) => {
    const { symbol } = instrument;
    const bars = (minutes.get(symbol) as MinuteColumns).columns();
    const { timeframe } = wanted;
    const own = timeframe === '1m' ? bars : resampleColumns(bars, { timeframe, calendar }).bars;
    const higher = wanted.higher.map(
      (longer) => [longer, resampleColumns(bars, { timeframe: longer, calendar }).bars] as const,
    );
    return {
      symbol,
      instrument,
      description: {
        instrumentId: instrument.instrumentId,
        timeframe,
        alignment: 'session',
        adjustment: 'raw',
        quantityScale: instrument.quantityScale,
      },
      bars: wanted.shared ? sharedColumns(own) : own,
      higher: new Map(higher),
      actions: [],
      notes: [`generated bars of seed ${run.seed}: they say nothing about a market`],
    };
  });
}

function endOf(run: RunFile, calendarName: string, startDate: string): number {
  if (run.end !== undefined) return rangeOf(run, calendarName).toUs ?? Number.POSITIVE_INFINITY;
  const last = dateOfDay(dayNumber(startDate) + 4 * run.sessions + 30);
  return rangeOf({ end: last }, calendarName).toUs ?? US_PER_DAY;
}

const COLUMN_NAMES = [
  'startUs',
  'endUs',
  'openNanos',
  'highNanos',
  'lowNanos',
  'closeNanos',
  'volume',
] as const;
const ROWS_AT_FIRST = 8_192;

/** Columns that grow. */
class MinuteColumns {
  #room: LakeBars = newLakeBars(ROWS_AT_FIRST);
  #rows = 0;

  add(bar: Readonly<Record<(typeof COLUMN_NAMES)[number], number>>): void {
    if (this.#rows === this.#room.endUs.length) this.#grow();
    for (const name of COLUMN_NAMES) this.#room[name][this.#rows] = bar[name];
    this.#rows += 1;
  }

  columns(): LakeBars {
    const cut = COLUMN_NAMES.map((name) => [name, this.#room[name].slice(0, this.#rows)] as const);
    return Object.fromEntries(cut) as unknown as LakeBars;
  }

  #grow(): void {
    const larger = newLakeBars(2 * this.#rows);
    for (const name of COLUMN_NAMES) larger[name].set(this.#room[name]);
    this.#room = larger;
  }
}
