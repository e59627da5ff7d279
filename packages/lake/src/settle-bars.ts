import type { Calendar } from '@capstan/calendar';
import type { Timeframe } from '@capstan/domain';
import { alignmentOf } from './alignment.ts';
import type { AnomalyKind, AnomalyRules } from './anomaly.ts';
import { barSpans, KnownSpans } from './bar-spans.ts';
import type { BarTable } from './bar-table.ts';
import { AnomalyLog, type BarsReport } from './bars-report.ts';
import { findGaps } from './gaps.ts';
import { LAKE_COLUMNS, type LakeBars, newLakeBars } from './lake-bars.ts';
import { noteJumps, RowJudge } from './row-judge.ts';
import type { Adjustment, Alignment } from './series-key.ts';
import { noteSpikes } from './spikes.ts';

/** What tells how the rows of a table are to be read and judged. */
export interface SettleOptions {
  readonly timeframe: Timeframe;
  readonly stamp: 'start' | 'end';
  readonly timeZone?: string;
  readonly calendar: Calendar;
  /** Absent: prices are not compared with a tick. */
  readonly tickNanos?: number;
  readonly adjustment: Adjustment;
  /** Said by who knows the file; found from the stamps where absent. */
  readonly alignment?: Alignment;
  /**
   * What trades the bars hold. `regular`: none from outside the session, so a bar across the open or close is cut to the
   * session. `all`: a bar spans what its stamp says.
   */
  readonly holds: 'regular' | 'all';
  readonly rules: AnomalyRules;
  readonly shared?: boolean;
}

/** Bars that passed, and what was found on the way. The bars of a refused report are not to be used. */
export interface SettledBars {
  readonly bars: LakeBars;
  readonly report: BarsReport;
}

/**
 * Turns the rows of a table into bars: gives each its span, puts them to the rules and says what it found.
 * @throws LAKE.ZONE; CALENDAR.RANGE where a daily bar lies outside the calendar's years.
 * @complexity O(n), O(n log n) where rows are out of order.
 */
export function settleBars(table: BarTable, options: SettleOptions): SettledBars {
  const log = new AnomalyLog(options.rules);
  noteLines(log, 'empty', table.emptyLines, 'no prices and no volume');
  noteLines(log, 'precision', table.roundedLines, 'more than nine decimals');
  const spanned = spanRows(table, options, log);
  const ordered = orderRows(table, spanned, log);
  const { bars, notes } = judgeRows(table, ordered, options, log);
  const rows = bars.endUs.length;
  const { alignment, note } = alignmentOf(bars, options);
  noteJumps(bars, log);
  noteSpikes(bars, log);
  const gaps = findGaps(bars, {
    timeframe: options.timeframe,
    clock: alignment === 'clock',
    calendar: options.calendar,
  });
  if (gaps?.longest !== undefined) {
    const { longest } = gaps;
    const what = `the longest: ${longest.bars} bars`;
    log.note('gap', () => ({ atUs: longest.fromUs, what }), gaps.missingBars);
  }
  const rowsRead = table.rows + table.emptyLines.length;
  const anomalies = log.findings();
  const unknown = gaps === undefined && rows > 0;
  return {
    bars,
    report: {
      symbol: table.symbol,
      timeframe: options.timeframe,
      alignment,
      adjustment: options.adjustment,
      rowsRead,
      rowsKept: rows,
      rowsDropped: rowsRead - rows,
      refused: anomalies.some(({ action }) => action === 'refuse'),
      ...(rows === 0 ? {} : { firstStartUs: bars.startUs[0], lastEndUs: bars.endUs[rows - 1] }),
      anomalies,
      ...(gaps === undefined ? {} : { gaps }),
      notes: [
        ...notes,
        ...(note === undefined ? [] : [note]),
        ...(unknown ? [`calendar ${options.calendar.name} does not describe these years`] : []),
      ],
    } as BarsReport,
  };
}

function noteLines(
  log: AnomalyLog,
  kind: AnomalyKind,
  lines: readonly number[],
  what: string,
): void {
  for (const line of lines) log.note(kind, () => ({ line, what }));
}

