import { AppError } from '@capstan/domain';

/** Codes of the operating system that say that nothing more can be written. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FULL_TEXT = /no space left|disk quota|file too large|disk is full/i;

/** Says what is wrong with a file that could not be read; an error that says it already is passed on. */
export function fileError(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const missing = codeOf(error) === 'ENOENT';
  const what = codeOf(error) === 'EISDIR' ? 'it is a folder' : textOf(error);
  return new AppError({
    code: 'LAKE.FILE',
    why: missing ? `${path}: there is no such file.` : `${path}: ${what}.`,
    fix: missing
      ? 'Name a CSV file of bars, plain or gzip, or a Parquet file.'
      : 'It must be a CSV file of bars with a header, plain or gzip, or a Parquet file.',
    cause: error,
  });
}

/** Says what is wrong where the lake could not be written: a full disk by its name. */
export function writeError(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const full = isDiskFull(error);
  return new AppError({
    code: full ? 'LAKE.DISK' : 'LAKE.WRITE',
    why: full
      ? `${path}: the disk is full; what was there is as it was before.`
      : `${path}: ${textOf(error)}.`,
    fix: full
      ? 'Free space, then run the same command again: what was done before it is kept.'
      : 'Check that the folder can be written.',
    cause: error,
  });
}

/** Tells whether an error says that there is no more room. */
export function isDiskFull(error: unknown): boolean {
  return FULL.has(codeOf(error) ?? '') || FULL_TEXT.test(textOf(error));
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ').replace(/\.$/, '');
}
