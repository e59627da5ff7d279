import { type Calendar, dayNumber, weekdayOfDay } from '@capstan/calendar';
import type { RebalanceRule } from '@capstan/portfolio';

const DAYS_PER_WEEK = 7;

/**
 * Returns the slices at which a rule has weights worked out anew, rising. Periods begin with their first slice; the first slice
 * of a run begins one. None for a rule that goes by signals.
 * @param timelineUs ends of slices. @param calendar whose sessions the days are.
 */
export function rebalanceSlices(
  rule: RebalanceRule,
  timelineUs: Float64Array,
  calendar: Calendar,
): Int32Array {
  if (rule.kind === 'onSignal') return new Int32Array(0);
  const slices: number[] = [];
  let closeUs = Number.NEGATIVE_INFINITY;
  let period: string | number | undefined;
  for (let slice = 0; slice < timelineUs.length; slice += 1) {
    if (rule.kind === 'everyBars') {
      if (slice % rule.bars === 0) slices.push(slice);
      continue;
    }
    const endUs = timelineUs[slice] ?? 0;
    if (endUs <= closeUs) continue;
    const date = calendar.tradeDate(endUs - 1);
    closeUs = calendar.session(date)?.closeUs ?? endUs;
    const now = periodOf(rule.kind, date);
    if (now === period) continue;
    period = now;
    slices.push(slice);
  }
  return Int32Array.from(slices);
}

function periodOf(kind: 'daily' | 'weekly' | 'monthly', date: string): string | number {
  switch (kind) {
    case 'daily':
      return date;
    case 'weekly': {
      const day = dayNumber(date);
      // Counted back to Monday.
      return day - ((weekdayOfDay(day) + DAYS_PER_WEEK - 1) % DAYS_PER_WEEK);
    }
    case 'monthly':
      return date.slice(0, 'yyyy-mm'.length);
  }
}
