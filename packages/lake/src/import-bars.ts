import { basename } from 'node:path';
import { AppError } from '@capstan/domain';
import { type BarsReport, refusedError } from './bars-report.ts';
import type { Lake } from './lake.ts';
import type { LakeBars } from './lake-bars.ts';
import type { SeriesManifest, SettledAnomaly } from './manifest.ts';
import { mergeBars } from './merge-bars.ts';
import { type BarSourceOptions, readTables, settleTables } from './read-bars-from-file.ts';
import { type SeriesKey, seriesText } from './series-key.ts';

/**
 * What happens where the lake has the series: `create` refuses, `replace` puts the new bars in its place, `merge` adds to it and
 * requires that bars which are there are the same.
 */
export const IMPORT_MODES = ['create', 'replace', 'merge'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

export interface ImportOptions extends Omit<BarSourceOptions, 'fromUs' | 'toUs' | 'shared'> {
  readonly venue: string;
  /** `create` unless told. */
  readonly mode?: ImportMode;
  /** Judges the file and writes nothing. */
  readonly dryRun?: boolean;
  /** Told after each series that was written. */
  readonly onWritten?: (series: ImportedSeries) => void;
}

/** A series that an import has written. */
export interface ImportedSeries {
  readonly manifest: SeriesManifest;
  readonly added: number;
  /** Bars that were there already, alike in every number. */
  readonly repeated: number;
}

export interface ImportResult {
  /** A report a symbol of the file, sorted by symbol. */
  readonly reports: readonly BarsReport[];
  /** True where a rule refuses a row: nothing was written. */
  readonly refused: boolean;
  /** None in a dry run. */
  readonly written: readonly ImportedSeries[];
}

/**
 * Brings a file of bars into the lake, a series a symbol. Either every row passes the rules, or nothing is written. Each series is
 * written whole or stays as it was; where the disk fills, those before it are kept.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE, LAKE.ZONE, LAKE.ALIGNMENT, LAKE.EXISTS, LAKE.CONFLICT, LAKE.DISK, LAKE.BUSY,
 * LAKE.WRITE. Rows that a rule refuses are in the result, not thrown.
 */
export async function importBars(lake: Lake, options: ImportOptions): Promise<ImportResult> {
  const { venue } = options;
  const registry = await lake.instruments(venue);
  const instrumentOf = options.instrumentOf ?? ((symbol: string) => registry.bySymbol(symbol));
  const source = { ...options, instrumentOf };
  const file = await readTables(source);
  const { settled, reports } = settleTables(file, source);
  const refused = reports.some((report) => report.refused);
  if (refused) return { reports, refused, written: [] };
  const plans = [];
  for (const one of settled) {
    if (one.bars.startUs.length > 0) plans.push(await plan(lake, options, one));
  }
  if (options.dryRun === true) return { reports, refused, written: [] };
  const written: ImportedSeries[] = [];
  const name = basename(options.path);
  for (const { series, before, added, repeated } of plans) {
    const sources = [...(before?.sources ?? []), { name, sha256: file.file.sha256 }];
    try {
      const manifest = await lake.write({ ...series, sources });
      const done = { manifest, added, repeated };
      written.push(done);
      options.onWritten?.(done);
    } catch (error) {
      throw withDone(error, written);
    }
  }
  return { reports, refused, written };
}

/** Throws for the rows that a rule refuses, as one error. @throws LAKE.REFUSED */
export function requirePassed(path: string, result: ImportResult): void {
  if (result.refused) throw refusedError(path, result.reports);
}

type Settled = ReturnType<typeof settleTables>['settled'][number];

/** Works out what a series will be, beside what is there. */
async function plan(lake: Lake, options: ImportOptions, one: Settled) {
  const { mode = 'create', venue } = options;
  const { description, instrument, symbol, report } = one;
  const key: SeriesKey = {
    venue,
    symbol,
    timeframe: description.timeframe,
    alignment: description.alignment,
    adjustment: description.adjustment,
  };
  const standing = await lake.manifest(key);
  if (standing !== undefined && mode === 'create') throw exists(standing);
  const before = mode === 'merge' ? standing : undefined;
  const anomalies = settledAnomalies(report);
  const base = { key, instrument, notes: report.notes };
  if (before === undefined) {
    const bars = one.bars;
    return {
      series: { ...base, bars, anomalies },
      before,
      added: bars.startUs.length,
      repeated: 0,
    };
  }
  if (before.instrument.quantityScale !== instrument.quantityScale) throw otherScale(before);
  const old: LakeBars = (await lake.read(before)).bars;
  const merged = mergeBars(seriesText(key), old, one.bars);
  const all = [...before.anomalies, ...anomalies];
  const notes = [...new Set([...before.notes, ...report.notes])];
  const series = { ...base, notes, bars: merged.bars, anomalies: addUp(all) };
  return { series, before, added: merged.added, repeated: merged.repeated };
}

/** What the manifest keeps of a report: how many rows of each kind, and what was done with them. */
export function settledAnomalies(report: BarsReport): readonly SettledAnomaly[] {
  return report.anomalies.map(({ kind, action, count }) => ({ kind, action, count }));
}

/** Adds up anomalies of one kind that were treated alike. */
export function addUp(anomalies: readonly SettledAnomaly[]): readonly SettledAnomaly[] {
  const sums = new Map<string, SettledAnomaly>();
  for (const one of anomalies) {
    const key = `${one.kind} ${one.action}`;
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

function withDone(error: unknown, written: readonly ImportedSeries[]): unknown {
  if (!(error instanceof AppError) || written.length === 0) return error;
  const names = written.map(({ manifest }) => seriesText(manifest)).join(', ');
  return new AppError({
    code: error.code,
    why: `${error.why} Written before it, and kept: ${names}.`,
    fix: `Then run it again with --merge: bars that are there are not doubled. ${error.fix ?? ''}`.trim(),
    retry: error.retry,
    cause: error,
  });
}

function exists(manifest: SeriesManifest): AppError {
  return new AppError({
    code: 'LAKE.EXISTS',
    why: `the lake has ${seriesText(manifest)} with ${manifest.rows} bars.`,
    fix: 'Add to it with --merge, or put the new bars in its place with --replace.',
  });
}

/** The failure of bars whose volumes are counted otherwise than those that are there. */
export function otherScale(manifest: SeriesManifest): AppError {
  return new AppError({
    code: 'LAKE.CONFLICT',
    why: `${seriesText(manifest)} has volumes with ${manifest.instrument.quantityScale} decimals, the new bars have others.`,
    fix: 'Import with the same quantity scale, or replace the series.',
  });
}
