import { type TimeUs, type TimeZone, timeUs } from '@capstan/domain';
import { type CivilDate, dateOfDay, dayNumber, dayOf } from './civil-date.ts';
import { outOfRange } from './errors.ts';
import type { Calendar, Session } from './session.ts';
import type { SessionRules } from './session-rules.ts';

/**
 * A calendar over rules. Each day is worked out once and kept, and the session or the pause asked for last is tried
 * first: a question for each bar costs a comparison. Keep one instance for as long as it is asked.
 */
export class SessionCalendar implements Calendar {
  readonly name: string;
  readonly timeZone: TimeZone;
  readonly #rules: SessionRules;
  readonly #firstDay: number;
  readonly #lastDay: number;
  readonly #byDay = new Map<number, Session | null>();
  #last: Session | undefined;
  /** A span without a session, `[#pauseFromUs, #pauseNext.openUs)`, and the session that ends it. */
  #pauseFromUs = 0;
  #pauseNext: Session | undefined;

  constructor(rules: SessionRules) {
    this.name = rules.name;
    this.timeZone = rules.timeZone;
    this.#rules = rules;
    this.#firstDay = dayOf(rules.firstYear, 1, 1);
    this.#lastDay = dayOf(rules.lastYear, 12, 31);
  }

  session(date: CivilDate): Session | undefined {
    return this.#onDay(dayNumber(date));
  }

  closure(date: CivilDate): string | undefined {
    const day = dayNumber(date);
    this.#checkDay(day);
    return this.#rules.closureOf(day);
  }

  sessionAt(us: number): Session | undefined {
    const last = this.#last;
    if (last !== undefined && us >= last.openUs && us < last.closeUs) return last;
    const next = this.#pauseNext;
    if (next !== undefined && us >= this.#pauseFromUs && us < next.openUs) return undefined;
    const day = this.#localDay(us);
    const today = this.#onDay(day);
    if (today !== undefined && us >= today.openUs && us < today.closeUs) {
      this.#last = today;
      return today;
    }
    this.#pauseNext = today !== undefined && us < today.openUs ? today : this.#findAfter(day);
    this.#pauseFromUs = us;
    return undefined;
  }

  sessionAtOrAfter(us: number): Session {
    const found = this.sessionAt(us) ?? this.#pauseNext;
    return found ?? this.#after(this.#localDay(us));
  }

  isOpen(us: number): boolean {
    return this.sessionAt(us) !== undefined;
  }

  nextOpen(us: number): TimeUs {
    const found = this.sessionAtOrAfter(us);
    return found.openUs >= us ? found.openUs : this.nextSession(found.date).openUs;
  }

  previousClose(us: number): TimeUs {
    const day = this.#localDay(us);
    const today = this.#onDay(day);
    if (today !== undefined && today.closeUs <= us) return today.closeUs;
    return this.#before(day).closeUs;
  }

  nextSession(date: CivilDate): Session {
    return this.#after(dayNumber(date));
  }

  previousSession(date: CivilDate): Session {
    return this.#before(dayNumber(date));
  }

  sessions(fromUs: number, toUs: number): readonly Session[] {
    const found: Session[] = [];
    if (toUs <= fromUs) return found;
    const lastDay = this.#localDay(toUs);
    for (let day = this.#localDay(fromUs); day <= lastDay; day += 1) {
      const session = this.#onDay(day);
      if (session !== undefined && session.closeUs > fromUs && session.openUs < toUs) {
        found.push(session);
      }
    }
    return found;
  }

  tradeDate(us: number): CivilDate {
    const day = this.#localDay(us);
    return (this.#onDay(day) ?? this.#after(day)).date;
  }

  #localDay(us: number): number {
    return this.#rules.localDay(timeUs(us));
  }

  #findAfter(day: number): Session | undefined {
    for (let next = day + 1; next <= this.#lastDay; next += 1) {
      const session = this.#onDay(next);
      if (session !== undefined) return session;
    }
    return undefined;
  }

  #after(day: number): Session {
    this.#checkDay(day);
    return this.#findAfter(day) ?? this.#refuse(`a session after ${dateOfDay(day)}`);
  }

  #before(day: number): Session {
    this.#checkDay(day);
    for (let previous = day - 1; previous >= this.#firstDay; previous -= 1) {
      const session = this.#onDay(previous);
      if (session !== undefined) return session;
    }
    return this.#refuse(`a session before ${dateOfDay(day)}`);
  }

  #onDay(day: number): Session | undefined {
    const known = this.#byDay.get(day);
    if (known !== undefined) return known ?? undefined;
    this.#checkDay(day);
    const session = this.#rules.sessionOf(day);
    this.#byDay.set(day, session ?? null);
    return session;
  }

  #checkDay(day: number): void {
    if (day < this.#firstDay || day > this.#lastDay) this.#refuse(dateOfDay(day));
  }

  #refuse(asked: string): never {
    throw outOfRange(this.name, asked, [this.#rules.firstYear, this.#rules.lastYear]);
  }
}
