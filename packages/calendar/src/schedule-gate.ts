import {
  assert,
  type BotSchedule,
  minuteOfDay,
  SCHEDULE_DAYS,
  US_PER_DAY,
  US_PER_MINUTE,
} from '@capstan/domain';
import { weekdayOfDay } from './civil-date.ts';
import type { Calendar } from './session.ts';
import { zoneOffsetUs } from './time-zone.ts';

/**
 * Tells when a bot may open, by its schedule. The answer is a function of the schedule, the time and the calendar alone; the one
 * given last is kept, so that asking for each symbol of a slice costs a comparison.
 */
export class ScheduleGate {
  readonly #schedule: BotSchedule;
  readonly #startUs: number;
  readonly #endUs: number;
  readonly #weekdays: ReadonlySet<number>;
  #last: { readonly us: number; readonly calendar: Calendar; readonly open: boolean } | undefined;

  /** @param schedule one that `readSchedule` has made. */
  constructor(schedule: BotSchedule) {
    this.#schedule = schedule;
    const { days = SCHEDULE_DAYS, start = '00:00', end = '24:00' } = schedule;
    this.#startUs = timeOfDayUs(start);
    this.#endUs = timeOfDayUs(end);
    // Days are named from Monday and numbered from Sunday.
    this.#weekdays = new Set(days.map((day) => (SCHEDULE_DAYS.indexOf(day) + 1) % 7));
  }

  /**
   * Tells whether a decision at a time may open.
   * @param us end of the slice that is decided on.
   * @param calendar of the symbol.
   * @throws CALENDAR.RANGE where sessions are asked for outside the calendar's years.
   */
  isOpen(us: number, calendar: Calendar): boolean {
    const last = this.#last;
    if (last !== undefined && last.us === us && last.calendar === calendar) return last.open;
    const open = this.#isInHours(us, calendar) && this.#isInSession(us, calendar);
    this.#last = { us, calendar, open };
    return open;
  }

  /** A time of day that the clocks show twice counts twice, one that they skip never comes. */
  #isInHours(us: number, calendar: Calendar): boolean {
    const localUs = us + zoneOffsetUs(this.#schedule.timeZone ?? calendar.timeZone, us);
    const day = Math.floor(localUs / US_PER_DAY);
    const timeUs = localUs - day * US_PER_DAY;
    const isOn = (dayNumber: number) => this.#weekdays.has(weekdayOfDay(dayNumber));
    const hasBegun = timeUs >= this.#startUs;
    const hasEnded = timeUs >= this.#endUs;
    if (this.#startUs < this.#endUs) return hasBegun && !hasEnded && isOn(day);
    return (hasBegun && isOn(day)) || (!hasEnded && isOn(day - 1));
  }

  /** A slice that ends at the close still belongs to the session. */
  #isInSession(us: number, calendar: Calendar): boolean {
    const { afterOpenMinutes, beforeCloseMinutes } = this.#schedule;
    if (afterOpenMinutes === undefined && beforeCloseMinutes === undefined) return true;
    const session = calendar.sessionAt(us - 1);
    if (session === undefined) return false;
    const { openUs, closeUs } = session;
    const hasBegun = us >= openUs + (afterOpenMinutes ?? 0) * US_PER_MINUTE;
    if (beforeCloseMinutes === undefined) return hasBegun;
    return hasBegun && us < closeUs - beforeCloseMinutes * US_PER_MINUTE;
  }
}

function timeOfDayUs(text: string): number {
  const minute = minuteOfDay(text);
  assert(minute !== undefined, `'${text}' is no time of day`);
  return minute * US_PER_MINUTE;
}
