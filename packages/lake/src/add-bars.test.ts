import { existsSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { US_PER_MINUTE } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { addBars, type BarsToAdd, sortedBars } from './add-bars.ts';
import { readAsked, recordAsked } from './asked-spans.ts';
import { isWholePart, readBarParts, writeBarPart } from './bar-parts.ts';
import { Lake } from './lake.ts';
import { LAKE_COLUMNS, type LakeBars, viewRows } from './lake-bars.ts';
import { minuteBars, OPEN_US, temporaryFolder } from './test-bars.ts';

const root = temporaryFolder('add-bars');
let count = 0;
const newLake = (): Lake => {
  count += 1;
  return new Lake(join(root, String(count)));
};
const bars = minuteBars(30);
const toAdd = (one: LakeBars, more: Partial<BarsToAdd> = {}): BarsToAdd => ({
  venue: 'V',
  symbol: 'SPY',
  timeframe: '1m',
  bars: one,
  source: { name: 'vendor', sha256: String(one.startUs[0]) },
  ...more,
});
const readAll = async (lake: Lake) =>
  (await lake.read({ symbol: 'SPY', timeframe: '1m', venue: 'V' })).bars;

function expectSame(left: LakeBars, right: LakeBars): void {
  for (const name of LAKE_COLUMNS) expect([name, ...left[name]]).toEqual([name, ...right[name]]);
}

describe('bars that are added', () => {
  it('in pieces are the series that they are together, with one source of a name', async () => {
    const lake = newLake();
    await addBars(lake, toAdd(viewRows(bars, 20, 30)));
    await addBars(lake, toAdd(viewRows(bars, 0, 10)));
    const last = await addBars(lake, toAdd(viewRows(bars, 5, 25)));
    expect(last).toMatchObject({ added: 10, repeated: 10, replaced: 0 });
    expect(last.manifest?.sources).toEqual([{ name: 'vendor', sha256: String(bars.startUs[5]) }]);
    expectSame(await readAll(lake), bars);
  });

  it('that are there already change nothing', async () => {
    const lake = newLake();
    const first = await addBars(lake, toAdd(bars));
    const again = await addBars(
      lake,
      toAdd(viewRows(bars, 3, 9), { source: { name: 'x', sha256: '0' } }),
    );
    expect(again).toMatchObject({ added: 0, repeated: 6 });
    expect(again.manifest).toEqual(first.manifest);
  });

  it('take the place of what lies in their spans, and of nothing else', async () => {
    const lake = newLake();
    await addBars(lake, toAdd(bars));
    const fresh = minuteBars(4, OPEN_US + 10 * US_PER_MINUTE);
    const span = { fromUs: OPEN_US + 10 * US_PER_MINUTE, toUs: OPEN_US + 16 * US_PER_MINUTE };
    await expect(addBars(lake, toAdd(fresh))).rejects.toMatchObject({ code: 'LAKE.CONFLICT' });
    const done = await addBars(lake, toAdd(fresh, { replaces: [span] }));
    expect(done).toMatchObject({ added: 4, replaced: 6, repeated: 0 });
    expect(done.manifest?.anomalies).toContainEqual({ kind: 'gap', action: 'keep', count: 2 });
    expectSame(
      await readAll(lake),
      sortedBars([viewRows(bars, 16, 30), fresh, viewRows(bars, 0, 10)]),
    );
    const whole = await addBars(lake, toAdd(fresh, { replaces: 'all' }));
    expect(whole).toMatchObject({ added: 4, replaced: 28 });
    expectSame(await readAll(lake), fresh);
  });

  it('of which a rule refuses one are not written', async () => {
    const lake = newLake();
    const odd = minuteBars(5);
    odd.highNanos[2] = 1;
    const refused = await addBars(lake, toAdd(odd));
    expect(refused).toMatchObject({ added: 0, report: { refused: true } });
    expect(refused.manifest).toBeUndefined();
    expect(await lake.list()).toEqual([]);
    const kept = await addBars(lake, toAdd(odd, { rules: { ohlc: 'drop' } }));
    expect(kept.manifest?.rows).toBe(4);
  });
});

describe('what was asked', () => {
  it('is kept by series and source, joined', async () => {
    const { root: folder } = newLake();
    const spy = { venue: 'V', symbol: 'SPY' };
    expect(await readAsked(folder, 'V', 'SPY')).toEqual([]);
    const ask = (of: string, source: string, fromUs: number, toUs: number) =>
      recordAsked(folder, spy, { of, source, spans: [{ fromUs, toUs }] });
    await ask('1m', 'a', 10, 20);
    await ask('1m', 'a', 20, 30);
    await ask('1d', 'a', 0, 5);
    expect(await readAsked(folder, 'V', 'SPY')).toEqual([
      { of: '1d', source: 'a', spans: [{ fromUs: 0, toUs: 5 }] },
      { of: '1m', source: 'a', spans: [{ fromUs: 10, toUs: 30 }] },
    ]);
    await ask('1m', 'b', 40, 50);
    const [, minutes] = await readAsked(folder, 'V', 'SPY');
    expect(minutes).toEqual({ of: '1m', source: 'b', spans: [{ fromUs: 40, toUs: 50 }] });
    expect(existsSync(join(folder, 'V', 'SPY', 'writer.lock'))).toBe(false);
  });
});

describe('a part', () => {
  it('is read back as it was written', async () => {
    const folder = temporaryFolder('parts');
    const paths = ['a', 'b'].map((name) => join(folder, `${name}.columns`));
    await writeBarPart(paths[0] ?? '', viewRows(bars, 0, 10));
    await writeBarPart(paths[1] ?? '', viewRows(bars, 10, 30));
    const parts = paths.map((path, at) => ({ path, rows: at === 0 ? 10 : 20 }));
    expectSame(await readBarParts(parts), bars);
    expect(readdirSync(folder).sort()).toEqual(['a.columns', 'b.columns']);
    truncateSync(paths[0] ?? '', 100);
    expect(await Promise.all(parts.map(isWholePart))).toEqual([false, true]);
    await expect(readBarParts(parts)).rejects.toMatchObject({ code: 'LAKE.DAMAGED' });
    const nowhere = writeBarPart(join(folder, 'none', 'c.columns'), bars);
    await expect(nowhere).rejects.toMatchObject({ code: 'LAKE.WRITE' });
  });
});
