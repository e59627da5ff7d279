import { type Calendar, dayNumber, newYorkTimeUs, type Session } from '@capstan/calendar';
import { type TimeUs, timeUs, US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';

/** Which minutes of a day a live feed has: those of the regular session, or those before and after it too. */
export type LiveHours = 'regular' | 'extended';

/** A market as a feed sees it. */
export interface Market {
  readonly calendar: Calendar;
  readonly hours: LiveHours;
}

/** A span of trading, of which minutes are cut. */
interface Span {
  readonly openUs: number;
  readonly closeUs: number;
}

const FOUR = 4 * 60;
const FIVE_PM = 17 * 60;
const EIGHT_PM = 20 * 60;
const NEW_YORK = 'America/New_York';

/**
 * Returns the span of a session: with extended hours, on a day of a New York exchange, from 04:00 to 20:00, on one that closes early
 * to 17:00.
 */
export function spanOf({ calendar, hours }: Market, session: Session): Span {
  if (hours === 'regular' || calendar.timeZone !== NEW_YORK) return session;
  const day = dayNumber(session.date);
  const close = session.earlyClose ? FIVE_PM : EIGHT_PM;
  return { openUs: newYorkTimeUs(day, FOUR), closeUs: newYorkTimeUs(day, close) };
}

/** The minutes in which a feed, or a symbol of it, trades, known by their ends. It follows from calendars. */
export class MinuteGrid {
  readonly #markets: readonly Market[];
  #asked = { endUs: -1, has: false };

  constructor(markets: readonly Market[]) {
    this.#markets = markets;
  }

  /** Returns the minutes of some grids together. */
  static over(grids: readonly MinuteGrid[]): MinuteGrid {
    return new MinuteGrid(grids.flatMap((grid) => grid.#markets));
  }

  /** Tells whether a minute of the grid ends at a time. */
  has(endUs: number): boolean {
    // Every symbol of a slice asks for the same one.
    if (this.#asked.endUs !== endUs) {
      const isMinute = endUs % US_PER_MINUTE === 0;
      this.#asked = { endUs, has: isMinute && this.#markets.some((one) => spanAround(one, endUs)) };
    }
    return this.#asked.has;
  }

  /** Returns the first end after a time; `undefined` where there is no market. @throws CALENDAR.RANGE */
  next(afterUs: number): TimeUs | undefined {
    const nextUs = floorMinute(afterUs) + US_PER_MINUTE;
    if (this.has(nextUs)) return timeUs(nextUs);
    const opens = this.#markets.map((market) => nextOpenUs(market, nextUs));
    return opens.length === 0 ? undefined : timeUs(Math.min(...opens) + US_PER_MINUTE);
  }

  /** Returns the last end at or before a time, looking back a week; `undefined` where there is none. */
  last(atUs: number): TimeUs | undefined {
    const ends = this.#markets.flatMap((market) =>
      market.calendar
        .sessions(atUs - WEEK_US, atUs + US_PER_DAY)
        .map((session) => spanOf(market, session))
        .filter(({ openUs }) => openUs + US_PER_MINUTE <= atUs)
        .map(({ closeUs }) => Math.min(closeUs, floorMinute(atUs))),
    );
    return ends.length === 0 ? undefined : timeUs(Math.max(...ends));
  }

  /** Tells whether a session ends at a time. */
  closes(us: number): boolean {
    return this.#markets.some((market) => spanAround(market, us)?.closeUs === us);
  }

  /** Tells for how long, until a time, the market has been open without a pause; 0 where it is closed. */
  openForUs(atUs: number): number {
    const spans = this.#markets.map((market) => spanAround(market, atUs));
    return Math.max(0, ...spans.map((span) => (span === undefined ? 0 : atUs - span.openUs)));
  }
}

/** Returns where so many whole sessions before a time begin, with what there is of the one that goes on. @throws CALENDAR.RANGE */
export function historyFromUs(market: Market, beforeUs: number, sessions: number): TimeUs {
  if (sessions === 0) return timeUs(beforeUs);
  const { calendar } = market;
  let session = calendar.sessionAtOrAfter(beforeUs - US_PER_DAY);
  while (spanOf(market, session).closeUs < beforeUs) session = calendar.nextSession(session.date);
  for (let back = 0; back < sessions; back += 1) session = calendar.previousSession(session.date);
  return timeUs(spanOf(market, session).openUs);
}

export const floorMinute = (us: number): number => us - (us % US_PER_MINUTE);

const WEEK_US = 7 * US_PER_DAY;

/** Returns the span that a time lies in, its beginning excluded and its end included. */
function spanAround(market: Market, us: number): Span | undefined {
  return market.calendar
    .sessions(us - US_PER_DAY, us + US_PER_DAY)
    .map((session) => spanOf(market, session))
    .find(({ openUs, closeUs }) => openUs < us && us <= closeUs);
}

/** Returns the first open of which a minute can end at or after a time. */
function nextOpenUs(market: Market, us: number): number {
  let session = market.calendar.sessionAtOrAfter(us - US_PER_DAY);
  for (;;) {
    const { openUs } = spanOf(market, session);
    if (openUs + US_PER_MINUTE >= us) return openUs;
    session = market.calendar.nextSession(session.date);
  }
}
