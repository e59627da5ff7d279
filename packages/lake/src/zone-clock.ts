import { newYorkOffsetUs } from '@capstan/calendar';
import { AppError, US_PER_DAY, US_PER_MINUTE, US_PER_MS } from '@capstan/domain';

const QUARTER_US = 15 * US_PER_MINUTE;
const NEW_YORK = 'America/New_York';
/** New York's rule in the calendar is that since 1987. */
const NEW_YORK_FROM_US = Date.UTC(1987, 0, 1) * US_PER_MS;

/** A local time that is no time, or two. */
export type LocalTimeProblem = 'skipped' | 'doubled';

/** The clocks of one time zone: what they show at a time, and at what time they show it. */
export class ZoneClock {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #offsets = new Map<number, number>();

  /** @throws LAKE.ZONE unless the name is one of the IANA time zone database. */
  constructor(zone: string) {
    this.zone = zone;
    if (zone === 'UTC' || zone === NEW_YORK) return;
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (error) {
      throw new AppError({
        code: 'LAKE.ZONE',
        why: `'${zone}' is not a time zone.`,
        fix: 'Name one of the IANA database, such as America/New_York or UTC.',
        cause: error,
      });
    }
  }

  /** Returns what the clocks add to UTC at a time, in microseconds. */
  offsetUs(us: number): number {
    if (this.zone === 'UTC') return 0;
    if (this.#format === undefined && us >= NEW_YORK_FROM_US) return newYorkOffsetUs(us);
    const quarter = Math.floor(us / QUARTER_US);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = this.#ask(quarter * QUARTER_US);
    this.#offsets.set(quarter, offset);
    return offset;
  }

  /** Returns the local day number at a time: days since 1970-01-01. */
  localDay(us: number): number {
    return Math.floor((us + this.offsetUs(us)) / US_PER_DAY);
  }

  /** Returns the time at which the clocks show a local time, given as if it were UTC, or why there is no one such time. */
  utcUs(localUs: number): number | LocalTimeProblem {
    const before = localUs - this.offsetUs(localUs - US_PER_DAY);
    const after = localUs - this.offsetUs(localUs + US_PER_DAY);
    const shows = (us: number): boolean => us + this.offsetUs(us) === localUs;
    if (before === after) return before;
    if (shows(before)) return shows(after) ? 'doubled' : before;
    return shows(after) ? after : 'skipped';
  }

  #ask(us: number): number {
    const format = this.#format ?? newYorkFormat();
    const parts = new Map(
      format.formatToParts(us / US_PER_MS).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const shown = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return shown * US_PER_MS - us;
  }
}

function newYorkFormat(): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: NEW_YORK,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
