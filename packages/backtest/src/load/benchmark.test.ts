import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importBars, Lake } from '@capstan/lake';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOverride } from '../config/config-source.ts';
import { writeRun } from '../directory/write-run.ts';
import { checkConfig, prepareRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { type TestFolder, testFolder } from '../test-run-folder.ts';

const DAYS = Array.from({ length: 90 }, (_, day) => new Date(Date.UTC(2024, 2, 1 + day)))
  .filter((day) => ![0, 6].includes(day.getUTCDay()))
  .map((day) => day.toISOString().slice(0, 10))
  .filter((day) => !['2024-03-29', '2024-05-27'].includes(day));
const HOLDER = `import { defineStrategy } from '@capstan/strategy';
export default defineStrategy({
  name: 'holder', title: 'Holder', description: 'Holds.', params: {}, indicators: () => ({}), initialState: null,
  decide: () => ({ direction: 'long', strength: 1, reason: 'hold' }),
});
`;
const RUN = `symbol: TWICE
timeframe: 1d
strategy: ./holder.ts
cash: 1000000000
sizing: { kind: cashFraction, fraction: 1, feeBps: 0 }
benchmark: INDEX
`;

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('holder.ts', HOLDER);
  await folder.file('bars.csv', leveragedCsv());
  await folder.file('files.yaml', `provider: files\npath: bars.csv\n${RUN}`);
  await folder.file('lake.yaml', `provider: lake\nlake: data\n${RUN}`);
  const lake = new Lake(join(folder.path, 'data'));
  await importBars(lake, { path: join(folder.path, 'bars.csv'), venue: 'XNYS', timeframe: '1d' });
});
afterAll(() => folder.remove());

/** An index whose closes swing, and a fund that moves twice as much; each opens where it closed. */
function leveragedCsv(): string {
  let [index, twice] = [4_000, 1_000];
  const rows = DAYS.flatMap((day, place) => {
    const move = 0.01 * Math.sin(place * place);
    const before = [index, twice] as const;
    index *= 1 + move;
    twice *= 1 + 2 * move;
    return [line('INDEX', day, before[0], index), line('TWICE', day, before[1], twice)];
  });
  return ['symbol,date,open,high,low,close,volume', ...rows].join('\n');
}

function line(symbol: string, day: string, open: number, close: number): string {
  const [from, to] = [open.toFixed(2), close.toFixed(2)];
  const [low, high] = Number(from) < Number(to) ? [from, to] : [to, from];
  return [symbol, day, from, high, low, to, 1_000].join(',');
}

async function ran(file: string, overrides: readonly string[] = []) {
  const checked = await checkConfig({
    file: join(folder.path, file),
    overrides: overrides.map((text) => parseOverride(text)),
  });
  const prepared = await prepareRun(checked, false);
  const { config, strategy, data, first } = prepared;
  const outcome = new Runner({ run: config.run, strategy, ...data }).run(first);
  return { prepared, outcome };
}

describe.each(['files.yaml', 'lake.yaml'])('a benchmark by symbol, from %s', (file) => {
  it('gives the beta and the alpha of what moves twice as much', async () => {
    const { prepared, outcome } = await ran(file);
    expect(prepared.data.benchmark?.name).toBe('INDEX');
    expect(outcome.result.symbols).toEqual(['TWICE']);
    const { alpha, beta } = outcome.summary.metrics;
    expect(beta).toBeCloseTo(2, 2);
    expect(Math.abs(alpha ?? Number.NaN)).toBeLessThan(0.02);
  });

  it('is named in the report, with both', async () => {
    const { prepared, outcome } = await ran(file);
    const circumstances = { startedAt: new Date(0), durationMs: 0, threads: 1 };
    const outputDir = join(folder.path, `runs-${file}`);
    const path = await writeRun({ prepared, outcome, outputDir, ...circumstances });
    const page = await readFile(join(path, 'report.html'), 'utf8');
    expect(page).toContain('INDEX');
    expect(page).toMatch(/>Beta</);
    expect(page).toMatch(/>Alpha</);
    const none = await ran(file, ['benchmark=none']);
    expect(none.outcome.summary.metrics.beta).toBeUndefined();
  });
});
