import { dayNumber } from '@capstan/calendar';
import { AppError, timeUs } from '@capstan/domain';
import { inBlocks, type RowRange } from '@capstan/indicators';
import { utcText } from '../utc-text.ts';
import type { CorporateAction } from './corporate-action.ts';
import type { BacktestSeries, ReferenceSeries, SeriesColumns } from './series-columns.ts';

/**
 * Checks the shape of what a backtest is told of its symbols: each once, columns of one length, bars that follow each other in
 * time, actions with figures that can be, none of them with adjusted prices.
 * @throws ENGINE.SERIES naming symbol and bar; CALENDAR.DATE for a date that is none.
 */
export function checkSeries(all: readonly BacktestSeries[]): void {
  const seen = new Set<string>();
  const others = new Set<ReferenceSeries>();
  if (all.length === 0) throw badSeries('a backtest has no series', 'Give it one for each symbol.');
  for (const {
    symbol,
    bars,
    indicatorBars,
    higher = [],
    references,
    actions = [],
    priceBasis,
  } of all) {
    if (seen.has(symbol)) throw badSeries(`${symbol} has two series`, 'Give each symbol one.');
    seen.add(symbol);
    checkColumns(symbol, bars);
    if (indicatorBars !== undefined) checkHistory(symbol, bars, indicatorBars);
    for (const [timeframe, columns] of higher) checkColumns(`${symbol} ${timeframe}`, columns);
    for (const one of references?.values() ?? []) others.add(one);
    for (const action of actions) checkAction(symbol, action);
    if (priceBasis === 'adjusted' && actions.length > 0) {
      throw badSeries(
        `${symbol} has adjusted prices and ${actions.length} corporate actions, which would count twice`,
        'Give raw prices with the actions, or adjusted prices without them.',
      );
    }
  }
  for (const { symbol, bars, actions = [] } of others) {
    for (const [timeframe, columns] of bars) checkColumns(`${symbol} ${timeframe}`, columns);
    for (const action of actions) checkAction(symbol, action);
  }
}

/** What indicators see ends with the bars that are traded. */
function checkHistory(symbol: string, bars: SeriesColumns, indicatorBars: SeriesColumns): void {
  checkColumns(`${symbol} before its first bar`, indicatorBars);
  const rows = bars.endUs.length;
  const before = indicatorBars.endUs.length - rows;
  const isSame = (row: number) => indicatorBars.startUs[before + row] === bars.startUs[row];
  if (before >= 0 && (rows === 0 || (isSame(0) && isSame(rows - 1)))) return;
  throw badSeries(
    `${symbol}: the bars that indicators see do not end with those that are traded`,
    'Give the bars before the first, then the same bars.',
  );
}

const COLUMNS = [
  'startUs',
  'openNanos',
  'highNanos',
  'lowNanos',
  'closeNanos',
  'volume',
  'sessionOpenUs',
] as const;

function checkColumns(what: string, bars: SeriesColumns): void {
  const { startUs, endUs } = bars;
  for (const name of COLUMNS) {
    const rows = bars[name]?.length ?? endUs.length;
    if (rows === endUs.length) continue;
    throw badSeries(`${what}: column ${name} has ${rows} rows, endUs ${endUs.length}`);
  }
  inBlocks(0, endUs.length, (from, to) => {
    const row = firstOutOfOrder(bars, { from, to });
    if (row < to) throw badOrder(what, row, startUs[row] ?? Number.NaN);
  });
}

/** Returns the first row of a block that does not start after the one before it and end later; the block's end where all do. */
function firstOutOfOrder({ startUs, endUs }: SeriesColumns, { from, to }: RowRange): number {
  let free = endUs[from - 1] ?? Number.NEGATIVE_INFINITY;
  for (let row = from; row < to; row += 1) {
    const start = startUs[row] as number;
    const end = endUs[row] as number;
    if (!(start >= free && end > start)) return row;
    free = end;
  }
  return to;
}

function checkAction(symbol: string, action: CorporateAction): void {
  dayNumber(action.exDate);
  const where = `${symbol}, ${action.kind} of ${action.exDate}`;
  if (action.kind === 'split') {
    for (const key of ['newShares', 'oldShares'] as const) {
      const shares = action[key];
      if (Number.isSafeInteger(shares) && shares > 0) continue;
      throw badSeries(`${where}: ${key} is ${shares}`, 'Give whole numbers above 0.');
    }
    return;
  }
  const { exDate, payDate = exDate, amountPerUnitNanos: amount } = action;
  dayNumber(payDate);
  if (payDate < exDate) throw badSeries(`${where}: it is paid on ${payDate}, before its ex-date`);
  if (Number.isSafeInteger(amount) && amount >= 0) return;
  throw badSeries(`${where}: amountPerUnitNanos is ${amount}`, 'Give whole nanos, 0 or more.');
}

function badOrder(what: string, row: number, startUs: number): AppError {
  const at = Number.isSafeInteger(startUs) ? utcText(timeUs(startUs)) : String(startUs);
  return badSeries(
    `${what}: the bar of row ${row}, at ${at}, does not start after the one before it and end later`,
    'Sort the bars by time and remove repetitions.',
  );
}

function badSeries(why: string, fix?: string): AppError {
  return new AppError({ code: 'ENGINE.SERIES', why: `${why}.`, ...(fix && { fix }) });
}
