import { dateOfDay, utcDayOf } from '@capstan/calendar';
import { type TimeUs, US_PER_DAY, US_PER_MINUTE, US_PER_SECOND } from '@capstan/domain';

const MINUTES_PER_HOUR = 60;

/** Writes a time as `2024-01-31T14:30:00Z`, for messages; parts of a second are left out. */
export function utcText(us: TimeUs): string {
  const day = utcDayOf(us);
  const rest = us - day * US_PER_DAY;
  const minutes = Math.floor(rest / US_PER_MINUTE);
  const seconds = Math.floor((rest % US_PER_MINUTE) / US_PER_SECOND);
  const clock = [Math.floor(minutes / MINUTES_PER_HOUR), minutes % MINUTES_PER_HOUR, seconds]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return `${dateOfDay(day)}T${clock}Z`;
}
