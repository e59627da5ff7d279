import { type Calendar, dayNumber, newYorkTimeUs, type Session } from '@capstan/calendar';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';

const PRE_MARKET_MINUTE = 4 * 60;
const POST_MARKET_US = 4 * 60 * US_PER_MINUTE;

/** The hours in which orders for extended hours work: from 04:00 in New York to four hours after the close. */
export class ExtendedCalendar implements Calendar {
  readonly name = 'XNYS-extended';
  readonly timeZone: Calendar['timeZone'];
  readonly #regular: Calendar;

  constructor(regular: Calendar) {
    this.#regular = regular;
    this.timeZone = regular.timeZone;
  }

  session(date: string): Session | undefined {
    const session = this.#regular.session(date);
    return session === undefined ? undefined : extended(session);
  }

  closure(date: string): string | undefined {
    return this.#regular.closure(date);
  }

  sessionAt(us: number): Session | undefined {
    const next = this.sessionAtOrAfter(us);
    return next.openUs <= us ? next : undefined;
  }

  sessionAtOrAfter(us: number): Session {
    // The hours after a close belong to the session before.
    const found = extended(this.#regular.sessionAtOrAfter(us));
    if (found.openUs <= us) return found;
    const before = extended(this.#regular.previousSession(found.date));
    return us < before.closeUs ? before : found;
  }

  isOpen(us: number): boolean {
    return this.sessionAt(us) !== undefined;
  }

  nextOpen(us: number): Session['openUs'] {
    const found = this.sessionAtOrAfter(us);
    return found.openUs >= us ? found.openUs : this.nextSession(found.date).openUs;
  }

  previousClose(us: number): Session['closeUs'] {
    const found = this.sessionAtOrAfter(us);
    return this.previousSession(found.date).closeUs;
  }

  nextSession(date: string): Session {
    return extended(this.#regular.nextSession(date));
  }

  previousSession(date: string): Session {
    return extended(this.#regular.previousSession(date));
  }

  sessions(fromUs: number, toUs: number): readonly Session[] {
    return this.#regular
      .sessions(fromUs - POST_MARKET_US, toUs + POST_MARKET_US * 2)
      .map(extended)
      .filter(({ openUs, closeUs }) => closeUs > fromUs && openUs < toUs);
  }

  tradeDate(us: number): string {
    return this.#regular.tradeDate(us);
  }
}

function extended(session: Session): Session {
  return {
    ...session,
    openUs: timeUs(newYorkTimeUs(dayNumber(session.date), PRE_MARKET_MINUTE)),
    closeUs: timeUs(session.closeUs + POST_MARKET_US),
  };
}
