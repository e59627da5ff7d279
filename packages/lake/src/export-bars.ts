import { createWriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AppError, formatDecimal } from '@capstan/domain';
import { duckDb, inTurn, sqlText } from './duckdb.ts';
import { writeError } from './file-error.ts';
import type { LoadedSeries } from './loaded-series.ts';
import { fillPartTable, PARQUET_COLUMNS, PARQUET_OPTIONS } from './parquet-part.ts';

const NANO_DECIMALS = 9;
const PRICE_DECIMALS_MIN = 2;
const ROWS_AT_ONCE = 4_096;
const HEADER = 'symbol,ts_utc_us,end_utc_us,open,high,low,close,volume\n';

export interface ExportOptions {
  /** Ends in `.csv`, `.csv.gz` or `.parquet`, which says what is written. */
  readonly path: string;
  /** Whether a file that is there is replaced. */
  readonly overwrite?: boolean;
}

/**
 * Writes bars to a CSV or Parquet file that an import reads back without loss: the start of each bar as its time, its end beside it, decimal prices.
 * @throws LAKE.FORMAT for another ending, LAKE.EXISTS where the file is there, LAKE.DISK, LAKE.WRITE.
 */
export async function exportBars(series: LoadedSeries, options: ExportOptions): Promise<void> {
  const { path } = options;
  const format = /\.(csv|csv\.gz|parquet)$/.exec(path)?.[1];
  if (format === undefined) {
    throw new AppError({
      code: 'LAKE.FORMAT',
      why: `${path}: its ending says no format.`,
      fix: 'Name it .csv, .csv.gz or .parquet.',
    });
  }
  if (options.overwrite !== true && (await isThere(path))) {
    throw new AppError({
      code: 'LAKE.EXISTS',
      why: `${path} is there already.`,
      fix: 'Name another file, or replace it with --force.',
    });
  }
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    if (format === 'parquet') await writeParquet(series, temporary);
    else await writeCsv(series, temporary, format === 'csv.gz');
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(path, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function writeCsv(series: LoadedSeries, path: string, zipped: boolean): Promise<void> {
  const target = createWriteStream(path);
  const source = Readable.from(csvText(series));
  if (zipped) await pipeline(source, createGzip(), target);
  else await pipeline(source, target);
}

function* csvText({ symbol, bars, description }: LoadedSeries): Generator<string> {
  const cell = /[",;\t\r\n]/.test(symbol) ? `"${symbol.replaceAll('"', '""')}"` : symbol;
  const price = (nanos: number | undefined): string =>
    formatDecimal(nanos ?? 0, NANO_DECIMALS, PRICE_DECIMALS_MIN);
  const rows = bars.startUs.length;
  yield HEADER;
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    let text = '';
    for (let row = from; row < Math.min(rows, from + ROWS_AT_ONCE); row += 1) {
      const prices = `${price(bars.openNanos[row])},${price(bars.highNanos[row])},${price(bars.lowNanos[row])},${price(bars.closeNanos[row])}`;
      const volume = formatDecimal(bars.volume[row] ?? 0, description.quantityScale);
      text += `${cell},${bars.startUs[row]},${bars.endUs[row]},${prices},${volume}\n`;
    }
    yield text;
  }
}

async function writeParquet(series: LoadedSeries, path: string): Promise<void> {
  const { bars, symbol, description } = series;
  const scale = description.quantityScale;
  await inTurn(async () => {
    const connection = await duckDb();
    await fillPartTable(bars);
    const price = (name: 'openNanos' | 'highNanos' | 'lowNanos' | 'closeNanos'): string =>
      exactDecimal(PARQUET_COLUMNS[name], NANO_DECIMALS);
    const volume = scale === 0 ? 'volume::BIGINT' : exactDecimal('volume', scale);
    const select = [
      `${sqlText(symbol)} AS symbol`,
      'make_timestamptz(start_us::BIGINT) AS time',
      'end_us::BIGINT AS end_utc_us',
      `${price('openNanos')} AS open`,
      `${price('highNanos')} AS high`,
      `${price('lowNanos')} AS low`,
      `${price('closeNanos')} AS close`,
      `${volume} AS volume`,
    ].join(', ');
    await connection.run(
      `COPY (SELECT ${select} FROM lake_part) TO ${sqlText(path)} (${PARQUET_OPTIONS})`,
    );
    await connection.run('DROP TABLE lake_part');
  });
}

/** An integer column at some decimals as an exact DECIMAL: a product of decimals, for a quotient would be a float. */
function exactDecimal(column: string, decimals: number): string {
  const unit = `0.${'0'.repeat(decimals - 1)}1::DECIMAL(${decimals + 1},${decimals})`;
  return `(${column}::BIGINT::DECIMAL(18,0) * ${unit})::DECIMAL(18,${decimals})`;
}
