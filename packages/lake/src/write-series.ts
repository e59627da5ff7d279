import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instrument, timeframeUs, US_PER_MS } from '@capstan/domain';
import { writeError } from './file-error.ts';
import { type BarsDescription, fingerprintBars } from './fingerprint.ts';
import { withFolderLock } from './folder-lock.ts';
import { type LakeBars, viewRows } from './lake-bars.ts';
import { SINGLE_FILE_ROWS_MAX } from './limits.ts';
import {
  MANIFEST_FILE,
  manifestText,
  type SeriesManifest,
  type SeriesPart,
  type SeriesSource,
  type SettledAnomaly,
} from './manifest.ts';
import { writeParquetPart } from './parquet-part.ts';
import { flushFile, replaceFile } from './replace-file.ts';
import { type SeriesKey, seriesFolder } from './series-key.ts';

/** A series to be written. */
export interface SeriesToWrite {
  readonly key: SeriesKey;
  readonly instrument: Instrument;
  /** At least one row; strictly increasing. */
  readonly bars: LakeBars;
  readonly sources: readonly SeriesSource[];
  readonly anomalies?: readonly SettledAnomaly[];
  readonly notes?: readonly string[];
}

const PART_FILE = /\.parquet$|\.tmp$/;

/**
 * Writes a series as a set: part files under names of their own, then the manifest, then what it no longer names is removed. Until
 * the manifest is renamed the series is what it was, whatever happens.
 * @param root the lake.
 * @throws LAKE.DISK where the disk is full, LAKE.BUSY where another process writes it, LAKE.WRITE.
 */
export async function writeSeries(root: string, series: SeriesToWrite): Promise<SeriesManifest> {
  const folder = join(root, seriesFolder(series.key));
  try {
    await mkdir(folder, { recursive: true });
    return await withFolderLock(folder, () => writeParts(folder, series));
  } catch (error) {
    throw writeError(folder, error);
  }
}

async function writeParts(folder: string, series: SeriesToWrite): Promise<SeriesManifest> {
  const parts: SeriesPart[] = [];
  try {
    for (const { label, from, to } of planParts(series)) {
      parts.push(await writePart(folder, label, viewRows(series.bars, from, to)));
    }
    const manifest = describe(series, parts);
    await replaceFile(join(folder, MANIFEST_FILE), manifestText(manifest));
    await removeOthers(folder, new Set(parts.map(({ file }) => file)));
    return manifest;
  } catch (error) {
    await removeUnnamed(folder, parts).catch(() => undefined);
    throw error;
  }
}

interface PlannedPart {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** A file a UTC year where an intraday series is large, else one. */
function planParts({ key, bars }: SeriesToWrite): readonly PlannedPart[] {
  const rows = bars.startUs.length;
  if (timeframeUs(key.timeframe) === undefined || rows <= SINGLE_FILE_ROWS_MAX) {
    return [{ label: 'all', from: 0, to: rows }];
  }
  const parts: PlannedPart[] = [];
  let from = 0;
  while (from < rows) {
    const year = yearOf(bars.startUs[from] ?? 0);
    let to = from;
    while (to < rows && yearOf(bars.startUs[to] ?? 0) === year) to += 1;
    parts.push({ label: String(year), from, to });
    from = to;
  }
  return parts;
}

const yearOf = (us: number): number => new Date(us / US_PER_MS).getUTCFullYear();

/** Writes one part under a temporary name and gives it the name of its content. */
async function writePart(folder: string, label: string, bars: LakeBars): Promise<SeriesPart> {
  const temporary = join(folder, `${label}-${process.pid}.tmp`);
  await writeParquetPart(temporary, bars);
  const { sha256, bytes } = await digestOf(temporary);
  const file = `${label}-${sha256.slice(0, 12)}.parquet`;
  await flushFile(temporary);
  await rename(temporary, join(folder, file));
  const rows = bars.startUs.length;
  return {
    file,
    rows,
    firstStartUs: bars.startUs[0] ?? 0,
    lastEndUs: bars.endUs[rows - 1] ?? 0,
    bytes,
    sha256,
  };
}

/** Returns the SHA-256 and the length of a file. */
export async function digestOf(
  path: string,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function removeOthers(folder: string, named: ReadonlySet<string>): Promise<void> {
  for (const file of await readdir(folder)) {
    if (PART_FILE.test(file) && !named.has(file)) await rm(join(folder, file), { force: true });
  }
}

/** After a failure: removes what was written and the standing manifest does not name. */
async function removeUnnamed(folder: string, parts: readonly SeriesPart[]): Promise<void> {
  const { readManifest } = await import('./manifest.ts');
  const standing = await readManifest(folder).catch(() => undefined);
  const named = new Set(standing?.parts.map(({ file }) => file) ?? []);
  for (const { file } of parts) {
    if (!named.has(file)) await rm(join(folder, file), { force: true });
  }
  for (const file of await readdir(folder)) {
    if (file.endsWith('.tmp')) await rm(join(folder, file), { force: true });
  }
}

function describe(series: SeriesToWrite, parts: readonly SeriesPart[]): SeriesManifest {
  const { key, instrument, bars } = series;
  const rows = bars.startUs.length;
  const { alignment = 'session', adjustment = 'raw', venue, symbol, timeframe } = key;
  const description: BarsDescription = {
    instrumentId: instrument.instrumentId,
    timeframe,
    alignment,
    adjustment,
    quantityScale: instrument.quantityScale,
  };
  const lengthUs = commonLengthUs(bars);
  return {
    venue,
    symbol,
    timeframe,
    alignment,
    adjustment,
    instrument,
    sources: series.sources,
    ...(lengthUs === undefined ? {} : { lengthUs }),
    rows,
    firstStartUs: bars.startUs[0] ?? 0,
    lastEndUs: bars.endUs[rows - 1] ?? 0,
    fingerprint: fingerprintBars(description, bars),
    parts,
    anomalies: series.anomalies ?? [],
    notes: series.notes ?? [],
  };
}

function commonLengthUs({ startUs, endUs }: LakeBars): number | undefined {
  const length = (endUs[0] ?? 0) - (startUs[0] ?? 0);
  for (let row = 1; row < startUs.length; row += 1) {
    if ((endUs[row] ?? 0) - (startUs[row] ?? 0) !== length) return undefined;
  }
  return length;
}
