import { indexSessions } from '@capstan/analytics';
import type { Calendar } from '@capstan/calendar';
import { US_PER_SECOND } from '@capstan/domain';
import { count, money, plural } from './format.ts';
import { FEW_SESSIONS, FEW_TRADES, NOTES_SHOWN_MAX } from './limits.ts';
import type { ReportedSymbol, ReportInput } from './report-input.ts';
import type { ReportWarning, WarningLevel } from './run-report.ts';

/** What warnings are made from, beside the input. */
export interface WarningParts {
  readonly input: ReportInput;
  readonly symbols: readonly ReportedSymbol[];
}

const warning = (level: WarningLevel, title: string, text: string): ReportWarning => ({
  level,
  title,
  text,
});

const LEVEL_ORDER: readonly WarningLevel[] = ['danger', 'warning', 'note'];

/** Lists what a reader must know before believing the figures, the worst first. */
export function warningsOf(parts: WarningParts): ReportWarning[] {
  const found = [
    ...executionWarnings(parts.input),
    ...moneyWarnings(parts.input),
    ...evidenceWarnings(parts.input),
    ...dataWarnings(parts),
    ...riskWarnings(parts.input),
  ];
  return found.sort((a, b) => LEVEL_ORDER.indexOf(a.level) - LEVEL_ORDER.indexOf(b.level));
}

function executionWarnings({ spec, symbols }: ReportInput): ReportWarning[] {
  const { execution, matcher } = spec;
  const found: ReportWarning[] = [];
  if (execution.fillAt === 'sameClose') {
    found.push(
      warning(
        'danger',
        'Filled at the close that decided',
        'Orders fill at the very close that the decision was made from. No live order can have that price: the results flatter.',
      ),
    );
  }
  if (matcher.limitFill === 'touch') {
    found.push(
      warning(
        'warning',
        'Limits fill at the touch',
        'A limit order fills as soon as its price trades, as if it were first in the queue.',
      ),
    );
  }
  if (matcher.commission.kind === 'none' && matcher.slippage.kind === 'none') {
    found.push(
      warning('warning', 'No costs', 'Neither commission nor slippage is charged on any trade.'),
    );
  }
  const adjusted = symbols.filter(({ series }) => series.priceBasis === 'adjusted');
  if (adjusted.length > 0) {
    found.push(
      warning(
        'warning',
        'Adjusted prices',
        `${listOf(adjusted.map(({ series }) => series.symbol))}: prices were adjusted afterwards. Quantities and charges are not those that could have been traded.`,
      ),
    );
  }
  return found;
}

function moneyWarnings({ result, spec }: ReportInput): ReportWarning[] {
  const found: ReportWarning[] = [];
  const { cashMicros, equityMicros, timelineUs } = result;
  const cash = lowest(cashMicros);
  if (cash !== undefined && cash.value < 0) {
    found.push(
      warning(
        'warning',
        'Cash below zero',
        `Cash fell to ${money(cash.value)} (${utcText(timelineUs[cash.row])}). The loan is not charged any interest.`,
      ),
    );
  }
  const equity = lowest(equityMicros);
  if (equity !== undefined && equity.value <= 0) {
    found.push(
      warning(
        'danger',
        'Equity was lost',
        `Equity fell to ${money(equity.value)} from ${money(spec.cashMicros)} (${utcText(timelineUs[equity.row])}). A broker would have closed the account before; ratios have no meaning.`,
      ),
    );
  }
  return found;
}

function lowest(
  column: Float64Array,
): { readonly value: number; readonly row: number } | undefined {
  let row = 0;
  for (let at = 1; at < column.length; at += 1) {
    if ((column[at] as number) < (column[row] as number)) row = at;
  }
  const value = column[row];
  return value === undefined ? undefined : { value, row };
}

function evidenceWarnings({ trips, summary, benchmark }: ReportInput): ReportWarning[] {
  const found: ReportWarning[] = [];
  const trades = trips.closed.count;
  if (trades < FEW_TRADES) {
    found.push(
      warning(
        'warning',
        trades === 0 ? 'No closed trade' : 'Few trades',
        `${plural(trades, 'closed trade')}: below ${FEW_TRADES}, hit rate, profit factor and expectancy may well be luck.`,
      ),
    );
  }
  const sessions = summary.returns.length;
  if (sessions < FEW_SESSIONS) {
    found.push(
      warning(
        'warning',
        'Short period',
        `${plural(sessions, 'session')}: yearly figures (CAGR, volatility, ratios) are extrapolated from less than half a year.`,
      ),
    );
  }
  if (benchmark === undefined || summary.benchmarkReturns === undefined) return found;
  const missing = summary.benchmarkReturns
    .subarray(1)
    .filter((value) => Number.isNaN(value)).length;
  if (missing > 0) {
    found.push(
      warning(
        'warning',
        'The benchmark does not cover the period',
        `${benchmark.name} has no return for ${count(missing)} of ${plural(sessions, 'session')}; figures against it leave them out.`,
      ),
    );
  }
  return found;
}

