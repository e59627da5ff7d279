import { type DailyCloses, indexSessions } from '@capstan/analytics';
import type { Calendar, CivilDate } from '@capstan/calendar';
import type { BacktestSeries, CorporateAction } from '@capstan/engine';

/** Bars of one symbol for a benchmark. */
export interface HeldBars {
  readonly series: Pick<BacktestSeries, 'symbol' | 'bars' | 'actions'>;
  readonly calendar: Calendar;
}

/**
 * Returns what equal amounts in each symbol come to that are bought at its first close and held, dividends reinvested at the
 * close of their ex-date: levels, 1 at the start, a date each.
 */
export function holdBenchmark(name: string, held: readonly HeldBars[]): DailyCloses {
  const levels = held.map(levelsOf);
  const dates = [...new Set(levels.flatMap((one) => [...one.keys()]))].sort();
  const last = levels.map(() => 1);
  const closes = dates.map((date) => {
    for (const [index, one] of levels.entries()) last[index] = one.get(date) ?? last[index] ?? 1;
    return last.reduce((sum, level) => sum + level, 0) / last.length;
  });
  return { name, dates, closes: Float64Array.from(closes) };
}

/** Growth of one unit from the first close on, by session date. */
function levelsOf({ series, calendar }: HeldBars): ReadonlyMap<CivilDate, number> {
  const { dates, lastRow } = indexSessions(series.bars.endUs, calendar);
  const actions = [...(series.actions ?? [])].sort((a, b) => (a.exDate < b.exDate ? -1 : 1));
  const levels = new Map<CivilDate, number>();
  let next = 0;
  let level = 1;
  let before: number | undefined;
  for (const [index, date] of dates.entries()) {
    const close = series.bars.closeNanos[lastRow[index] ?? 0] ?? 0;
    let shares = 1;
    let cash = 0;
    for (let action = actions[next]; action !== undefined && action.exDate <= date; ) {
      ({ shares, cash } = afterAction(action, shares, cash));
      next += 1;
      action = actions[next];
    }
    if (before !== undefined) level *= (close * shares + cash) / before;
    before = close;
    levels.set(date, level);
  }
  return levels;
}

function afterAction(action: CorporateAction, shares: number, cash: number) {
  return action.kind === 'split'
    ? { shares: (shares * action.newShares) / action.oldShares, cash }
    : { shares, cash: cash + shares * action.amountPerUnitNanos };
}
