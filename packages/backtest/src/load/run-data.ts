import type { DailyCloses } from '@capstan/analytics';
import { type Calendar, CalendarBook } from '@capstan/calendar';
import { type Instrument, InstrumentBook } from '@capstan/domain';
import type { BacktestSeries } from '@capstan/engine';

/** What of the data a reader of the results should know. */
export interface DataNote {
  readonly symbol: string;
  readonly text: string;
}

/** What one symbol brought. */
export interface SymbolData {
  readonly series: BacktestSeries;
  readonly instrument: Instrument;
  /** SHA-256 of bars, instrument and corporate actions, in hexadecimal. */
  readonly fingerprint: string;
}

/** All that a run reads. Columns are on shared memory where that was asked for. */
export interface RunData {
  /** Sorted by symbol. */
  readonly symbols: readonly SymbolData[];
  /** One for all: the same data, the same fingerprint, wherever they are kept. */
  readonly fingerprint: string;
  readonly benchmark: DailyCloses | undefined;
  readonly notes: readonly DataNote[];
}

/** Returns the series of all symbols. */
export function seriesOf(data: Pick<RunData, 'symbols'>): readonly BacktestSeries[] {
  return data.symbols.map(({ series }) => series);
}

/** Returns the bars of all symbols together. */
export function barCount(data: Pick<RunData, 'symbols'>): number {
  return data.symbols.reduce((bars, { series }) => bars + series.bars.endUs.length, 0);
}

/** Instruments and calendars of a run. */
export interface Market {
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
}

/** Returns the market of some instruments, with calendars that are built once. */
export function marketOf(instruments: readonly Instrument[]): Market {
  const calendars = new CalendarBook();
  return {
    instruments: new InstrumentBook(instruments),
    calendarOf: (name) => calendars.get(name),
  };
}
