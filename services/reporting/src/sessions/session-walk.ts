import {
  type Calendar,
  nextSessionEvent,
  type SessionEvent,
  type SessionTimes,
  sessionDay,
  sessionEvents,
} from '@capstan/calendar';
import { LIMITS } from './limits.ts';

/** Walks a market's days: each event once, in order, however time comes. Without a clock: it knows the times that it is told. */
export class SessionWalk {
  readonly #calendar: Calendar;
  readonly #times: SessionTimes;
  #throughUs: number | undefined;
  /** Nothing is due before this. */
  #nextUs = Number.NEGATIVE_INFINITY;

  /** @param throughUs how far it was walked before; `undefined` for a market that is new. */
  constructor(calendar: Calendar, times: SessionTimes, throughUs?: number) {
    this.#calendar = calendar;
    this.#times = times;
    this.#throughUs = throughUs;
  }

  /**
   * Returns what is due by a time and was not returned before. The first time begins its day from the start; what lies further back
   * than {@link LIMITS.catchUpUs} is left out.
   * @throws CALENDAR.RANGE
   */
  due(nowUs: number): readonly SessionEvent[] {
    if (nowUs < this.#nextUs) return [];
    this.#throughUs ??= this.#dayBegan(nowUs);
    const afterUs = Math.max(this.#throughUs, nowUs - LIMITS.catchUpUs);
    if (nowUs <= afterUs) return [];
    const found = sessionEvents(this.#calendar, afterUs, nowUs, this.#times);
    this.#throughUs = nowUs;
    this.#nextUs = nextSessionEvent(this.#calendar, nowUs, this.#times).atUs;
    return found;
  }

  /** Returns the time just before the first event of the day that a time belongs to. */
  #dayBegan(nowUs: number): number {
    const day = sessionDay(this.#calendar, this.#calendar.tradeDate(nowUs), this.#times);
    return Math.min(nowUs, (day[0]?.atUs ?? nowUs) - 1);
  }
}
