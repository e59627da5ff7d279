import { AppError, type BotSchedule, readSchedule } from '@capstan/domain';
import type { CliErrorCode } from '../error-codes.ts';

/** The options of `bots create` that say when the bot may open. */
export interface ScheduleOptions {
  readonly days?: readonly string[];
  readonly start?: string;
  readonly end?: string;
  readonly timeZone?: string;
  readonly afterOpen?: number;
  readonly beforeClose?: number;
  readonly atEnd?: string;
}

const OPTIONS = {
  days: '--days',
  start: '--start',
  end: '--end',
  timeZone: '--time-zone',
  afterOpenMinutes: '--after-open',
  beforeCloseMinutes: '--before-close',
  atEnd: '--at-end',
} as const;

/** Reads when a bot may open. @throws CLI.USAGE naming the option */
export function scheduleOf(options: ScheduleOptions): BotSchedule | 'always' {
  const { days, start, end, timeZone, afterOpen, beforeClose, atEnd } = options;
  const given = { days, start, end, timeZone, atEnd };
  const fields = { ...given, afterOpenMinutes: afterOpen, beforeCloseMinutes: beforeClose };
  if (Object.values(fields).every((value) => value === undefined)) return 'always';
  const read = readSchedule(fields);
  if (read.kind === 'schedule') return read.schedule;
  const option = read.key === undefined ? 'The schedule' : OPTIONS[read.key];
  const code = 'CLI.USAGE' satisfies CliErrorCode;
  const fix = 'See `capstan bots create --help`.';
  throw new AppError({ code, why: `${option} ${read.rule}.`, fix });
}
