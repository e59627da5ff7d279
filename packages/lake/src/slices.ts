import type { Calendar } from '@capstan/calendar';
import type { Bar, BarSlice } from '@capstan/domain';

/** Which bars a playback shows: those of the regular session, or all. */
export type Hours = 'regular' | 'all';

export interface SlicedBars {
  readonly slices: readonly BarSlice[];
  /** Bars outside the regular session that were left out. */
  readonly skipped: number;
}

/**
 * Groups bars by their end into slices, in time order, the bars of a slice sorted by symbol.
 * @param calendarOf the calendar of a symbol.
 * @complexity O(n log n)
 */
export function sliceBars(
  feed: string,
  bars: readonly Bar[],
  hours: Hours,
  calendarOf: (symbol: string) => Calendar,
): SlicedBars {
  const byEnd = new Map<number, Bar[]>();
  let skipped = 0;
  for (const bar of bars) {
    if (hours === 'regular' && !inSession(bar, calendarOf(bar.symbol))) {
      skipped += 1;
      continue;
    }
    const group = byEnd.get(bar.endUs);
    if (group === undefined) byEnd.set(bar.endUs, [bar]);
    else group.push(bar);
  }
  const slices = [...byEnd.values()].map((group) => {
    group.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    return { feed, endUs: group[0]?.endUs as Bar['endUs'], bars: group };
  });
  return { slices: slices.sort((a, b) => a.endUs - b.endUs), skipped };
}

function inSession(bar: Bar, calendar: Calendar): boolean {
  const session = calendar.sessionAt(bar.startUs);
  return session !== undefined && bar.endUs <= session.closeUs;
}
