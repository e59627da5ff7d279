import { AppError } from '@capstan/domain';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Says what is wrong where a file of a run could not be written: a full disk by its name. */
export function writeError(path: string, error: unknown): AppError {
  if (error instanceof AppError) {
    if (error.code !== 'LAKE.DISK' && error.code !== 'LAKE.WRITE') return error;
    return failed(path, error.code === 'LAKE.DISK', error);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return failed(path, FULL.has(code), error);
}

function failed(path: string, full: boolean, cause: unknown): AppError {
  const text = cause instanceof AppError ? cause.why : String(cause);
  return new AppError({
    code: full ? 'RUN.DISK' : 'RUN.WRITE',
    why: full
      ? `the disk is full: ${path} holds what was done until then.`
      : `${path} cannot be written: ${text}`,
    fix: full
      ? 'Free space and run the same command again.'
      : 'Check that the folder can be written, or choose another with --output-dir.',
    cause,
  });
}
