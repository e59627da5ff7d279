import { AppError } from '@capstan/domain';

/** Codes of the matcher: a value of its configuration cannot be used. */
export const MATCHER_CONFIG = 'ENGINE.MATCHER_CONFIG';
/** Codes of the matcher: a stored state cannot be read. */
export const MATCHER_SNAPSHOT = 'ENGINE.MATCHER_SNAPSHOT';

/** Builds the error for a configuration value that cannot be used. */
export function badConfig(key: string, value: number, rule: string): AppError {
  return new AppError({
    code: MATCHER_CONFIG,
    why: `matcher configuration: ${key} is ${value}.`,
    fix: `It must be ${rule}.`,
  });
}

/** Builds the error for a snapshot of a version that this code does not read. */
export function badSnapshot(version: number, known: number): AppError {
  return new AppError({
    code: MATCHER_SNAPSHOT,
    why: `matcher snapshot has version ${version}; this code reads version ${known}.`,
    fix: 'Restore it with the release that wrote it, and let its orders end there.',
  });
}
