import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { checkSeries } from './check-series.ts';
import { type ImportOptions, importBars, requirePassed } from './import-bars.ts';
import { Lake } from './lake.ts';
import { OPEN_US, temporaryFolder } from './test-bars.ts';

const folder = temporaryFolder('import');
const HEADER = 'symbol,ts_utc_ms,open,high,low,close,volume';
const row = (minute: number, rest = '100.1,100.4,100,100.25,1200', symbol = 'SPY') =>
  `${symbol},${OPEN_US / 1_000 + minute * 60_000},${rest}`;
let count = 0;
const newLake = (): Lake => {
  count += 1;
  return new Lake(join(folder, `lake-${count}`));
};
const bring = (lake: Lake, lines: readonly string[], options: Partial<ImportOptions> = {}) => {
  count += 1;
  const path = join(folder, `${count}.csv`);
  writeFileSync(path, [HEADER, ...lines].join('\n'));
  return importBars(lake, { path, venue: 'ARCX', timeframe: '1m', ...options });
};
const minutesIn = async (lake: Lake) => {
  const { bars } = await lake.read({ symbol: 'SPY', timeframe: '1m' });
  return [...bars.startUs].map((start) => (start - OPEN_US) / 60_000_000);
};

describe('importBars', () => {
  it('makes a series a symbol, with what was found and where it came from', async () => {
    const lake = newLake();
    const told: string[] = [];
    const lines = [row(0), row(0, '1,2,1,2,5', 'QQQ'), row(1), row(1)];
    const result = await bring(lake, lines, {
      onWritten: ({ manifest }) => told.push(manifest.symbol),
    });
    expect(told).toEqual(['QQQ', 'SPY']);
    expect(result.written[1]).toMatchObject({ added: 2, repeated: 0 });
    const spy = await lake.find({ symbol: 'SPY', timeframe: '1m' });
    expect(spy.anomalies).toEqual([{ kind: 'repeated', action: 'drop', count: 1 }]);
    expect(spy.instrument.instrumentId).toBe('ARCX:SPY');
    expect(spy.sources).toEqual([
      {
        name: expect.stringMatching(/^\d+\.csv$/),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('writes nothing of a file of which one row is refused', async () => {
    const lake = newLake();
    const result = await bring(lake, [row(0), row(1, '2,1,2,2,5', 'QQQ')]);
    expect(result).toMatchObject({ refused: true, written: [] });
    expect(await lake.list()).toEqual([]);
    expect(() => requirePassed('x.csv', result)).toThrow(
      /x\.csv: QQQ: 1 row 'ohlc' \(first: line 3/,
    );
  });

  it('writes nothing in a dry run', async () => {
    const lake = newLake();
    expect((await bring(lake, [row(0)], { dryRun: true })).reports).toHaveLength(1);
    expect(await lake.list()).toEqual([]);
  });

  it('refuses a series that is there, replaces it, or adds to it', async () => {
    const lake = newLake();
    await bring(lake, [row(2), row(3)]);
    await expect(bring(lake, [row(4)])).rejects.toMatchObject({ code: 'LAKE.EXISTS' });
    const merged = await bring(lake, [row(0), row(3), row(7)], { mode: 'merge' });
    expect(merged.written[0]).toMatchObject({ added: 2, repeated: 1 });
    expect(await minutesIn(lake)).toEqual([0, 2, 3, 7]);
    expect((await lake.find({ symbol: 'SPY', timeframe: '1m' })).sources).toHaveLength(2);
    await bring(lake, [row(9)], { mode: 'replace' });
    expect(await minutesIn(lake)).toEqual([9]);
  });

  it('refuses to merge bars that differ from those that are there', async () => {
    const lake = newLake();
    await bring(lake, [row(2), row(3)]);
    const other = bring(lake, [row(3, '1,2,1,2,5')], { mode: 'merge' });
    await expect(other).rejects.toThrow(/ARCX SPY 1m: the bar at 2026-01-05T14:33:00Z differs/);
    expect(await minutesIn(lake)).toEqual([2, 3]);
  });

  it('keeps clock-aligned and adjusted bars as series of their own', async () => {
    const lake = newLake();
    const hours = [30, 90].map((minute) => row(minute));
    await bring(lake, hours, { timeframe: '1h', adjustment: 'split' });
    await bring(lake, [row(0), row(60)], { timeframe: '1h' });
    const found = await lake.list();
    expect(found.map((one) => [one.alignment, one.adjustment])).toEqual([
      ['session', 'raw'],
      ['clock', 'split'],
    ]);
    expect((await lake.find({ symbol: 'SPY', timeframe: '1h' })).alignment).toBe('session');
  });

  it('keeps what was written before the disk filled, and says so', async () => {
    const lake = newLake();
    const write = lake.write.bind(lake);
    lake.write = async (series) => {
      if (series.key.symbol !== 'SPY') return write(series);
      throw new AppError({ code: 'LAKE.DISK', why: 'the disk is full.' });
    };
    const full = bring(lake, [row(0), row(0, '1,2,1,2,5', 'QQQ')]);
    await expect(full).rejects.toThrow(
      /the disk is full\. Written before it, and kept: ARCX QQQ 1m\. Then run it again with --merge/,
    );
    expect((await lake.list()).map(({ symbol }) => symbol)).toEqual(['QQQ']);
  });
});

describe('checkSeries', () => {
  it('finds a sound series sound, and judges its bars again', async () => {
    const lake = newLake();
    const { written } = await bring(lake, [row(0), row(2)]);
    const [first] = written;
    expect(first).toBeDefined();
    if (first === undefined) return;
    const check = await checkSeries(lake, first.manifest);
    expect(check.problems).toEqual([]);
    expect(check.report?.anomalies).toMatchObject([{ kind: 'gap', action: 'keep', count: 1 }]);
    const strict = await checkSeries(lake, first.manifest, { gap: 'refuse' });
    expect(strict.report?.refused).toBe(true);
  });

  it('finds a file that is not as it was written', async () => {
    const lake = newLake();
    await bring(lake, [row(0), row(2)]);
    const manifest = await lake.find({ symbol: 'SPY', timeframe: '1m' });
    const other = newLake();
    await bring(other, [row(0), row(3)]);
    const foreign = await other.find({ symbol: 'SPY', timeframe: '1m' });
    const { copyFileSync, statSync } = await import('node:fs');
    const path = lake.partPaths(manifest)[0] ?? '';
    copyFileSync(other.partPaths(foreign)[0] ?? '', path);
    const [part] = manifest.parts;
    const lying = { ...manifest, parts: [{ ...part, bytes: statSync(path).size }] };
    writeFileSync(join(path, '..', 'series.json'), JSON.stringify({ format: 1, ...lying }));
    const check = await checkSeries(lake, await lake.find({ symbol: 'SPY', timeframe: '1m' }));
    expect(check.problems).toEqual([
      `${part?.file} is not as it was written`,
      'the bars do not have the fingerprint of the manifest',
    ]);
  });
});
