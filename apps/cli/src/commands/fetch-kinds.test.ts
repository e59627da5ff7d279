import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Lake } from '@capstan/lake';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FetchBench } from './fetch-bench.fixture.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const AAPL = ['provider: alpaca', 'feed: sip', 'symbol: AAPL'];
const FAST = 'requestsPerMinute: 60000';
/** Three sessions. */
const DAYS = ['start: 2025-12-30', 'end: 2026-01-02'];

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.close());

it.each([
  ['1m', 390],
  ['5m', 78],
  ['15m', 26],
  ['30m', 13],
  ['1h', 7],
  ['1d', 1],
] as const)(
  'fetches bars of %s that come to what the minutes come to',
  async (timeframe, perSession) => {
    await bench.start();
    for (const one of new Set(['1m', timeframe])) {
      const { code } = await bench.fetched([...AAPL, FAST, `timeframe: ${one}`, ...DAYS]);
      expect(code).toBe(0);
    }
    const lake = new Lake(bench.lake);
    const seriesOf = async (wanted: string) => {
      const found = (await lake.list()).find((one) => one.timeframe === wanted);
      return found === undefined ? undefined : await lake.read(found);
    };
    const [minutes, bars] = [await seriesOf('1m'), await seriesOf(timeframe)];
    expect(bars?.bars.endUs).toHaveLength(3 * perSession);
    const figures = (series: typeof bars) => [
      series?.bars.openNanos[0],
      Math.max(...(series?.bars.highNanos ?? [])),
      Math.min(...(series?.bars.lowNanos ?? [])),
      series?.bars.closeNanos.at(-1),
      series?.bars.volume.reduce((sum, one) => sum + one, 0),
    ];
    expect(figures(bars)).toEqual(figures(minutes));
  },
);

it.each(['split', 'all'] as const)(
  'fetches prices restated by %s, and no actions with them',
  async (adjust) => {
    const split = { symbol: 'AAPL', exDate: '2025-12-31', newShares: 4, oldShares: 1 };
    await bench.start({ splits: [split] });
    const days = [...AAPL, FAST, 'timeframe: 1d', ...DAYS];
    const raw = await bench.fetched(days, '--json');
    const restated = await bench.fetched([...days, `adjust: ${adjust}`], '--json');
    expect([raw.code, restated.code]).toEqual([0, 0]);
    expect(JSON.parse(raw.out)).toMatchObject({ outcomes: [{ actions: 1 }] });
    expect(JSON.parse(restated.out).outcomes[0]).not.toHaveProperty('actions');
    const lake = new Lake(bench.lake);
    const adjustment = adjust === 'all' ? 'total' : adjust;
    const one = { symbol: 'AAPL', timeframe: '1d' } as const;
    const [before, after] = await Promise.all([
      lake.read({ ...one, adjustment: 'raw' }),
      lake.read({ ...one, adjustment }),
    ]);
    const ratios = [...before.bars.closeNanos].map(
      (close, row) => close / (after.bars.closeNanos[row] ?? 0),
    );
    expect(ratios[0]).toBeCloseTo(4, 2);
    expect(ratios[2]).toBeCloseTo(1, 2);
  },
);

it('says on the way what is asked again, where it is told to', async () => {
  const control = await bench.start();
  control.fault({ kind: 'truncatedJson', path: '/v2/stocks/bars' });
  const quiet = await bench.fetched([...AAPL, FAST, 'timeframe: 1d', ...DAYS]);
  expect(quiet).toMatchObject({ code: 0, err: '' });
  control.fault({ kind: 'truncatedJson', path: '/v2/stocks/bars' });
  const loud = await bench.fetched(
    [...AAPL, FAST, 'timeframe: 1d', ...DAYS],
    '--force',
    '--verbose',
  );
  expect(loud.code).toBe(0);
  expect(loud.err).toMatch(/no JSON.*again/);
  expect(loud.out).toMatch(/AAPL +fetched +3 +3 +3/);
});

it('is stopped by Ctrl-C with a word and 130, keeps what has come, and comes to the whole as it goes on', async () => {
  const control = await bench.start();
  const years = [...AAPL, 'timeframe: 15m', 'start: 2024-01-02', 'end: 2025-12-31'];
  const args = bench.args([...years, 'requestsPerMinute: 120']);
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const ended = once(child, 'close');
  await control.requestOf('GET', '/v2/stocks/bars');
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  const [, done = ''] = /Stopped: (\d+) of 24 parts are done and kept/.exec(told) ?? [];
  expect(Number(done)).toBeLessThan(24);
  const rest = await bench.fetched([...years, FAST], '--json');
  const left = 24 - Number(done);
  expect(JSON.parse(rest.out)).toMatchObject({ chunks: { done: left, count: left } });
  const [resumed] = await new Lake(bench.lake).list();
  bench.lake = `${bench.lake}-whole`;
  await bench.fetched([...years, FAST]);
  const [whole] = await new Lake(bench.lake).list();
  expect(resumed?.fingerprint).toBe(whole?.fingerprint);
});
