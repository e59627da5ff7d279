import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type Timeframe } from '@capstan/domain';
import { blocksOf } from '@capstan/indicators';
import { readStoredActions, type StoredActions } from './action-store.ts';
import { type CorporateAction, requireRaw } from './corporate-action.ts';
import { fileError } from './file-error.ts';
import {
  type InstrumentRegistry,
  type RegisteredInstrument,
  readInstruments,
} from './instrument-registry.ts';
import { firstRowFrom, type LakeBars, newLakeBars, viewRows } from './lake-bars.ts';
import { descriptionOf, LoadedSeries } from './loaded-series.ts';
import { readManifest, type SeriesManifest } from './manifest.ts';
import { noRange, noSeries } from './missing.ts';
import { readParquetParts } from './parquet-part.ts';
import {
  type Adjustment,
  type Alignment,
  type SeriesKey,
  seriesFolder,
  seriesText,
  unescapeName,
} from './series-key.ts';
import { type SeriesToWrite, writeSeries } from './write-series.ts';

/** What is asked of the lake; what is left out may be anything, but must be one thing. */
export interface SeriesQuery {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly venue?: string;
  /** `session` where there is one, else `clock`, unless told. */
  readonly alignment?: Alignment;
  /** `raw` unless told. */
  readonly adjustment?: Adjustment;
}

/** Which bars of a series are read, and where to. */
export interface ReadOptions {
  /** Only bars that start at or after this time. */
  readonly fromUs?: number;
  /** Only bars that start before this time. */
  readonly toUs?: number;
  /** So many bars before `fromUs` too, where there are any; none unless told. */
  readonly before?: number;
  /** Columns on shared memory, for worker threads. */
  readonly shared?: boolean;
}

/** Raw bars and what their company did meanwhile. */
export interface SeriesWithActions {
  readonly series: LoadedSeries;
  /** All that the lake has of the symbol, sorted by ex-date; none where it has none. */
  readonly actions: readonly CorporateAction[];
}

/** A catalogue of bars on disk: `<root>/<venue>/<symbol>/<timeframe>/`. */
export class Lake {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Returns every series, sorted by venue, symbol and folder; none where the lake does not exist. @throws LAKE.DAMAGED */
  async list(): Promise<readonly SeriesManifest[]> {
    const found: SeriesManifest[] = [];
    for (const venue of await folders(this.root)) {
      for (const symbol of await folders(join(this.root, venue))) {
        for (const series of await folders(join(this.root, venue, symbol))) {
          const manifest = await readManifest(join(this.root, venue, symbol, series));
          if (manifest !== undefined) found.push(manifest);
        }
      }
    }
    return found;
  }

  /** Returns the manifest of a series, `undefined` where the lake has none. @throws LAKE.DAMAGED */
  manifest(key: SeriesKey): Promise<SeriesManifest | undefined> {
    return readManifest(join(this.root, seriesFolder(key)));
  }

  /**
   * Finds the one series that a query means.
   * @throws LAKE.NO_SERIES with what the lake has and the command that brings it in, LAKE.AMBIGUOUS where several fit.
   */
  async find(query: SeriesQuery): Promise<SeriesManifest> {
    const { venue, symbol, timeframe, alignment, adjustment = 'raw' } = query;
    const all = await this.list();
    const fitting = all.filter(
      (series) =>
        series.symbol === symbol &&
        series.timeframe === timeframe &&
        series.adjustment === adjustment &&
        (venue === undefined || series.venue === venue) &&
        (alignment === undefined || series.alignment === alignment),
    );
    const anchored = fitting.filter((series) => series.alignment === 'session');
    const chosen = anchored.length > 0 ? anchored : fitting;
    const [first, second] = chosen;
    if (first === undefined) {
      throw noSeries(this.root, query, all, await this.#renamed(query, all));
    }
    if (second === undefined) return first;
    throw new AppError({
      code: 'LAKE.AMBIGUOUS',
      why: `${this.root} has several series of ${symbol} ${timeframe}: ${chosen.map(seriesText).join(', ')}.`,
      fix: 'Name the venue.',
    });
  }

  /**
   * Reads bars of a series into columns.
   * @throws LAKE.NO_SERIES, LAKE.RANGE with what the lake has, LAKE.DAMAGED where the files are not what the manifest says.
   */
  async read(query: SeriesQuery, options: ReadOptions = {}): Promise<LoadedSeries> {
    const manifest = await this.find(query);
    try {
      return await this.#load(manifest, options);
    } catch (error) {
      // A writer may have replaced the files since the manifest was read.
      const now = await this.manifest(manifest);
      const replaced = now !== undefined && now.fingerprint !== manifest.fingerprint;
      if (replaced) return this.#load(now, options);
      throw error;
    }
  }

  /**
   * Reads bars together with the corporate actions of their symbol, for a run that applies them.
   * @throws LAKE.ADJUSTED where the bars are adjusted and there are actions, and what {@link read} throws.
   */
  async readWithActions(query: SeriesQuery, options: ReadOptions = {}): Promise<SeriesWithActions> {
    const manifest = await this.find(query);
    const stored = await this.actions(manifest.venue, manifest.symbol);
    const actions = stored?.actions ?? [];
    requireRaw(manifest.symbol, descriptionOf(manifest), actions);
    return { series: await this.read(manifest, options), actions };
  }

  /** Returns the corporate actions of a symbol, `undefined` where the lake has none. @throws LAKE.DAMAGED */
  actions(venue: string, symbol: string): Promise<StoredActions | undefined> {
    return readStoredActions(this.root, venue, symbol);
  }

  /** Returns the instruments of a venue; an empty registry where nothing is registered. @throws LAKE.DAMAGED */
  instruments(venue: string): Promise<InstrumentRegistry> {
    return readInstruments(this.root, venue);
  }

  /** Writes a series in place of what there was. @throws LAKE.DISK, LAKE.BUSY, LAKE.WRITE */
  write(series: SeriesToWrite): Promise<SeriesManifest> {
    return writeSeries(this.root, series);
  }

  /** Returns the paths of a series' part files, in order of time. */
  partPaths(manifest: SeriesManifest): readonly string[] {
    return manifest.parts.map(({ file }) => join(this.root, seriesFolder(manifest), file));
  }

  /** What a name that the lake has no series of is or was the ticker of. */
  async #renamed(
    query: SeriesQuery,
    all: readonly SeriesManifest[],
  ): Promise<readonly RegisteredInstrument[]> {
    const venues = query.venue === undefined ? await folders(this.root) : [query.venue];
    const found: RegisteredInstrument[] = [];
    for (const venue of venues.map((name) => unescapeName(name) ?? name)) {
      found.push(...(await this.instruments(venue)).everNamed(query.symbol));
    }
    const symbols = new Set(all.map(({ symbol }) => symbol));
    return found.filter((one) => symbols.has(one.instrument.symbol));
  }

