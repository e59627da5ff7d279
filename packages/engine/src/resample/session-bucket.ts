import type { Calendar, Session } from '@capstan/calendar';
import { AppError, assert, type Timeframe, timeframeUs, timeUs } from '@capstan/domain';
import { utcText } from '../utc-text.ts';

/** What bars are made of shorter ones. */
export interface ResampleTarget {
  /** `1d` is the session. */
  readonly timeframe: Timeframe;
  /** The calendar of the instrument. */
  readonly calendar: Calendar;
}

/**
 * Finds the span of the longer bar that a bar belongs to: whole lengths counted from the session's open, the last one ending at
 * the close however short it is.
 */
export class SessionBuckets {
  /** The span of the bucket that was found last. */
  startUs = 0;
  endUs = 0;
  sessionOpenUs = 0;
  readonly #lengthUs: number | undefined;
  readonly #target: ResampleTarget;

  constructor(target: ResampleTarget) {
    this.#target = target;
    this.#lengthUs = timeframeUs(target.timeframe);
  }

  /**
   * Finds the bucket of a bar. @returns false for a bar outside the regular session.
   * @throws ENGINE.RESAMPLE where the bar lies across two buckets, or across the open or close.
   */
  find(barStartUs: number, barEndUs: number): boolean {
    assert(barEndUs > barStartUs, 'a bar ends after it starts');
    const session = this.#target.calendar.sessionAtOrAfter(barStartUs);
    if (barEndUs <= session.openUs) return false;
    this.#set(session, barStartUs);
    if (barStartUs >= this.startUs && barEndUs <= this.endUs) return true;
    const { timeframe } = this.#target;
    throw new AppError({
      code: 'ENGINE.RESAMPLE',
      why: `the bar from ${utcText(timeUs(barStartUs))} to ${utcText(timeUs(barEndUs))} lies across the bars of ${timeframe}, which count from the session's open.`,
      fix: 'Resample bars of one minute.',
    });
  }

  #set(session: Session, us: number): void {
    const lengthUs = this.#lengthUs ?? session.closeUs - session.openUs;
    const place = Math.max(0, Math.floor((us - session.openUs) / lengthUs));
    this.startUs = session.openUs + place * lengthUs;
    this.endUs = Math.min(this.startUs + lengthUs, session.closeUs);
    this.sessionOpenUs = session.openUs;
  }
}
