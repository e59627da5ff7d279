import { readFile, stat } from 'node:fs/promises';
import { AppError } from '@capstan/domain';
import { fileError, writeError } from './file-error.ts';
import { LAKE_COLUMNS, type LakeBars, newLakeBars, viewRows } from './lake-bars.ts';
import { replaceFile } from './replace-file.ts';

/** Bars in a file that belongs to no series: their columns one after the other, as they are in memory. */
export interface BarPart {
  readonly path: string;
  readonly rows: number;
}

/** Writes bars to a file that is there whole or not at all. @throws LAKE.DISK, LAKE.WRITE */
export async function writeBarPart(path: string, bars: LakeBars): Promise<void> {
  const columns = LAKE_COLUMNS.map((name) => bytesOf(bars[name]));
  try {
    await replaceFile(path, columns);
  } catch (error) {
    throw writeError(path, error);
  }
}

/** Tells whether a file has the length of its rows. */
export async function isWholePart({ path, rows }: BarPart): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.size === rows * LAKE_COLUMNS.length * Float64Array.BYTES_PER_ELEMENT;
}

/** Reads files of bars into one set of columns, one file after the other. @throws LAKE.FILE, LAKE.DAMAGED */
export async function readBarParts(parts: readonly BarPart[]): Promise<LakeBars> {
  const bars = newLakeBars(parts.reduce((rows, part) => rows + part.rows, 0));
  let at = 0;
  for (const { path, rows } of parts) {
    await readInto(path, viewRows(bars, at, at + rows));
    at += rows;
  }
  return bars;
}

async function readInto(path: string, into: LakeBars): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(path, error);
  }
  const length = into.endUs.byteLength;
  if (bytes.length !== length * LAKE_COLUMNS.length) {
    throw new AppError({
      code: 'LAKE.DAMAGED',
      why: `${path}: it has ${bytes.length} bytes, not ${length * LAKE_COLUMNS.length}.`,
      fix: 'Remove it and run the same command again.',
    });
  }
  for (const [at, name] of LAKE_COLUMNS.entries()) {
    bytesOf(into[name]).set(bytes.subarray(at * length, (at + 1) * length));
  }
}

const bytesOf = (column: Float64Array): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
