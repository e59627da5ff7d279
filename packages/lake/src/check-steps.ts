import { AppError, TIMEFRAMES, type Timeframe, timeframeUs, US_PER_DAY } from '@capstan/domain';
import type { BarTable } from './bar-table.ts';

/** Sessions of two days begin further apart than this, also where the clocks change. */
const DAILY_STEP_MIN_US = 0.75 * US_PER_DAY;

/** As many rows tell what a file holds. */
const ROWS_LOOKED_AT = 10_000;

/**
 * Refuses rows most of which follow each other sooner than bars of the timeframe can: a file of shorter bars.
 * @throws LAKE.TIMEFRAME with the timeframe that they fit.
 */
export function checkSteps(table: BarTable, timeframe: Timeframe): void {
  const stampUs = table.stampUs.subarray(0, Math.min(table.rows, ROWS_LOOKED_AT));
  const steps = stampUs.subarray(1).map((us, row) => us - (stampUs[row] ?? 0));
  const forward = steps.filter((us) => us > 0).sort();
  // Of an even number the longer of the two in the middle: half is not most.
  const medianUs = forward[forward.length >> 1];
  if (medianUs === undefined || medianUs >= (timeframeUs(timeframe) ?? DAILY_STEP_MIN_US)) return;
  const fits = TIMEFRAMES.findLast((one) => (timeframeUs(one) ?? DAILY_STEP_MIN_US) <= medianUs);
  throw new AppError({
    code: 'LAKE.TIMEFRAME',
    why: `most rows follow each other sooner than bars of ${timeframe} can.`,
    fix: fits === undefined ? 'Bars are of a minute or longer.' : `Say ${fits}, which they fit.`,
  });
}
