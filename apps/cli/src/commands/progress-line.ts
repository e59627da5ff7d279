import { grouped } from './metric-text.ts';

const WIDTH = 20;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;

/** How far something is. */
export interface Progress {
  readonly done: number;
  readonly count: number;
  /** Of `done`, those that were done before it began. */
  readonly before?: number;
  readonly elapsedMs: number;
  /** What is counted, where that is not plain. */
  readonly unit?: string;
}

/** Writes a progress bar with the rate and the time left: `█████░░░  45 %  1,234 of 2,700  812/s  0:12 left`. */
export function progressLine({ done, count, before = 0, elapsedMs, unit }: Progress): string {
  const counted = unit === undefined ? grouped(count) : `${grouped(count)} ${unit}`;
  const fraction = count === 0 ? 1 : done / count;
  const full = Math.floor(fraction * WIDTH);
  const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
  const rate = elapsedMs <= 0 ? 0 : ((done - before) / elapsedMs) * 1_000;
  const left = rate > 0 ? `${durationText((count - done) / rate)} left` : '';
  const percent = String(Math.floor(fraction * 100)).padStart(3);
  return `${bar} ${percent} %  ${grouped(done)} of ${counted}  ${rateText(rate)}  ${left}`.trimEnd();
}

function rateText(perSecond: number): string {
  return `${grouped(perSecond, perSecond < 10 ? 1 : 0)}/s`;
}

/** Writes a time in seconds: `0:07`, `1:02:03`, `3 days`, `11 years`. */
export function durationText(seconds: number): string {
  const days = seconds / SECONDS_PER_DAY;
  if (days >= 730) return `${grouped(days / 365)} years`;
  if (days >= 2) return `${grouped(days)} days`;
  const whole = Math.ceil(seconds);
  const hours = Math.floor(whole / SECONDS_PER_HOUR);
  const minutes = Math.floor((whole % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE);
  const rest = String(whole % SECONDS_PER_MINUTE).padStart(2, '0');
  return hours === 0
    ? `${minutes}:${rest}`
    : `${hours}:${String(minutes).padStart(2, '0')}:${rest}`;
}
