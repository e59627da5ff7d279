import type { Calendar } from '@capstan/calendar';
import { AppError, hasCode, type Timeframe, timeframeUs } from '@capstan/domain';
import type { LakeBars } from './lake-bars.ts';
import type { Alignment } from './series-key.ts';
import { timeText } from './time-text.ts';

/** How bars lie in time, and what a reader should know of how it was found. */
export interface FoundAlignment {
  readonly alignment: Alignment;
  readonly note?: string;
}

/**
 * Finds how bars lie in time: at whole lengths from the session's open, or at full hours and quarters of UTC. Where both fit, as for
 * minutes and for quarters of an hour from 09:30, it is `session`. Bars outside sessions are not asked.
 * @throws LAKE.ALIGNMENT where they lie as neither, or not as `options.alignment` says.
 */
export function alignmentOf(
  bars: LakeBars,
  options: {
    readonly timeframe: Timeframe;
    readonly calendar: Calendar;
    readonly alignment?: Alignment;
  },
): FoundAlignment {
  const { timeframe, calendar, alignment } = options;
  const lengthUs = timeframeUs(timeframe);
  if (lengthUs === undefined) return { alignment: 'session' };
  const misfits = firstMisfits(bars, calendar, lengthUs);
  if (alignment !== undefined) {
    const at = misfits[alignment];
    if (at === undefined) return { alignment };
    throw misaligned(`the bar at ${timeText(at)} is not aligned to the ${alignment}`, timeframe);
  }
  if (misfits.session === undefined) return { alignment: 'session' };
  if (misfits.clock === undefined) {
    const note = `bars of ${timeframe} are aligned to the clock: a series of their own, not mixed with those from the session's open`;
    return { alignment: 'clock', note };
  }
  throw misaligned(
    `the bar at ${timeText(misfits.session)} is not at a whole ${timeframe} from its session's open, nor that at ${timeText(misfits.clock)} at one of the clock`,
    timeframe,
  );
}

/** The first bar that does not lie as each alignment says. */
function firstMisfits(
  bars: LakeBars,
  calendar: Calendar,
  lengthUs: number,
): Readonly<Partial<Record<Alignment, number>>> {
  let session: number | undefined;
  let clock: number | undefined;
  const { startUs, endUs } = bars;
  for (let row = 0; row < startUs.length; row += 1) {
    const from = startUs[row] ?? 0;
    const to = endUs[row] ?? 0;
    const within = sessionOf(calendar, from, to);
    const openUs = within?.openUs ?? Number.NaN;
    const cutStart = from === openUs;
    if (clock === undefined && !cutStart && from % lengthUs !== 0) clock = from;
    if (clock === undefined && cutStart && to % lengthUs !== 0 && to !== within?.closeUs) {
      clock = from;
    }
    if (session === undefined && within !== undefined) {
      const isWhole = to - from === lengthUs || to === within.closeUs;
      if ((from - openUs) % lengthUs !== 0 || !isWhole) session = from;
    }
    if (session !== undefined && clock !== undefined) break;
  }
  return {
    ...(session === undefined ? {} : { session }),
    ...(clock === undefined ? {} : { clock }),
  };
}

function sessionOf(calendar: Calendar, fromUs: number, toUs: number) {
  try {
    const session = calendar.sessionAtOrAfter(fromUs);
    return session.openUs < toUs ? session : undefined;
  } catch (error) {
    if (hasCode(error, 'CALENDAR.RANGE')) return undefined;
    throw error;
  }
}

function misaligned(what: string, timeframe: Timeframe): AppError {
  return new AppError({
    code: 'LAKE.ALIGNMENT',
    why: `bars of ${timeframe}: ${what}.`,
    fix: 'Check timeframe, time zone and stamp (start or end) of the file.',
  });
}
