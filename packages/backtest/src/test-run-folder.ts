import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a test. */
export interface TestFolder {
  readonly path: string;
  /** Writes a file. @returns its path. */
  file(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'capstan-backtest-'));
  return {
    path,
    file: async (name, text) => {
      await writeFile(join(path, name), text);
      return join(path, name);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** A run over generated bars that trades. */
export const SMALL_RUN = `provider: synthetic
symbols: [AAA, BBB]
seed: 11
sessions: 4
timeframe: 5m
strategy: ma-cross
params: { fast: 3, slow: 9 }
sizing: { kind: equityFraction, fraction: 0.4 }
commission: { kind: perUnit, fee: 0.005, minimum: 1 }
`;

/** Daily bars of one symbol as CSV, with a close that swings. */
export function dailyCsv(days: readonly string[], symbol = 'DDD'): string {
  const rows = days.map((day, index) => {
    const close = 100 + 10 * Math.round(3 * Math.sin(index / 2));
    return `${symbol},${day},${close},${close + 1},${close - 1},${close},1000`;
  });
  return ['symbol,date,open,high,low,close,volume', ...rows].join('\n');
}
