import type { Calendar } from '@capstan/calendar';
import type { BacktestSpec } from '../../run/backtest-spec.ts';
import type { SeriesColumns } from '../../run/series-columns.ts';

/**
 * Returns a column with 1 at each row at whose close a sweep cannot decide: an order would meet no bar of its session and expire, or
 * be refused outside it. `undefined` where there is none.
 */
export function hardRows(
  { limits, execution }: Pick<BacktestSpec, 'limits' | 'execution'>,
  bars: SeriesColumns,
  calendar: Calendar,
): Uint8Array | undefined {
  const hard = new Uint8Array(bars.endUs.length);
  if (execution.fillAt === 'nextOpen') markExpiring(hard, bars, calendar);
  if (limits.policies.includes('market-hours') && limits.entryTiming === 'deny') {
    bars.endUs.forEach((endUs, row) => {
      if (!calendar.isOpen(endUs)) hard[row] = 1;
    });
  }
  return hard.includes(1) ? hard : undefined;
}

/** The session of a decision is looked up only where the next bar lies beyond the one before. */
function markExpiring(hard: Uint8Array, bars: SeriesColumns, calendar: Calendar): void {
  const { startUs, endUs } = bars;
  let closeUs = Number.NEGATIVE_INFINITY;
  for (let row = 1; row < startUs.length; row += 1) {
    const start = startUs[row] as number;
    if (start < closeUs) continue;
    closeUs = calendar.sessionAtOrAfter(endUs[row - 1] as number).closeUs;
    if (start >= closeUs) hard[row - 1] = 1;
  }
}
