import { rename, rm } from 'node:fs/promises';
import { writeError } from './file-error.ts';
import { type LakeBars, newLakeBars } from './lake-bars.ts';
import { readParquetParts, writeParquetPart } from './parquet-part.ts';

/** Bars in a Parquet file that belongs to no series. */
export interface BarPart {
  readonly path: string;
  readonly rows: number;
}

/** Writes bars to a file that is there whole or not at all. @throws LAKE.DISK, LAKE.WRITE */
export async function writeBarPart(path: string, bars: LakeBars): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeParquetPart(temporary, bars);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(path, error);
  }
}

/** Reads files of bars into one set of columns, one file after the other. */
export async function readBarParts(parts: readonly BarPart[]): Promise<LakeBars> {
  const bars = newLakeBars(parts.reduce((rows, part) => rows + part.rows, 0));
  if (parts.length > 0) await readParquetParts({ paths: parts.map(({ path }) => path) }, bars);
  return bars;
}