  async #load(manifest: SeriesManifest, options: ReadOptions): Promise<LoadedSeries> {
    const asked = options.fromUs ?? Number.NEGATIVE_INFINITY;
    const { before = 0, toUs = Number.POSITIVE_INFINITY } = options;
    const fromUs = before === 0 ? asked : earlierThan(manifest, asked, before);
    const isWhole = fromUs <= manifest.firstStartUs && toUs >= manifest.lastEndUs;
    const folder = join(this.root, seriesFolder(manifest));
    const parts = manifest.parts.filter(
      (part) => part.lastEndUs > fromUs && part.firstStartUs < toUs,
    );
    if (parts.length === 0) throw noRange(this.root, manifest, options);
    for (const part of parts) await checkSize(join(folder, part.file), part.bytes);
    const capacity = parts.reduce((rows, part) => rows + part.rows, 0);
    const room = newLakeBars(capacity, options.shared === true);
    const query = {
      paths: parts.map(({ file }) => join(folder, file)),
      ...(isWhole || !Number.isFinite(fromUs) ? {} : { fromUs }),
      ...(isWhole || options.toUs === undefined ? {} : { toUs: options.toUs }),
      ...(manifest.lengthUs === undefined ? {} : { lengthUs: manifest.lengthUs }),
    };
    const rows = await readInto(query, room, folder);
    if (rows === 0) throw noRange(this.root, manifest, options);
    if (isWhole && rows !== manifest.rows) {
      throw damaged(folder, `it has ${rows} bars, not ${manifest.rows}`);
    }
    const read = rows === capacity ? room : viewRows(room, 0, rows);
    checkBars(folder, read);
    const first = before === 0 ? 0 : firstRowFrom(read, asked);
    if (first === rows) throw noRange(this.root, manifest, options);
    return new LoadedSeries(manifest, viewRows(read, Math.max(0, first - before), rows));
  }
}

/** Returns a time before which nothing need be read to have so many bars before another. */
function earlierThan({ parts }: SeriesManifest, us: number, before: number): number {
  let rows = 0;
  for (const part of [...parts].reverse()) {
    if (part.lastEndUs <= us) rows += part.rows;
    if (rows >= before) return part.firstStartUs;
  }
  return Number.NEGATIVE_INFINITY;
}

async function readInto(
  query: Parameters<typeof readParquetParts>[0],
  room: LakeBars,
  folder: string,
): Promise<number> {
  try {
    return await readParquetParts(query, room);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw damaged(folder, `a part cannot be read: ${why.replace(/\s*\n\s*/g, ' ')}`);
  }
}

async function checkSize(path: string, bytes: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw damaged(path, 'the file is missing');
  if (found.size !== bytes) throw damaged(path, `it has ${found.size} bytes, not ${bytes}`);
}

/** Times rise strictly and every number is below 2^53: what could not be a series is not handed out. */
function checkBars(folder: string, bars: LakeBars): void {
  for (const { from, to } of blocksOf(0, bars.endUs.length)) {
    const row = firstBad(bars, from, to);
    if (row < to) throw damaged(folder, `bar ${row + 1} is out of order or out of range`);
  }
}

/** Returns the first bad row of a block; its end where there is none. */
function firstBad(
  { startUs, endUs, highNanos, volume }: LakeBars,
  from: number,
  to: number,
): number {
  let last = endUs[from - 1] ?? Number.NEGATIVE_INFINITY;
  for (let row = from; row < to; row += 1) {
    const start = startUs[row] as number;
    const end = endUs[row] as number;
    if (!(start >= last && end > start)) return row;
    if (!((highNanos[row] as number) <= Number.MAX_SAFE_INTEGER)) return row;
    if (!((volume[row] as number) <= Number.MAX_SAFE_INTEGER)) return row;
    last = end;
  }
  return to;
}

function damaged(path: string, what: string): AppError {
  return new AppError({
    code: 'LAKE.DAMAGED',
    why: `${path}: ${what}.`,
    fix: 'Import the series again.',
  });
}

/** Names of folders that a lake's own names could have made, sorted. */
async function folders(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && unescapeName(entry.name) !== undefined)
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw fileError(path, error);
  }
}
