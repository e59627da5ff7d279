import { dayNumber } from '@capstan/calendar';
import { AppError } from '@capstan/domain';
import { InvalidArgumentError, Option } from 'commander';

/** Reads a port number, 0 for any. */
export function portArgument(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be 0 (any free one) to 65535.');
  return port;
}

/** Reads how fast a feed plays: `max`, or how many times faster than the market. */
export function speedArgument(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (speed > 0 && speed <= 1_000_000) return speed;
  throw new InvalidArgumentError(
    "It must be a number such as 60 (a minute bar a second), or 'max'.",
  );
}

/** Reads a count from 1. */
export function countArgument(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}

/** Reads a count of days, at most a year of them. */
export function daysArgument(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 366) return days;
  throw new InvalidArgumentError('It must be a whole number of days, 1 to 366.');
}

/** Reads a date of the civil calendar. */
export function dateArgument(text: string): string {
  try {
    dayNumber(text);
    return text;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new InvalidArgumentError('It must be a date such as 2026-01-31.');
  }
}

/** Reads minutes of a day. */
export function minutesArgument(text: string): number {
  const minutes = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (minutes <= 1_440) return minutes;
  throw new InvalidArgumentError('It must be whole minutes, 0 to 1440.');
}

/** The option that says which stack a command is about. */
export function dataDirOption(): Option {
  return new Option(
    '--data-dir <dir>',
    'the data directory of the stack (default: the running one)',
  );
}

/** The option that asks for JSON. */
export function jsonOption(): Option {
  return new Option('--json', 'write JSON instead of a table');
}
