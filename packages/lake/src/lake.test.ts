import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usEquity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { Lake } from './lake.ts';
import { joinBars, LAKE_COLUMNS, type LakeBars, viewRows } from './lake-bars.ts';
import { SINGLE_FILE_ROWS_MAX } from './limits.ts';
import { MANIFEST_FILE } from './manifest.ts';
import { minuteBars, OPEN_US, temporaryFolder } from './test-bars.ts';

const root = temporaryFolder('lake');
let count = 0;
const newLake = (): Lake => {
  count += 1;
  return new Lake(join(root, String(count)));
};
const MINUTE_US = 60_000_000;
const YEAR_US = 365 * 86_400_000_000;

const write = (lake: Lake, bars: LakeBars, symbol = 'SPY', venue = 'ARCX') =>
  lake.write({
    key: { venue, symbol, timeframe: '1m' },
    instrument: usEquity(symbol),
    bars,
    sources: [{ name: 'test', sha256: '0' }],
  });

function same(left: LakeBars, right: LakeBars): void {
  for (const name of LAKE_COLUMNS) expect([name, ...left[name]]).toEqual([name, ...right[name]]);
}

describe('Lake', () => {
  it('gives back what was written, on shared memory too, with the fingerprint of the manifest', async () => {
    const lake = newLake();
    const bars = minuteBars(5_000);
    const manifest = await write(lake, bars);
    const plain = await lake.read({ symbol: 'SPY', timeframe: '1m' });
    const shared = await lake.read({ symbol: 'SPY', timeframe: '1m' }, { shared: true });
    same(plain.bars, bars);
    same(shared.bars, bars);
    expect(shared.bars.closeNanos.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([plain.fingerprint, shared.fingerprint]).toEqual([
      manifest.fingerprint,
      manifest.fingerprint,
    ]);
    expect(manifest).toMatchObject({ rows: 5_000, lengthUs: MINUTE_US, alignment: 'session' });
  });

  it('keeps spans that differ, such as those of sessions', async () => {
    const lake = newLake();
    const bars = minuteBars(3);
    bars.endUs[2] = (bars.endUs[2] ?? 0) - 1;
    expect((await write(lake, bars)).lengthUs).toBeUndefined();
    same((await lake.read({ symbol: 'SPY', timeframe: '1m' })).bars, bars);
  });

  it('reads and writes many series at once', async () => {
    const lake = newLake();
    const names = ['A', 'B', 'C', 'D'];
    await Promise.all(names.map((name, at) => write(lake, minuteBars(30_000 + at), name)));
    const again = Promise.all(
      [0, 1].map(() => write(lake, minuteBars(5), 'E').catch(() => 'busy')),
    );
    const read = await Promise.all(names.map((symbol) => lake.read({ symbol, timeframe: '1m' })));
    const rows = read.map(({ bars }) => bars.endUs.length);
    expect(rows).toEqual([30_000, 30_001, 30_002, 30_003]);
    for (const one of read) expect(one.fingerprint).toBe(one.manifest.fingerprint);
    expect(await again).toContainEqual(expect.objectContaining({ rows: 5 }));
  });

  it('reads the bars that start in a range, start included and end not', async () => {
    const lake = newLake();
    const bars = minuteBars(100);
    await write(lake, bars);
    const range = { fromUs: OPEN_US + 10 * MINUTE_US, toUs: OPEN_US + 12 * MINUTE_US };
    const read = await lake.read({ symbol: 'SPY', timeframe: '1m' }, range);
    same(read.bars, viewRows(bars, 10, 12));
  });

  it('splits a large series into a file a year, and fingerprints it as it would one file', async () => {
    const lake = newLake();
    const rows = Math.ceil(SINGLE_FILE_ROWS_MAX / 2);
    const bars = joinBars([minuteBars(rows), minuteBars(rows + 1, OPEN_US + YEAR_US)]);
    const manifest = await write(lake, bars);
    expect(manifest.parts.map(({ file }) => file.slice(0, 4))).toEqual(['2026', '2027']);
    const second = { fromUs: OPEN_US + YEAR_US };
    const read = await lake.read({ symbol: 'SPY', timeframe: '1m' }, second);
    const apart = await write(newLake(), minuteBars(rows + 1, OPEN_US + YEAR_US));
    expect(read.fingerprint).toBe(apart.fingerprint);
    expect(apart.parts.map(({ file }) => file.slice(0, 3))).toEqual(['all']);
  });

  it('replaces a series as a set and leaves nothing of the old one', async () => {
    const lake = newLake();
    await write(lake, minuteBars(10));
    const manifest = await write(lake, minuteBars(20));
    const files = readdirSync(join(lake.root, 'ARCX/SPY/1m'));
    expect(files.sort()).toEqual([...manifest.parts.map(({ file }) => file), MANIFEST_FILE].sort());
  });

  it('keeps the old series where a write fails, and removes what the write left', async () => {
    const lake = newLake();
    await write(lake, minuteBars(10));
    const folder = join(lake.root, 'ARCX/SPY/1m');
    const before = readdirSync(folder);
    const first = minuteBars(SINGLE_FILE_ROWS_MAX);
    const broken = joinBars([first, minuteBars(20, OPEN_US + YEAR_US)]);
    broken.openNanos[SINGLE_FILE_ROWS_MAX + 5] = Number.NaN;
    await expect(write(lake, broken)).rejects.toMatchObject({ code: 'LAKE.WRITE' });
    expect(readdirSync(folder)).toEqual(before);
    expect((await lake.read({ symbol: 'SPY', timeframe: '1m' })).bars.endUs).toHaveLength(10);
  });

  it('refuses a second writer, and takes over the lock of a dead one', async () => {
    const lake = newLake();
    await write(lake, minuteBars(10));
    const lock = join(lake.root, 'ARCX/SPY/1m/writer.lock');
    writeFileSync(lock, String(process.ppid));
    await expect(write(lake, minuteBars(20))).rejects.toMatchObject({ code: 'LAKE.BUSY' });
    const dead = execFileSync(process.execPath, ['-p', 'process.pid']).toString().trim();
    writeFileSync(lock, dead);
    expect((await write(lake, minuteBars(20))).rows).toBe(20);
    expect(existsSync(lock)).toBe(false);
  });

  it('lists series sorted, whatever their names', async () => {
    const lake = newLake();
    expect(await lake.list()).toEqual([]);
    for (const symbol of ['SPY', 'BRK.B', 'EUR/USD', '..'])
      await write(lake, minuteBars(2), symbol);
    expect((await lake.list()).map(({ symbol }) => symbol)).toEqual([
      '..',
      'BRK.B',
      'EUR/USD',
      'SPY',
    ]);
    expect(readdirSync(lake.root)).toEqual(['ARCX']);
  });

  it('says what there is where a series or a range is lacking, and how it comes in', async () => {
    const lake = newLake();
    await expect(lake.find({ symbol: 'SPY', timeframe: '1d' })).rejects.toThrow(
      /no bars of SPY 1d\. It is empty\. Bring it in: capstan data import <file> --venue <venue> --symbol SPY --timeframe 1d/,
    );
    await write(lake, minuteBars(10));
    await expect(lake.find({ symbol: 'QQQ', timeframe: '1d' })).rejects.toThrow(
      /It has ARCX SPY 1m \(2026-01-05 to 2026-01-05\)/,
    );
    await expect(lake.find({ symbol: 'SPY', timeframe: '1d' })).rejects.toThrow(
      /capstan data resample SPY --venue ARCX --to 1d/,
    );
    const later = { fromUs: OPEN_US + YEAR_US };
    await expect(lake.read({ symbol: 'SPY', timeframe: '1m' }, later)).rejects.toMatchObject({
      code: 'LAKE.RANGE',
      why: expect.stringContaining('It has 2026-01-05T14:30:00Z to 2026-01-05T14:40:00Z'),
    });
  });

  it('asks for the venue where a symbol trades at two', async () => {
    const lake = newLake();
    await write(lake, minuteBars(10));
    await write(lake, minuteBars(20), 'SPY', 'XNAS');
    const query = { symbol: 'SPY', timeframe: '1m' } as const;
    await expect(lake.find(query)).rejects.toMatchObject({ code: 'LAKE.AMBIGUOUS' });
    expect((await lake.find({ ...query, venue: 'XNAS' })).rows).toBe(20);
  });

  it.each([
    ['is cut off', (path: string) => truncateSync(path, 100), /it has 100 bytes, not \d+/],
    [
      'holds something else',
      (path: string) => writeFileSync(path, Buffer.alloc(readFileSync(path).length, 7)),
      /a part cannot be read/,
    ],
  ])('refuses a series whose file %s', async (_, harm, why) => {
    const lake = newLake();
    const manifest = await write(lake, minuteBars(10));
    harm(lake.partPaths(manifest)[0] ?? '');
    const reading = lake.read({ symbol: 'SPY', timeframe: '1m' });
    await expect(reading).rejects.toMatchObject({ code: 'LAKE.DAMAGED' });
    await expect(reading).rejects.toThrow(why);
  });

  it('names the key of a manifest that is wrong', async () => {
    const lake = newLake();
    await write(lake, minuteBars(10));
    const path = join(lake.root, 'ARCX/SPY/1m', MANIFEST_FILE);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"XNYS"', '5'));
    await expect(lake.list()).rejects.toThrow(/instrument\.calendar is 5, expected a text/);
    writeFileSync(path, '{');
    await expect(lake.list()).rejects.toMatchObject({ code: 'LAKE.DAMAGED' });
  });
});
