import { type CivilDate, dateOfDay, dayNumber } from '@capstan/calendar';
import { AppError, hasCode } from '@capstan/domain';
import { type CsvLine, cellTexts, readCsvLines } from './csv-lines.ts';
import {
  defaultInstrument,
  type InstrumentRegistry,
  type RegisteredInstrument,
  type TickerSpan,
  writeInstruments,
} from './instrument-registry.ts';
import type { Lake } from './lake.ts';

const COLUMNS = ['symbol', 'until_date', 'ticker'] as const;
/** A date from which on a name is taken to last. */
const OPEN_DATE: CivilDate = '2049-12-31';

/**
 * Brings a file of tickers into the instruments of a venue: `symbol, until_date, ticker`, a row for each name that the instrument had, in order
 * of time. The first row's date is also the day on which its name begins; a date from 2049-12-31 on is open.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE naming line and column; LAKE.DISK, LAKE.WRITE.
 */
export async function importTickers(
  lake: Lake,
  options: { readonly path: string; readonly venue: string; readonly dryRun?: boolean },
): Promise<readonly RegisteredInstrument[]> {
  const { path, venue } = options;
  let rows: TickerRow[] = [];
  await readCsvLines(path, () => {
    rows = [];
    let index: readonly number[] | undefined;
    return (line) => {
      if (index === undefined) index = headerOf(path, line);
      else rows.push(rowOf(path, line, index));
    };
  });
  const registry = await lake.instruments(venue);
  const written = groupRows(path, rows).map(([symbol, tickers]) => ({
    instrument: registryInstrument(registry, venue, symbol),
    tickers,
  }));
  for (const one of written) registry.set(one);
  if (options.dryRun !== true) await writeInstruments(lake.root, registry);
  return written;
}

function registryInstrument(registry: InstrumentRegistry, venue: string, symbol: string) {
  const id = `${venue}:${symbol}`;
  return registry.byId(id)?.instrument ?? defaultInstrument(venue, symbol);
}

interface TickerRow {
  readonly line: number;
  readonly symbol: string;
  readonly untilDate: CivilDate;
  readonly ticker: string;
}

function headerOf(path: string, line: CsvLine): readonly number[] {
  const names = cellTexts(line).map((name) => name.toLowerCase());
  return COLUMNS.map((column) => {
    const at = names.indexOf(column);
    if (at >= 0) return at;
    throw new AppError({
      code: 'LAKE.COLUMN',
      why: `${path}, line 1: no column '${column}' among ${names.join(', ')}.`,
      fix: `A file of tickers has the columns ${COLUMNS.join(', ')}.`,
    });
  });
}

function rowOf(path: string, line: CsvLine, index: readonly number[]): TickerRow {
  const cells = cellTexts(line);
  const [symbol = '', untilDate = '', ticker = ''] = index.map((at) => cells[at] ?? '');
  const wrong = (column: string, found: string, expected: string): AppError =>
    new AppError({
      code: 'LAKE.VALUE',
      why: `${path}, line ${line.number}: column '${column}' is '${found}', expected ${expected}.`,
      fix: 'Correct the row.',
    });
  if (symbol === '') throw wrong('symbol', symbol, 'a symbol');
  if (ticker === '') throw wrong('ticker', ticker, 'a ticker');
  try {
    dayNumber(untilDate);
  } catch (error) {
    if (!hasCode(error, 'CALENDAR.DATE')) throw error;
    throw wrong('until_date', untilDate, 'a date such as 2024-01-31');
  }
  return { line: line.number, symbol, untilDate, ticker };
}

function groupRows(
  path: string,
  rows: readonly TickerRow[],
): readonly (readonly [string, readonly TickerSpan[]])[] {
  const groups = new Map<string, TickerRow[]>();
  for (const row of rows) {
    const group = groups.get(row.symbol) ?? [];
    const last = group.at(-1);
    if (last !== undefined && row.untilDate <= last.untilDate) {
      throw new AppError({
        code: 'LAKE.VALUE',
        why: `${path}, line ${row.line}: column 'until_date' is '${row.untilDate}', expected a date after ${last.untilDate} of line ${last.line}.`,
        fix: 'Sort the rows of a symbol by date.',
      });
    }
    group.push(row);
    groups.set(row.symbol, group);
  }
  if (groups.size === 0) {
    throw new AppError({ code: 'LAKE.FILE', why: `${path}: the file has no tickers.` });
  }
  return [...groups].map(([symbol, group]) => [symbol, spansOf(group)] as const);
}

/** Spans of names: a name that goes on over two rows is one span. */
function spansOf(rows: readonly TickerRow[]): readonly TickerSpan[] {
  const spans: TickerSpan[] = [];
  let fromDate = rows[0]?.untilDate ?? '';
  for (const { ticker, untilDate } of rows) {
    const last = spans.at(-1);
    const goesOn = last?.ticker === ticker;
    const until = untilDate >= OPEN_DATE ? {} : { untilDate };
    const from = goesOn ? (last?.fromDate ?? fromDate) : fromDate;
    if (goesOn) spans.pop();
    spans.push({ ticker, fromDate: from, ...until });
    fromDate = dateOfDay(dayNumber(untilDate) + 1);
  }
  return spans;
}
