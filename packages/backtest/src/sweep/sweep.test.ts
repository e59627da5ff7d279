import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOverride } from '../config/config-source.ts';
import { checkConfig, type PreparedRun, prepareRun } from '../run/prepare.ts';
import { SMALL_RUN, type TestFolder, testFolder } from '../test-run-folder.ts';
import { estimateSweep } from './estimate-sweep.ts';
import { runSweep } from './run-sweep.ts';
import { type SweepToWrite, type WrittenSweep, writeSweep } from './write-sweep.ts';

let folder: TestFolder;
let prepared: PreparedRun;
/** The sweep on one thread. */
let whole: WrittenSweep;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('run.yaml', SMALL_RUN);
  prepared = await prepare();
  whole = await writeSweep(sweepOf(1));
});
afterAll(() => folder.remove());

/** Four of its combinations cannot run: fast is not below slow. */
async function prepare(...more: readonly string[]): Promise<PreparedRun> {
  const texts = ['params={ fast: { from: 1, to: 7 }, slow: [4, 9, 20] }', ...more];
  const overrides = texts.map((text) => parseOverride(text));
  return prepareRun(await checkConfig({ file: join(folder.path, 'run.yaml'), overrides }), true);
}

const sweepOf = (threads: number, more: Partial<SweepToWrite> = {}): SweepToWrite => ({
  prepared,
  outputDir: join(folder.path, `of-${threads}-${Object.keys(more).length}`),
  threads,
  startedAt: new Date(0),
  elapsedMs: () => 0,
  ...more,
});
const text = (path: string, file: string) => readFile(join(path, file), 'utf8');

describe('a sweep', () => {
  it('leaves the same bytes whatever the number of threads', async () => {
    const [one, three] = [whole, await writeSweep(sweepOf(3))];
    expect(one.outcome).toMatchObject({ complete: true, done: 17, skipped: 4, failed: 0 });
    expect(three.outcome.digest).toBe(one.outcome.digest);
    for (const file of [
      'metrics.csv',
      'summary.json',
      'report.html',
      'analysis.ipynb',
      'bars.parquet',
    ]) {
      expect(await readFile(join(three.path, file)), file).toEqual(
        await readFile(join(one.path, file)),
      );
    }
    const [best] = one.outcome.best;
    const kept = `best/1-${best?.index}`;
    const summary = JSON.parse(await text(one.path, `${kept}/summary.json`)) as {
      readonly digest: string;
      readonly metrics: { readonly sharpe: number };
    };
    expect(summary.digest).toBe(best?.digest);
    expect(summary.metrics.sharpe).toBe(best?.value);
    expect(await readFile(join(three.path, kept, 'fills.parquet'))).toEqual(
      await readFile(join(one.path, kept, 'fills.parquet')),
    );
  });

  it('writes a line a combination, in order, and why one was left out', async () => {
    const [header, ...lines] = (await text(whole.path, 'metrics.csv')).trimEnd().split('\n');
    expect(header).toMatch(
      /^combination,param\.fast,param\.slow,param\.entry,total_return_fraction,.*,digest,state,why$/,
    );
    expect(lines.map((line) => Number(line.split(',')[0]))).toEqual([...Array(21).keys()]);
    expect(lines[9]).toMatch(/^9,4,4,level,,.*,skipped,.*must be/);
    expect(lines[0]).toMatch(/^0,1,4,level,.*,[0-9a-f]{64},done,$/);
  });

  it('ranks by the metric of the run, best first', async () => {
    const byCosts = await prepare('metrics.rankBy=costs', 'metrics.keep=4');
    const { best } = await runSweep(byCosts, { threads: 2 });
    const values = best.map(({ value }) => value);
    expect(values).toHaveLength(4);
    expect([...values].sort((a, b) => a - b)).toEqual(values);
  });

  it('keeps what is done when it is stopped, and goes on from there to the same result', async () => {
    const stop = new AbortController();
    const stopped = await writeSweep(
      sweepOf(1, {
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done >= 3) stop.abort();
        },
      }),
    );
    expect(stopped.outcome.complete).toBe(false);
    expect(stopped.statement.state).toBe('interrupted');
    const lines = (await text(stopped.path, 'metrics.csv')).trimEnd().split('\n');
    expect(lines.length).toBeLessThan(22);
    expect(lines.length).toBeGreaterThan(3);
    const resumed = await writeSweep(sweepOf(2, { resume: stopped.path }));
    expect(resumed.outcome.digest).toBe(whole.outcome.digest);
    expect(await text(resumed.path, 'metrics.csv')).toBe(await text(whole.path, 'metrics.csv'));
    expect(await text(resumed.path, 'summary.json')).toBe(await text(whole.path, 'summary.json'));
  });

  it('does not go on with a sweep of another configuration or other data', async () => {
    const { path } = whole;
    const other = await prepare('cash=5000');
    await expect(writeSweep(sweepOf(1, { prepared: other, resume: path }))).rejects.toThrow(
      /its configuration is another/,
    );
    const otherBars = { ...prepared, data: { ...prepared.data, fingerprint: 'other' } };
    await expect(writeSweep(sweepOf(1, { prepared: otherBars, resume: path }))).rejects.toThrow(
      /its data are others/,
    );
    await expect(writeSweep(sweepOf(1, { resume: folder.path }))).rejects.toThrow(/it is no sweep/);
  });

  it('keeps what was done where the rows cannot be taken any more', async () => {
    const taken: number[] = [];
    const running = runSweep(prepared, {
      threads: 2,
      onRows: async (rows) => {
        if (taken.length > 2) throw new Error('disk full');
        taken.push(...rows.map(({ index }) => index));
      },
    });
    await expect(running).rejects.toThrow('disk full');
    expect(taken.length).toBeLessThan(21);
  });

  it('is estimated by trying some of its combinations', () => {
    const { seconds, secondsEach, threads } = estimateSweep(prepared, 2);
    expect(threads).toBe(2);
    expect(secondsEach).toBeGreaterThan(0);
    expect(seconds).toBeCloseTo((secondsEach * 17) / 2, 9);
  });
});

it('refuses a sweep in which nothing fits together', async () => {
  const overrides = [parseOverride('params={ fast: [30, 40], slow: [4, 9] }')];
  await expect(checkConfig({ file: join(folder.path, 'run.yaml'), overrides })).rejects.toThrow(
    /no combination of the sweep can run/,
  );
});

it('puts a combination on which the strategy fails on its line, and goes on', async () => {
  const own = await folder.file('fails.ts', FAILING);
  const overrides = [`strategy=${own}`, 'params={ strength: [1, 2, 0.5] }'].map((one) =>
    parseOverride(one),
  );
  const checked = await checkConfig({ file: join(folder.path, 'run.yaml'), overrides });
  const { rows, failed } = await runSweep(await prepareRun(checked, true), { threads: 2 });
  expect(failed).toBe(1);
  expect(rows.map(({ state }) => state)).toEqual(['done', 'failed', 'done']);
  expect(rows[1]?.line).toMatch(/strength must be 0 to 1, not 2/);
});

/** A strategy of the user's own. It lies outside the checkout, so that it can import nothing of it. */
const FAILING = `export default {
  name: 'fails',
  title: 'Fails',
  description: 'Wants more than there is.',
  params: { strength: { type: 'number', min: 0, max: 9, default: 1, description: 'Strength.' } },
  indicators: () => ({}),
  initialState: null,
  decide: (_values: unknown, _state: unknown, { params }: { params: { strength: number } }) => ({
    direction: 'long',
    strength: params.strength,
    reason: 'always',
  }),
};
`;
