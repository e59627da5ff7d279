import type { AnomalyLog } from './bars-report.ts';
import type { LakeBars } from './lake-bars.ts';
import { SPIKE_BARS_BESIDE, SPIKE_FRACTION, SPIKE_RANGES } from './limits.ts';

/** How far a bar reaches beyond everything near it, as fractions of the nearest of that; below 0 where it does not. */
interface Reach {
  readonly above: number;
  readonly below: number;
}

/**
 * Notes bars whose high or low lies far beyond their own open and close and beyond the bars on both sides: a wrong print, or a
 * moment without buyers. Far is both by itself and beside the median range of the bars around; the first and the last bar have no
 * second side and are not judged.
 * @complexity O(n), and the bars around for each bar that is far by itself.
 */
export function noteSpikes(bars: LakeBars, log: AnomalyLog): void {
  for (let row = 1; row + 1 < bars.endUs.length; row += 1) {
    const { above, below } = reachOf(bars, row);
    const reach = Math.max(above, below);
    if (reach < SPIKE_FRACTION) continue;
    const range = medianRangeAround(bars, row);
    if (range === 0 || reach < SPIKE_RANGES * range) continue;
    const what = `${above > below ? 'high' : 'low'} ${(reach * 100).toFixed(1)} % beyond all prices beside it, ${Math.floor(reach / range)} times the range of bars around`;
    log.note('spike', () => ({ atUs: bars.startUs[row] ?? 0, what }));
  }
}

function reachOf({ openNanos, highNanos, lowNanos, closeNanos }: LakeBars, row: number): Reach {
  const open = openNanos[row] as number;
  const close = closeNanos[row] as number;
  const [highBefore, highAfter] = [highNanos[row - 1] as number, highNanos[row + 1] as number];
  const [lowBefore, lowAfter] = [lowNanos[row - 1] as number, lowNanos[row + 1] as number];
  const top = Math.max(open, close, highBefore, highAfter);
  const bottom = Math.min(open, close, lowBefore, lowAfter);
  return {
    above: (highNanos[row] as number) / top - 1,
    below: 1 - (lowNanos[row] as number) / bottom,
  };
}

/** Returns the median of what the bars around reach from low to high, as a fraction of their close. */
function medianRangeAround({ highNanos, lowNanos, closeNanos }: LakeBars, row: number): number {
  const ranges: number[] = [];
  const last = Math.min(closeNanos.length - 1, row + SPIKE_BARS_BESIDE);
  for (let at = Math.max(0, row - SPIKE_BARS_BESIDE); at <= last; at += 1) {
    const range = (highNanos[at] as number) - (lowNanos[at] as number);
    if (at !== row) ranges.push(range / (closeNanos[at] as number));
  }
  ranges.sort((a, b) => a - b);
  return ranges[ranges.length >> 1] as number;
}
