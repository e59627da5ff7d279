import { type Calendar, dayNumber, newYorkTimeUs, type Session } from '@capstan/calendar';
import { assert, type TimeUs, timeUs, US_PER_MINUTE } from '@capstan/domain';

/** The market's first day and the end of what it knows. */
export const MARKET_FIRST_DATE = '2016-01-04';
export const MARKET_LAST_DATE = '2031-12-31';

/** Minutes after New York's midnight. */
export const PRE_MARKET_MINUTE = 4 * 60;
const POST_MARKET_MINUTES = 4 * 60;

/** A trading day: its regular session and the hours around it. Minutes count from New York's midnight. */
export interface TradingDay {
  /** Its number among the trading days of the market, from 0. */
  readonly index: number;
  readonly date: string;
  readonly dayNumber: number;
  /** New York's midnight, by the clock's offset during the day's trading. */
  readonly midnightUs: TimeUs;
  readonly openUs: TimeUs;
  readonly closeUs: TimeUs;
  readonly openMinute: number;
  readonly closeMinute: number;
  /** When trading after the close ends: 20:00, or 17:00 after an early close. */
  readonly lastMinute: number;
}

/** The trading days of the emulated market, by number and by date. */
export class SessionDays {
  readonly all: readonly TradingDay[];
  readonly #byDayNumber: ReadonlyMap<number, TradingDay>;

  constructor(calendar: Calendar) {
    const from = newYorkTimeUs(dayNumber(MARKET_FIRST_DATE), PRE_MARKET_MINUTE);
    const to = newYorkTimeUs(dayNumber(MARKET_LAST_DATE), 24 * 60 - 1);
    this.all = calendar.sessions(from, to).map(tradingDay);
    this.#byDayNumber = new Map(this.all.map((day) => [day.dayNumber, day]));
  }

  at(index: number): TradingDay {
    const day = this.all[index];
    assert(day !== undefined, `the market has no trading day ${index}`);
    return day;
  }

  on(day: number): TradingDay | undefined {
    return this.#byDayNumber.get(day);
  }

  /** Tells whether a time lies between the first and the last trading day. */
  covers(us: number): boolean {
    const last = this.at(this.all.length - 1);
    return us >= this.at(0).midnightUs && us < last.closeUs;
  }

  /** Returns the number of the first trading day whose last trade is after a time; the count of all days where there is none. */
  firstEndingAfter(us: number): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const day = this.at(middle);
      if (day.midnightUs + day.lastMinute * US_PER_MINUTE > us) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function tradingDay(session: Session, index: number): TradingDay {
  const day = dayNumber(session.date);
  const midnightUs = timeUs(
    newYorkTimeUs(day, PRE_MARKET_MINUTE) - PRE_MARKET_MINUTE * US_PER_MINUTE,
  );
  const minuteOf = (us: number): number => Math.round((us - midnightUs) / US_PER_MINUTE);
  const closeMinute = minuteOf(session.closeUs);
  return {
    ...{ index, date: session.date, dayNumber: day, midnightUs, closeMinute },
    openUs: session.openUs,
    closeUs: session.closeUs,
    openMinute: minuteOf(session.openUs),
    lastMinute: closeMinute + POST_MARKET_MINUTES,
  };
}
