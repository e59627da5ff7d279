import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { METRICS, type MetricKey } from '@capstan/analytics';
import { diffTables, type RowDifference } from '@capstan/lake';
import { LEDGERS } from '../directory/ledgers.ts';
import { hasFile, type RunDirectory, readRunDirectory } from '../directory/read-run.ts';
import { DIFFERENCES_SHOWN_MAX } from '../limits.ts';

/** A key of two configurations that is not alike. */
export interface KeyDifference {
  readonly key: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** A metric of two runs; null where it has no value. */
export interface MetricPair {
  readonly key: MetricKey;
  readonly a: number | null;
  readonly b: number | null;
}

/** A row of `trades.csv`, by column; absent where a run has fewer. */
export type TradeRow = Readonly<Record<string, string>> | undefined;

/** Two runs side by side. */
export interface RunComparison {
  readonly a: RunDirectory;
  readonly b: RunDirectory;
  /** Whether orders, fills, cash and positions are alike, to the last bit. */
  readonly sameDigest: boolean;
  readonly sameData: boolean;
  /** Keys of the configuration that differ. */
  readonly config: readonly KeyDifference[];
  /** None for sweeps. */
  readonly metrics: readonly MetricPair[];
  /** The first orders that differ, in the order in which they were decided. */
  readonly orders: readonly RowDifference[];
  /** The first fills that differ. */
  readonly fills: readonly RowDifference[];
  readonly trades: {
    readonly countA: number;
    readonly countB: number;
    /** The first trades that differ. */
    readonly first: readonly { readonly a: TradeRow; readonly b: TradeRow }[];
  };
  /** Lines of the tables of two sweeps that differ first. */
  readonly combinations: readonly {
    readonly a: string | undefined;
    readonly b: string | undefined;
  }[];
}

/** Puts two run directories side by side. @throws RUN.DIRECTORY, LAKE.FILE */
export async function compareRuns(pathA: string, pathB: string): Promise<RunComparison> {
  const [a, b] = [await readRunDirectory(pathA), await readRunDirectory(pathB)];
  return {
    a,
    b,
    sameDigest: a.statement.digest === b.statement.digest,
    sameData: a.statement.dataFingerprint === b.statement.dataFingerprint,
    config: keyDifferences(a.config, b.config),
    metrics: metricPairs(a, b),
    orders: await ledgerDifferences(pathA, pathB, LEDGERS.orders, 'order'),
    fills: await ledgerDifferences(pathA, pathB, LEDGERS.fills, 'fill'),
    trades: await tradeDifferences(pathA, pathB),
    combinations: await combinationDifferences(a, b),
  };
}

/** Returns the first rows in which a ledger differs; none where a directory has no such ledger. */
export async function ledgerDifferences(
  pathA: string,
  pathB: string,
  file: string,
  key: string,
): Promise<readonly RowDifference[]> {
  if (!(await hasFile(pathA, file)) || !(await hasFile(pathB, file))) return [];
  const tables = { a: join(pathA, file), b: join(pathB, file) };
  return diffTables({ ...tables, key, limit: DIFFERENCES_SHOWN_MAX });
}

/** Returns the keys in which two configurations differ, sections by their inner keys, sorted. */
export function keyDifferences(a: unknown, b: unknown, prefix = ''): readonly KeyDifference[] {
  if (isSection(a) && isSection(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
    return keys.flatMap((key) =>
      keyDifferences(a[key], b[key], prefix === '' ? key : `${prefix}.${key}`),
    );
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ key: prefix, a, b }];
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function metricPairs(a: RunDirectory, b: RunDirectory): readonly MetricPair[] {
  const [of, other] = [a.summary.metrics, b.summary.metrics];
  if (!isSection(of) || !isSection(other)) return [];
  const value = (cell: unknown): number | null => (typeof cell === 'number' ? cell : null);
  return METRICS.map(({ key }) => ({ key, a: value(of[key]), b: value(other[key]) }));
}

async function tradeDifferences(pathA: string, pathB: string): Promise<RunComparison['trades']> {
  const [a, b] = [await tradesOf(pathA), await tradesOf(pathB)];
  const first: { a: TradeRow; b: TradeRow }[] = [];
  const rows = Math.max(a.length, b.length);
  for (let row = 0; row < rows && first.length < DIFFERENCES_SHOWN_MAX; row += 1) {
    if (JSON.stringify(a[row]) !== JSON.stringify(b[row])) first.push({ a: a[row], b: b[row] });
  }
  return { countA: a.length, countB: b.length, first };
}

async function tradesOf(folder: string): Promise<readonly TradeRow[]> {
  const [header = '', ...lines] = await linesOf(folder, 'trades.csv');
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? '']));
  });
}

async function combinationDifferences(
  a: RunDirectory,
  b: RunDirectory,
): Promise<RunComparison['combinations']> {
  if (a.statement.kind !== 'sweep' || b.statement.kind !== 'sweep') return [];
  const [of, other] = [await linesOf(a.path, 'metrics.csv'), await linesOf(b.path, 'metrics.csv')];
  const rows = Math.max(of.length, other.length);
  const found: { a: string | undefined; b: string | undefined }[] = [];
  for (let row = 0; row < rows && found.length < DIFFERENCES_SHOWN_MAX; row += 1) {
    if (of[row] !== other[row]) found.push({ a: of[row], b: other[row] });
  }
  return found;
}

async function linesOf(folder: string, file: string): Promise<readonly string[]> {
  if (!(await hasFile(folder, file))) return [];
  return (await readFile(join(folder, file), 'utf8')).split('\n').filter((line) => line !== '');
}