function dataWarnings({ input, symbols }: WarningParts): ReportWarning[] {
  const found = symbols.flatMap((one) =>
    gapsOf(one, input.spec.calendarOf(one.instrument.calendar)),
  );
  const notes = (input.notes ?? []).map(({ symbol, text }) =>
    symbol === undefined ? text : `${symbol}: ${text}`,
  );
  return [...limited(found, 'warning', 'Sessions without bars'), ...limited(notes, 'note', 'Data')];
}

/** Sessions of the calendar, between the first and the last bar, in which a symbol has none. */
function gapsOf({ series, instrument }: ReportedSymbol, calendar: Calendar): string[] {
  const { startUs, endUs } = series.bars;
  const [first] = startUs;
  const last = endUs.at(-1);
  if (first === undefined || last === undefined) return [`${instrument.symbol} has no bar at all.`];
  const present = new Set(indexSessions(endUs, calendar).dates);
  const missing = calendar.sessions(first, last).filter(({ date }) => !present.has(date));
  if (missing.length === 0) return [];
  const dates = listOf(missing.map(({ date }) => date));
  return [`${instrument.symbol} lacks ${plural(missing.length, 'session')}: ${dates}.`];
}

function riskWarnings({ trips, result, symbols }: ReportInput): ReportWarning[] {
  const found: ReportWarning[] = [];
  if (trips.open.length > 0) {
    const names = trips.open.map(({ symbolIndex }) => result.symbols[symbolIndex] ?? '');
    const open = trips.open.reduce((sum, { netMicros }) => sum + (netMicros ?? 0), 0);
    found.push(
      warning(
        'note',
        plural(trips.open.length, 'open position'),
        `${listOf(names)}: still held at the end and marked at the last close (${money(open, true)} of the net profit). Figures of trades count closed ones.`,
      ),
    );
  }
  for (const { slice, startEquityMicros, equityMicros, untilSlice } of result.halts.slice(0, 3)) {
    const until = untilSlice === undefined ? 'to the end of the run' : 'until the next session';
    found.push(
      warning(
        'warning',
        'Halted by the loss of a session',
        `${utcText(result.timelineUs[slice])}: equity fell from ${money(startEquityMicros)} to ${money(equityMicros)}; nothing more was traded ${until}.`,
      ),
    );
  }
  const byPolicy = new Map<string, number>();
  for (const { policy } of result.denials) byPolicy.set(policy, (byPolicy.get(policy) ?? 0) + 1);
  if (byPolicy.size > 0) {
    const policies = [...byPolicy].sort(([a], [b]) => (a < b ? -1 : 1));
    found.push(
      warning(
        'note',
        `${plural(result.denials.length, 'order')} refused by risk limits`,
        `${policies.map(([policy, many]) => `${policy} ${count(many)}`).join(', ')}.`,
      ),
    );
  }
  const actions = symbols.reduce((sum, { series }) => sum + (series.actions?.length ?? 0), 0);
  if (actions > 0) {
    found.push(
      warning(
        'note',
        'Corporate actions',
        `${plural(actions, 'split or dividend', 'splits and dividends')} were given with the data; those in the period changed positions, orders and cash.`,
      ),
    );
  }
  return found;
}

/** One warning for each text, and one for all that are too many to list. */
function limited(texts: readonly string[], level: WarningLevel, title: string): ReportWarning[] {
  const shown = texts.slice(0, NOTES_SHOWN_MAX).map((text) => warning(level, title, text));
  const rest = texts.length - shown.length;
  return rest === 0
    ? shown
    : [...shown, warning(level, title, `And ${count(rest)} more of the kind.`)];
}

/** Up to five by name. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${count(names.length - 5)} more` : shown;
}

/** `2024-01-31 15:30 UTC`. */
function utcText(us: number | undefined): string {
  if (us === undefined) return 'unknown';
  const seconds = Math.floor(us / US_PER_SECOND);
  return `${new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
