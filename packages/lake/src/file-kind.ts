import { AppError } from '@capstan/domain';

const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** Bytes that are looked at. */
const LOOKED_AT = 1_024;
const FIRST_PRINTABLE = 32;
/** Tab, newline, form feed, return: control characters that texts have. */
const TEXT_CONTROLS = new Set([9, 10, 12, 13]);

/** Tells whether a file begins like gzip. */
export function isGzip(first: Uint8Array): boolean {
  return GZIP_MAGIC.every((byte, at) => first[at] === byte);
}

/**
 * Requires that a file that is read as CSV begins as its name says.
 * @throws LAKE.FILE saying what it is not.
 */
export function requireNamedKind(path: string, first: Uint8Array): void {
  if (path.endsWith('.parquet')) {
    throw notThat(path, "its name says Parquet, and it does not begin with 'PAR1'");
  }
  if (path.endsWith('.gz') && !isGzip(first)) {
    throw notThat(path, 'its name says gzip, and it does not begin like that');
  }
}

/** Requires that what was read, and unpacked where it was packed, is text. @throws LAKE.FILE */
export function requireText(path: string, first: Uint8Array): void {
  const looked = first.subarray(0, LOOKED_AT);
  const at = looked.findIndex((byte) => byte < FIRST_PRINTABLE && !TEXT_CONTROLS.has(byte));
  if (at < 0) return;
  throw notThat(path, `it is no text: byte ${at + 1} is ${looked[at]}`);
}

function notThat(path: string, what: string): AppError {
  return new AppError({
    code: 'LAKE.FILE',
    why: `${path}: ${what}.`,
    fix: 'It must be a CSV file of bars with a header, plain or gzip, or a Parquet file.',
  });
}
