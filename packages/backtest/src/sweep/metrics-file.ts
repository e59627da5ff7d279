import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { METRICS, type MetricUnit } from '@capstan/analytics';
import { AppError } from '@capstan/domain';
import type { Strategy } from '@capstan/strategy';
import { writeError } from '../directory/write-error.ts';
import { type CombinationRow, metricsFileHeader, ROW_STATES } from './combination-row.ts';

/** The table of a sweep: a line a combination. */
export const METRICS_FILE = 'metrics.csv';

/** Writes `metrics.csv` as the combinations come in. */
export class MetricsFile {
  readonly #folder: string;
  readonly #file: FileHandle;

  private constructor(folder: string, file: FileHandle) {
    this.#folder = folder;
    this.#file = file;
  }

  /** Begins the file with its header. @throws RUN.DISK, RUN.WRITE */
  static async create(folder: string, strategy: Strategy): Promise<MetricsFile> {
    try {
      const file = await open(join(folder, METRICS_FILE), 'w');
      await file.writeFile(`${metricsFileHeader(strategy)}\n`);
      return new MetricsFile(folder, file);
    } catch (error) {
      throw writeError(folder, error);
    }
  }

  /** Adds lines. @throws RUN.DISK, RUN.WRITE */
  async add(rows: readonly CombinationRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.#file.writeFile(`${rows.map(({ line }) => line).join('\n')}\n`);
    } catch (error) {
      throw writeError(this.#folder, error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Reads the combinations that a sweep has done.
 * @throws RUN.DIRECTORY where the file is missing or is of another strategy.
 */
export async function readMetrics(
  folder: string,
  strategy: Strategy,
): Promise<readonly CombinationRow[]> {
  const path = join(folder, METRICS_FILE);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw badDirectory(`${path} cannot be read`, cause);
  });
  const [header, ...lines] = text.split('\n');
  if (header !== metricsFileHeader(strategy)) {
    throw badDirectory(`${path} is of another strategy or version`);
  }
  const columns = header.split(',');
  const digestAt = columns.indexOf('digest');
  return lines.filter((line) => isWhole(line, columns.length)).map((line) => rowOf(line, digestAt));
}

/** The line of a combination that ran has no cell in quotes but those of choices and the reason, which has none. */
function rowOf(line: string, digestAt: number): CombinationRow {
  const cells = line.split(',');
  const state = ROW_STATES.find((known) => known === cells[digestAt + 1]) ?? 'failed';
  const at = digestAt - METRICS.length;
  return {
    index: Number(cells[0]),
    state,
    digest: cells[digestAt] ?? '',
    metrics: Float64Array.from(METRICS, ({ unit }, place) => numberOf(cells[at + place], unit)),
    line,
  };
}

const MICROS_PER_UNIT = 1e6;

function numberOf(cell: string | undefined, unit: MetricUnit): number {
  if (cell === undefined || cell === '') return Number.NaN;
  return unit === 'micros' ? Math.round(Number(cell) * MICROS_PER_UNIT) : Number(cell);
}

/** A line that a full disk has cut is not one. */
const isWhole = (line: string, columns: number): boolean => line.split(',').length >= columns;

function badDirectory(why: string, cause?: unknown): AppError {
  return new AppError({
    code: 'RUN.DIRECTORY',
    why: `${why}.`,
    fix: 'Name the folder of an interrupted sweep of the same configuration.',
    ...(cause === undefined ? {} : { cause }),
  });
}
