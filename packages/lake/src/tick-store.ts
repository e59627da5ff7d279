import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import { fileError, writeError } from './file-error.ts';
import { isRunning, withFolderLock } from './folder-lock.ts';
import { Fields } from './json-fields.ts';
import { flushFile, replaceFile } from './replace-file.ts';
import { escapeName } from './series-key.ts';
import { readTickFile, type TickKind, type TickRows, writeTickFiles } from './tick-files.ts';

/** In the lake; its name is none of a venue's. */
const TICKS_FOLDER = 'ticks';
const FORMAT = 1;
const FIX = 'Remove it and fetch these ticks again.';
/** A file on its way, with the machine and the process that write it. */
const TEMPORARY = /^\d{4}-\d{2}-\d{2}-(?:(.+)-)?(\d+)\.tmp$/;
/** What another machine has not written for this long it has given up. */
const LEFT_MS = 86_400_000;

/** Ticks of a symbol: where in the lake. */
export interface TickSeries {
  readonly venue: string;
  readonly symbol: string;
  readonly kind: TickKind;
}

/** What the lake has of a day of ticks. */
export interface TickDay {
  /** `YYYY-MM-DD`, as the exchange counts days. */
  readonly date: string;
  /** 0 where the vendor has none: there is no file then. */
  readonly rows: number;
  /** Who was asked. */
  readonly source: string;
  /** What the vendor calls the version of the day that was read; empty where it has no versions. */
  readonly version: string;
}

/** A day of ticks of some symbols on its way into the lake. */
export interface TicksToKeep<K extends TickKind> {
  readonly venue: string;
  readonly kind: K;
  readonly day: Omit<TickDay, 'rows'>;
  readonly symbols: readonly string[];
  readonly pages: AsyncIterable<readonly TickRows[K][]>;
}

/**
 * Trades and quotes in the lake: `<lake>/ticks/<venue>/<symbol>/<kind>/<date>.parquet`, and beside the days `days.json`, which says what was
 * asked of whom. A day is there whole or not at all.
 */
export class TickStore {
  readonly #root: string;

  /** @param lakeRoot folder of the lake. */
  constructor(lakeRoot: string) {
    this.#root = join(lakeRoot, TICKS_FOLDER);
  }

  /** Returns the days that the lake has, by date. @throws LAKE.DAMAGED naming the key. */
  async days(series: TickSeries): Promise<ReadonlyMap<string, TickDay>> {
    const path = join(this.#folder(series), 'days.json');
    const text = await textOf(path);
    if (text === undefined) return new Map();
    const fields = Fields.parse(path, text, 'LAKE.DAMAGED', FIX);
    if (fields.whole('format') !== FORMAT) throw fields.wrong('format', String(FORMAT));
    return new Map(
      fields.list('days').map((day) => {
        const date = day.text('date');
        const version = day.has('version') ? day.text('version') : '';
        return [date, { date, rows: day.whole('rows'), source: day.text('source'), version }];
      }),
    );
  }

  /**
   * Keeps a day: the files of all symbols under temporary names, then each in its place and in the list of its days. Who dies between
   * leaves days that are asked for again.
   * @returns rows by symbol, 0 for one that has none. @throws what the pages throw; LAKE.DISK, LAKE.BUSY, LAKE.WRITE, LAKE.DAMAGED
   */
  async keep<K extends TickKind>(ticks: TicksToKeep<K>): Promise<ReadonlyMap<string, number>> {
    const { venue, kind, day, symbols, pages } = ticks;
    const seriesOf = (symbol: string): TickSeries => ({ venue, symbol, kind });
    const written = new Map<string, string>();
    const pathOf = async (symbol: string): Promise<string> => {
      const folder = this.#folder(seriesOf(symbol));
      await mkdir(folder, { recursive: true });
      const path = join(folder, `${day.date}-${hostname()}-${process.pid}.tmp`);
      written.set(symbol, path);
      return path;
    };
    try {
      const counts = await writeTickFiles(kind, pages, pathOf);
      const rows = new Map(symbols.map((symbol) => [symbol, counts.get(symbol) ?? 0]));
      for (const [symbol, count] of rows) {
        await this.#place(seriesOf(symbol), { ...day, rows: count }, written.get(symbol));
      }
      return rows;
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw writeError(this.#root, error);
    } finally {
      for (const path of written.values()) await rm(path, { force: true });
    }
  }

  /** Reads a day, in the vendor's order. @throws LAKE.FILE */
  async read<K extends TickKind>(
    series: TickSeries & { readonly kind: K },
    date: string,
  ): Promise<readonly TickRows[K][]> {
    const day = (await this.days(series)).get(date);
    if (day?.rows === 0) return [];
    const path = this.#dayPath(series, date);
    try {
      return await readTickFile(series.kind, path, series.symbol);
    } catch (error) {
      throw fileError(path, error);
    }
  }

  async #place(series: TickSeries, day: TickDay, temporary: string | undefined): Promise<void> {
    const folder = this.#folder(series);
    await mkdir(folder, { recursive: true });
    await withFolderLock(folder, async () => {
      const path = this.#dayPath(series, day.date);
      if (temporary === undefined) await rm(path, { force: true });
      else {
        await flushFile(temporary);
        await rename(temporary, path);
      }
      const days = new Map(await this.days(series)).set(day.date, day);
      const sorted = [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
      const listed = sorted.map(({ version, ...rest }) =>
        version === '' ? rest : { ...rest, version },
      );
      const text = `${JSON.stringify({ format: FORMAT, days: listed }, null, 2)}\n`;
      await replaceFile(join(folder, 'days.json'), text);
      await removeLeft(folder);
    });
  }

  #folder({ venue, symbol, kind }: TickSeries): string {
    return join(this.#root, escapeName(venue), escapeName(symbol), kind);
  }

  #dayPath(series: TickSeries, date: string): string {
    return join(this.#folder(series), `${date}.parquet`);
  }
}

/** Removes what processes that were killed had begun: days of ticks are large. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, host = hostname(), pid] = TEMPORARY.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(folder, name);
    const isLeft = host === hostname() ? !isRunning(Number(pid)) : await isOld(path);
    if (isLeft) await rm(path, { force: true });
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > LEFT_MS;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fileError(path, error);
  }
}
