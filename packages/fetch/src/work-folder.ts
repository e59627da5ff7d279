import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type BarPart,
  escapeName,
  isWholePart,
  type LakeBars,
  readBarParts,
  sortedBars,
  type TimeSpan,
  viewRows,
  writeBarPart,
} from '@capstan/lake';

/** Where the chunks of fetches stand until their series are whole, in the lake. Its name is none of a venue. */
const WORK_FOLDER = '.fetch';
const PART_NAME = /^(-?\d+)-(-?\d+)-(\d+)\.columns$/;

/** A finished chunk of a symbol. */
export interface FinishedPart extends TimeSpan {
  readonly rows: number;
}

/**
 * The finished chunks of a fetch: `<lake>/.fetch/<source>/<venue>/<series>/<symbol>/<from>-<to>-<rows>.columns`, each there whole or not at
 * all, so that a run that was stopped is gone on with.
 */
export class WorkFolder {
  readonly #lakeRoot: string;
  readonly #path: string;

  /** @param names source, venue and series, from the outermost in. */
  constructor(lakeRoot: string, names: readonly string[]) {
    this.#lakeRoot = lakeRoot;
    this.#path = join(lakeRoot, WORK_FOLDER, ...names.map(escapeName));
  }

  /** Returns the finished chunks of a symbol, in order of time. What was not finished is removed. */
  async parts(symbol: string): Promise<readonly FinishedPart[]> {
    const folder = this.#folder(symbol);
    const found: FinishedPart[] = [];
    for (const name of await namesIn(folder)) {
      const [, from, to, count] = PART_NAME.exec(name) ?? [];
      const path = join(folder, name);
      const rows = Number(count);
      if (await isWholePart({ path, rows })) {
        found.push({ fromUs: Number(from), toUs: Number(to), rows });
      } else {
        await rm(path, { force: true });
      }
    }
    return found.sort((a, b) => a.fromUs - b.fromUs);
  }

  /** Keeps the bars of a chunk of a symbol; that there are none is kept too. @throws LAKE.DISK, LAKE.WRITE */
  async keep(symbol: string, span: TimeSpan, bars: LakeBars): Promise<FinishedPart> {
    const part = { ...span, rows: bars.endUs.length };
    const path = this.#pathOf(symbol, part);
    await mkdir(this.#folder(symbol), { recursive: true });
    await writeBarPart(path, bars);
    return part;
  }

  /** Reads the bars of all finished chunks of a symbol, in order of time. */
  async read(symbol: string, parts: readonly FinishedPart[]): Promise<LakeBars> {
    const files: BarPart[] = parts
      .filter(({ rows }) => rows > 0)
      .map((part) => ({ path: this.#pathOf(symbol, part), rows: part.rows }));
    const bars = await readBarParts(files);
    let at = 0;
    return sortedBars(
      files.map(({ rows }) => {
        at += rows;
        return viewRows(bars, at - rows, at);
      }),
    );
  }

  /** Removes what is kept of a symbol, and the folders that are empty then. */
  async remove(symbol: string): Promise<void> {
    await rm(this.#folder(symbol), { recursive: true, force: true });
    let path = this.#path;
    while (path !== this.#lakeRoot && (await namesIn(path)).length === 0) {
      await rm(path, { recursive: true, force: true });
      path = dirname(path);
    }
  }

  /** Removes folders beside this one whose names begin so. */
  async removeOthers(start: string): Promise<void> {
    const above = dirname(this.#path);
    for (const name of await namesIn(above)) {
      const isOther = name.startsWith(escapeName(start)) && name !== basename(this.#path);
      if (isOther) await rm(join(above, name), { recursive: true, force: true });
    }
  }

  #folder(symbol: string): string {
    return join(this.#path, escapeName(symbol));
  }

  #pathOf(symbol: string, { fromUs, toUs, rows }: FinishedPart): string {
    return join(this.#folder(symbol), `${fromUs}-${toUs}-${rows}.columns`);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
