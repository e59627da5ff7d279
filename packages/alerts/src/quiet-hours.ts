import { zoneOffsetUs } from '@capstan/calendar';
import {
  minuteOfDay,
  type TimeUs,
  type TimeZone,
  US_PER_DAY,
  US_PER_MINUTE,
} from '@capstan/domain';

/** Hours in which only what is critical is sent, by the clocks of a time zone; over midnight where `from` is after `to`. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly timeZone: TimeZone;
}

/** Quiet hours as they are read, or which key is wrong. */
export type ReadQuietHours =
  | { readonly kind: 'quietHours'; readonly quietHours: QuietHours }
  | { readonly kind: 'problem'; readonly key: 'from' | 'to'; readonly rule: string };

/** Reads quiet hours as a person writes them: `22:00` to `07:00`. */
export function readQuietHours(from: string, to: string, timeZone: TimeZone): ReadQuietHours {
  const problem = (key: 'from' | 'to', rule: string): ReadQuietHours => ({
    kind: 'problem',
    key,
    rule,
  });
  const fromMinute = minuteOfDay(from);
  if (fromMinute === undefined || fromMinute === MINUTES_PER_DAY)
    return problem('from', 'must be a time of day such as 22:00');
  const toMinute = minuteOfDay(to);
  if (toMinute === undefined) return problem('to', 'must be a time of day such as 07:00, or 24:00');
  if (fromMinute === toMinute % MINUTES_PER_DAY) return problem('to', 'must differ from `from`');
  return { kind: 'quietHours', quietHours: { fromMinute, toMinute, timeZone } };
}

const MINUTES_PER_DAY = US_PER_DAY / US_PER_MINUTE;

/** Tells whether a time is in quiet hours; their end is not. */
export function isQuiet({ fromMinute, toMinute, timeZone }: QuietHours, atUs: TimeUs): boolean {
  const local = atUs + zoneOffsetUs(timeZone, atUs);
  const minute = Math.floor(local / US_PER_MINUTE) % MINUTES_PER_DAY;
  if (fromMinute < toMinute) return fromMinute <= minute && minute < toMinute;
  return minute >= fromMinute || minute < toMinute;
}
