/** Days as a schedule names them, in the order of the week. */
export const SCHEDULE_DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type ScheduleDay = (typeof SCHEDULE_DAYS)[number];

/** Time zones whose clock changes are known. */
export const TIME_ZONES = [
  'UTC',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'Europe/London',
  'Europe/Berlin',
  'Asia/Hong_Kong',
  'Asia/Singapore',
  'Asia/Tokyo',
] as const;
export type TimeZone = (typeof TIME_ZONES)[number];

/** What becomes of an open position when the schedule ends: it stays until the strategy closes it, or is closed. */
export const SCHEDULE_ENDS = ['hold', 'flatten'] as const;
export type ScheduleEnd = (typeof SCHEDULE_ENDS)[number];

/**
 * When a bot may open: all bounds that are given hold at once, and one that is not given bounds nothing. Times are ends of
 * slices. A bot without a schedule may always.
 */
export interface BotSchedule {
  /** In the order of the week, each once. */
  readonly days?: readonly ScheduleDay[];
  /** First time of day, `HH:MM`, itself included. */
  readonly start?: string;
  /** Last time of day, `HH:MM` to `24:00`, itself excluded. Before `start` it means the next day; `days` then name the first. */
  readonly end?: string;
  /** The clock of `days`, `start` and `end`; that of each symbol's exchange unless given. */
  readonly timeZone?: TimeZone;
  /** Minutes after the session's open, from which on. */
  readonly afterOpenMinutes?: number;
  /** Minutes before the session's close, until which: that time itself is excluded. */
  readonly beforeCloseMinutes?: number;
  readonly atEnd: ScheduleEnd;
}

/** A schedule as somebody wrote it down. */
export interface ScheduleFields {
  readonly days?: readonly string[] | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly afterOpenMinutes?: number | undefined;
  readonly beforeCloseMinutes?: number | undefined;
  readonly atEnd?: string | undefined;
}

/** A schedule in its one form, or which of its keys cannot be, and the rule that it breaks. */
export type ReadSchedule =
  | { readonly kind: 'schedule'; readonly schedule: BotSchedule }
  | {
      readonly kind: 'problem';
      readonly key: keyof ScheduleFields | undefined;
      readonly rule: string;
    };

const MINUTES_PER_DAY = 1_440;

/** Reads a schedule: checks it, and brings equal ones into one form. */
export function readSchedule(fields: ScheduleFields): ReadSchedule {
  const { days, start, end, timeZone, afterOpenMinutes, beforeCloseMinutes, atEnd } = fields;
  const rule = (key: keyof ScheduleFields, words: string): ReadSchedule => ({
    kind: 'problem',
    key,
    rule: words,
  });
  const bounds = [days, start, end, afterOpenMinutes, beforeCloseMinutes];
  if (bounds.every((bound) => bound === undefined)) {
    const wanted = 'days, start, end, afterOpenMinutes or beforeCloseMinutes';
    return { kind: 'problem', key: undefined, rule: `must be always, or bound by ${wanted}` };
  }
  const known = SCHEDULE_DAYS.filter((day) => days?.includes(day));
  if (days !== undefined && (known.length === 0 || known.length !== days.length))
    return rule('days', `must be days among ${SCHEDULE_DAYS.join(', ')}, each once`);
  const startMinute = start === undefined ? 0 : minuteOfDay(start);
  if (startMinute === undefined || startMinute === MINUTES_PER_DAY)
    return rule('start', 'must be a time of day such as 09:35');
  const endMinute = end === undefined ? MINUTES_PER_DAY : minuteOfDay(end);
  if (endMinute === undefined || endMinute === 0)
    return rule('end', 'must be a time of day such as 15:55, or 24:00');
  if (startMinute === endMinute) return rule('end', 'must differ from start');
  const zone = TIME_ZONES.find((one) => one === timeZone);
  if (timeZone !== undefined && zone === undefined)
    return rule('timeZone', `must be one of ${TIME_ZONES.join(', ')}`);
  for (const key of ['afterOpenMinutes', 'beforeCloseMinutes'] as const)
    if (!isMinutes(fields[key])) return rule(key, 'must be whole minutes, 0 to 1440');
  const ends = SCHEDULE_ENDS.find((one) => one === (atEnd ?? 'hold'));
  if (ends === undefined) return rule('atEnd', `must be one of ${SCHEDULE_ENDS.join(', ')}`);
  return {
    kind: 'schedule',
    schedule: {
      ...(days === undefined ? {} : { days: known }),
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(zone === undefined ? {} : { timeZone: zone }),
      ...(afterOpenMinutes === undefined ? {} : { afterOpenMinutes }),
      ...(beforeCloseMinutes === undefined ? {} : { beforeCloseMinutes }),
      atEnd: ends,
    },
  };
}

function isMinutes(value: number | undefined): boolean {
  if (value === undefined) return true;
  return Number.isSafeInteger(value) && value >= 0 && value <= MINUTES_PER_DAY;
}

/** Returns the minutes after midnight of `HH:MM`, up to `24:00`; `undefined` where the text is no such time. */
export function minuteOfDay(text: string): number | undefined {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minute <= MINUTES_PER_DAY ? minute : undefined;
}

/** Writes a schedule in a few words: `mon-fri 09:35-15:55`, `open+5m close-10m, then flat`. */
export function scheduleText(schedule: BotSchedule | undefined): string {
  if (schedule === undefined) return 'always';
  const { days, start, end, timeZone, afterOpenMinutes, beforeCloseMinutes, atEnd } = schedule;
  const hasHours = start !== undefined || end !== undefined;
  const parts = [
    ...(days === undefined ? [] : [daysText(days)]),
    ...(hasHours ? [`${start ?? '00:00'}-${end ?? '24:00'}`] : []),
    ...(timeZone === undefined ? [] : [timeZone]),
    ...(afterOpenMinutes === undefined ? [] : [`open+${afterOpenMinutes}m`]),
    ...(beforeCloseMinutes === undefined ? [] : [`close-${beforeCloseMinutes}m`]),
  ];
  return `${parts.join(' ')}${atEnd === 'flatten' ? ', then flat' : ''}`;
}

function daysText(days: readonly ScheduleDay[]): string {
  const first = days[0];
  const from = first === undefined ? 0 : SCHEDULE_DAYS.indexOf(first);
  const isRun = days.length > 2 && days.every((day, index) => SCHEDULE_DAYS[from + index] === day);
  return isRun ? `${first}-${days.at(-1)}` : days.join(',');
}

/** Tells whether two schedules say the same. */
export function sameSchedule(a: BotSchedule | undefined, b: BotSchedule | undefined): boolean {
  return scheduleText(a) === scheduleText(b);
}
