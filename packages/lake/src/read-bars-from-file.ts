import { CalendarBook } from '@capstan/calendar';
import { AppError, type Instrument, type Timeframe, usEquity } from '@capstan/domain';
import type { AnomalyRules } from './anomaly.ts';
import type { BarTable } from './bar-table.ts';
import { type BarsReport, refusedError } from './bars-report.ts';
import { checkSteps } from './check-steps.ts';
import type { ColumnMapping } from './column-mapping.ts';
import { type FileTables, readCsvTables, type TableOptions } from './csv-tables.ts';
import { fileError } from './file-error.ts';
import { type BarsDescription, fingerprintBars } from './fingerprint.ts';
import { firstRowFrom, type LakeBars, viewRows } from './lake-bars.ts';
import type { Adjustment, Alignment } from './series-key.ts';
import { type SettledBars, type SettleOptions, settleBars } from './settle-bars.ts';

/** What tells how a file of bars is to be read and judged. */
export interface BarSourceOptions {
  /** A CSV file, plain or gzip, or a Parquet file. */
  readonly path: string;
  readonly timeframe: Timeframe;
  readonly mapping?: ColumnMapping;
  /** Only these symbols; all where absent. */
  readonly symbols?: readonly string[];
  /** The instrument of a symbol: its calendar, tick and quantity scale. A US equity unless told. */
  readonly instrumentOf?: (symbol: string) => Instrument;
  /** `raw` unless told. */
  readonly adjustment?: Adjustment;
  /** Found from the stamps unless told. */
  readonly alignment?: Alignment;
  /** Whether the bars hold trades of the regular session alone; `all` unless told. See `SettleOptions`. */
  readonly holds?: 'regular' | 'all';
  readonly rules?: AnomalyRules;
  /** Only bars that start at or after this time. */
  readonly fromUs?: number;
  /** Only bars that start before this time. */
  readonly toUs?: number;
  /** Columns on shared memory, for worker threads. */
  readonly shared?: boolean;
}

/** The bars of one symbol, what they are, and what was found on the way. */
export interface BarSeries {
  readonly symbol: string;
  readonly instrument: Instrument;
  readonly description: BarsDescription;
  readonly bars: LakeBars;
  /** Of the bars as they are here: see {@link fingerprintBars}. */
  readonly fingerprint: string;
}

/** A file of bars as columns. */
export interface FileBars {
  /** Sorted by symbol; those without a bar in the range are left out. */
  readonly series: readonly BarSeries[];
  /** A report a symbol of the file, of all its rows, sorted by symbol. */
  readonly reports: readonly BarsReport[];
  /** Lower-case hexadecimal SHA-256 of the file's bytes. */
  readonly fileSha256: string;
}

/**
 * Reads bars straight from a file into columns, with the validation of an import: all of it, or nothing.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE, LAKE.ZONE, LAKE.TIMEFRAME, LAKE.ALIGNMENT, and LAKE.REFUSED where a rule refuses a row.
 */
export async function readBarsFromFile(options: BarSourceOptions): Promise<FileBars> {
  const source = await readTables(options);
  const { settled, reports } = settleTables(source, options);
  if (reports.some((report) => report.refused)) throw refusedError(options.path, reports);
  const series = settled
    .map(({ symbol, instrument, description, bars }) => {
      const from = options.fromUs === undefined ? 0 : firstRowFrom(bars, options.fromUs);
      const to =
        options.toUs === undefined ? bars.startUs.length : firstRowFrom(bars, options.toUs);
      return { symbol, instrument, description, bars: viewRows(bars, from, Math.max(from, to)) };
    })
    .filter(({ bars }) => bars.startUs.length > 0)
    .map((one) => ({ ...one, fingerprint: fingerprintBars(one.description, one.bars) }));
  return { series, reports, fileSha256: source.file.sha256 };
}

/** Reads a file of bars into tables. Parquet is known by its first bytes. */
export async function readTables(options: BarSourceOptions): Promise<FileTables> {
  const { path, mapping, symbols } = options;
  const instrumentOf = options.instrumentOf ?? usEquity;
  const tableOptions: TableOptions = {
    path,
    daily: options.timeframe === '1d',
    quantityScaleOf: (symbol) => instrumentOf(symbol).quantityScale,
    ...(mapping === undefined ? {} : { mapping }),
    ...(symbols === undefined ? {} : { symbols }),
  };
  if (!(await isParquet(path))) return readCsvTables(tableOptions);
  const { readParquetTables } = await import('./parquet-tables.ts');
  return readParquetTables(tableOptions);
}

const PARQUET_MAGIC = 'PAR1';

async function isParquet(path: string): Promise<boolean> {
  const { open } = await import('node:fs/promises');
  try {
    const file = await open(path, 'r');
    try {
      const head = Buffer.alloc(PARQUET_MAGIC.length);
      await file.read(head, 0, head.length, 0);
      return head.toString('latin1') === PARQUET_MAGIC;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Judges every table of a file. */
export function settleTables(
  source: FileTables,
  options: BarSourceOptions,
): {
  readonly settled: readonly (Omit<BarSeries, 'fingerprint'> & { readonly report: BarsReport })[];
  readonly reports: readonly BarsReport[];
} {
  const calendars = new CalendarBook();
  const instrumentOf = options.instrumentOf ?? usEquity;
  const tables = [...source.tables.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const settled = tables.map((table: BarTable) => {
    const instrument = instrumentOf(table.symbol);
    const adjustment = options.adjustment ?? 'raw';
    const { bars, report } = settleIn(options.path, table, {
      timeframe: options.timeframe,
      stamp: source.mapping.stamp,
      ...(source.mapping.timeZone === undefined ? {} : { timeZone: source.mapping.timeZone }),
      calendar: calendars.get(instrument.calendar),
      // Adjusted prices lie on no tick.
      ...(adjustment === 'raw' ? { tickNanos: instrument.tickNanos } : {}),
      adjustment,
      ...(options.alignment === undefined ? {} : { alignment: options.alignment }),
      holds: options.holds ?? 'all',
      rules: options.rules ?? {},
      ...(options.shared === undefined ? {} : { shared: options.shared }),
    });
    const description: BarsDescription = {
      instrumentId: instrument.instrumentId,
      timeframe: options.timeframe,
      alignment: report.alignment,
      adjustment,
      quantityScale: instrument.quantityScale,
    };
    const told = { ...report, notes: [...source.notes, ...report.notes] };
    return { symbol: table.symbol, instrument, description, bars, report: told };
  });
  return { settled, reports: settled.map(({ report }) => report) };
}

/** Judges a table; what is wrong with it is told with file and symbol. */
function settleIn(path: string, table: BarTable, options: SettleOptions): SettledBars {
  try {
    if (table.spanEndUs === undefined) checkSteps(table, options.timeframe);
    return settleBars(table, options);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, why, fix } = error;
    const told = { code, why: `${path}: ${table.symbol}: ${why}`, cause: error };
    throw new AppError({ ...told, ...(fix === undefined ? {} : { fix }) });
  }
}