interface SpannedRows {
  /** Rows of the table that have a span, in the table's order. */
  readonly rows: Uint32Array;
  /** By row of the table. */
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
}

/** Gives each row its span; a daily row of a day without session has none. */
function spanRows(table: BarTable, options: SettleOptions, log: AnomalyLog): SpannedRows {
  const spans =
    table.spanEndUs === undefined
      ? barSpans(options)
      : new KnownSpans(table.spanEndUs, options.timeframe === '1d' ? options.calendar : undefined);
  const startUs = new Float64Array(table.rows);
  const endUs = new Float64Array(table.rows);
  const rows = new Uint32Array(table.rows);
  const rounded = new Set(options.rules.precision === 'drop' ? table.roundedLines : []);
  let count = 0;
  for (let row = 0; row < table.rows; row += 1) {
    const stampUs = table.stampUs[row] ?? 0;
    if (!spans.set(stampUs, row)) {
      const line = table.line[row] ?? 0;
      const what = `${options.calendar.name} has no such session`;
      log.note('no-session', () => ({ ...(line === 0 ? {} : { line }), atUs: stampUs, what }));
      continue;
    }
    startUs[row] = spans.startUs;
    endUs[row] = spans.endUs;
    if (rounded.size > 0 && rounded.has(table.line[row] ?? 0)) continue;
    rows[count] = row;
    count += 1;
  }
  return { rows: rows.subarray(0, count), startUs, endUs };
}

/** Brings the rows into the order of time, or leaves out those that go back, as the rule says. */
function orderRows(table: BarTable, spanned: SpannedRows, log: AnomalyLog): SpannedRows {
  const { rows, startUs } = spanned;
  let last = Number.NEGATIVE_INFINITY;
  let action = 'none';
  const inOrder = new Uint32Array(rows.length);
  let count = 0;
  for (const row of rows) {
    const atUs = startUs[row] ?? 0;
    if (atUs < last) {
      const line = table.line[row] ?? 0;
      action = log.note('unsorted', () => ({ line, atUs, what: 'older than the row before it' }));
      continue;
    }
    last = atUs;
    inOrder[count] = row;
    count += 1;
  }
  if (action === 'none') return spanned;
  if (action === 'drop') return { ...spanned, rows: inOrder.subarray(0, count) };
  const sorted = rows.slice().sort((a, b) => (startUs[a] ?? 0) - (startUs[b] ?? 0) || a - b);
  return { ...spanned, rows: sorted };
}

/** Puts every row to the rules and copies those that stay. */
function judgeRows(
  table: BarTable,
  ordered: SpannedRows,
  options: SettleOptions,
  log: AnomalyLog,
): { readonly bars: LakeBars; readonly notes: readonly string[] } {
  const judge = new RowJudge(table, options, log);
  const out = newLakeBars(ordered.rows.length, options.shared === true);
  let count = 0;
  for (const row of ordered.rows) {
    if (!judge.admits(row, ordered.startUs[row] ?? 0, ordered.endUs[row] ?? 0)) continue;
    out.startUs[count] = judge.startUs;
    out.endUs[count] = judge.endUs;
    out.openNanos[count] = table.openNanos[row] ?? 0;
    out.highNanos[count] = table.highNanos[row] ?? 0;
    out.lowNanos[count] = table.lowNanos[row] ?? 0;
    out.closeNanos[count] = table.closeNanos[row] ?? 0;
    out.volume[count] = table.volume[row] ?? 0;
    count += 1;
  }
  const { cutBars } = judge;
  const notes =
    cutBars === 0 ? [] : [`${cutBars} bars across an open or close were cut to the session`];
  return { bars: trim(out, count), notes };
}

function trim(bars: LakeBars, rows: number): LakeBars {
  if (rows === bars.endUs.length) return bars;
  const entries = LAKE_COLUMNS.map((name) => [name, bars[name].subarray(0, rows)] as const);
  return Object.fromEntries(entries) as unknown as LakeBars;
}
