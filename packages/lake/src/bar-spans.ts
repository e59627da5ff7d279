import { type Calendar, dateOfDay, utcDayOf } from '@capstan/calendar';
import { AppError, type Timeframe, timeframeUs, US_PER_DAY } from '@capstan/domain';
import { ZoneClock } from './zone-clock.ts';

/** The clocks of each calendar's exchange. */
const EXCHANGE_ZONES: ReadonlyMap<string, string> = new Map([
  ['XNAS', 'America/New_York'],
  ['XNYS', 'America/New_York'],
  ['24x7', 'UTC'],
]);

/** The span of a bar, or why it has none. */
export interface SpanRules {
  readonly timeframe: Timeframe;
  /** Whether the file stamps the start of a bar or its end. */
  readonly stamp: 'start' | 'end';
  /** The zone whose dates daily stamps mean; else that of the calendar's exchange, and UTC where a stamp is midnight UTC. */
  readonly timeZone?: string;
  readonly calendar: Calendar;
}

/** Tells where the bar of a stamp begins and ends. */
export interface BarSpans {
  /** Sets {@link startUs} and {@link endUs} of a row. @returns false where a daily bar is of no session. */
  set(stampUs: number, row: number): boolean;
  startUs: number;
  endUs: number;
}

/** @throws LAKE.ZONE where the exchange's clocks are unknown and the file does not name a zone. */
export function barSpans(rules: SpanRules): BarSpans {
  const lengthUs = timeframeUs(rules.timeframe);
  return lengthUs === undefined ? new DailySpans(rules) : new IntradaySpans(rules, lengthUs);
}

class IntradaySpans implements BarSpans {
  startUs = 0;
  endUs = 0;
  readonly #lengthUs: number;
  readonly #backUs: number;

  constructor(rules: SpanRules, lengthUs: number) {
    this.#lengthUs = lengthUs;
    this.#backUs = rules.stamp === 'end' ? lengthUs : 0;
  }

  set(stampUs: number): boolean {
    this.startUs = stampUs - this.#backUs;
    this.endUs = this.startUs + this.#lengthUs;
    return true;
  }
}

/** A daily bar is its session: from the open to the close of the date that the stamp means. */
class DailySpans implements BarSpans {
  startUs = 0;
  endUs = 0;
  readonly #calendar: Calendar;
  readonly #clock: ZoneClock;
  readonly #named: boolean;
  readonly #backUs: number;

  constructor(rules: SpanRules) {
    const zone = rules.timeZone ?? EXCHANGE_ZONES.get(rules.calendar.name);
    if (zone === undefined) {
      throw new AppError({
        code: 'LAKE.ZONE',
        why: `the clocks of the calendar ${rules.calendar.name} are not known, so a daily stamp names no date.`,
        fix: 'Name the zone of the dates: timeZone, or --time-zone.',
      });
    }
    this.#calendar = rules.calendar;
    this.#clock = new ZoneClock(zone);
    this.#named = rules.timeZone !== undefined;
    this.#backUs = rules.stamp === 'end' ? 1 : 0;
  }

  set(stampUs: number): boolean {
    const isDate = !this.#named && stampUs % US_PER_DAY === 0;
    const us = stampUs - this.#backUs;
    const day = isDate ? utcDayOf(us) : this.#clock.localDay(us);
    const session = this.#calendar.session(dateOfDay(day));
    if (session === undefined) return false;
    this.startUs = session.openUs;
    this.endUs = session.closeUs;
    return true;
  }
}

/** Spans that are known, as those of stored bars; a daily one must be a session of the calendar. */
export class KnownSpans implements BarSpans {
  startUs = 0;
  endUs = 0;
  readonly #ends: Float64Array;
  readonly #calendar: Calendar | undefined;

  constructor(ends: Float64Array, calendar: Calendar | undefined) {
    this.#ends = ends;
    this.#calendar = calendar;
  }

  set(stampUs: number, row: number): boolean {
    this.startUs = stampUs;
    this.endUs = this.#ends[row] ?? 0;
    if (this.#calendar === undefined) return true;
    const session = this.#calendar.sessionAt(stampUs);
    return session !== undefined && session.openUs === stampUs && session.closeUs === this.endUs;
  }
}
