import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { usEquity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { duckDb } from './duckdb.ts';
import { type BarSourceOptions, readBarsFromFile } from './read-bars-from-file.ts';
import { OPEN_US, temporaryFolder } from './test-bars.ts';

const folder = temporaryFolder('bars-from-file');
const HEADER = 'symbol,ts_utc_ms,open,high,low,close,volume';
const row = (minute: number, rest = '100.1,100.4,100,100.25,1200', symbol = 'SPY') =>
  `${symbol},${OPEN_US / 1_000 + minute * 60_000},${rest}`;
let count = 0;

function write(lines: readonly string[], zipped = false): string {
  count += 1;
  const path = join(folder, `${count}.csv`);
  const text = lines.join('\n');
  writeFileSync(path, zipped ? gzipSync(text) : text);
  return path;
}

const read = (lines: readonly string[], options: Partial<BarSourceOptions> = {}) =>
  readBarsFromFile({ path: write(lines), timeframe: '1m', ...options });

describe('readBarsFromFile', () => {
  it('reads several symbols into exact columns, and the same from gzip', async () => {
    const lines = [HEADER, row(0), row(0, '1,2,1,2,5', 'QQQ'), row(1), ''];
    const plain = await read(lines);
    expect(plain.series.map(({ symbol }) => symbol)).toEqual(['QQQ', 'SPY']);
    const spy = plain.series[1];
    expect([...(spy?.bars.startUs ?? [])]).toEqual([OPEN_US, OPEN_US + 60_000_000]);
    expect([...(spy?.bars.endUs ?? [])]).toEqual([OPEN_US + 60_000_000, OPEN_US + 120_000_000]);
    expect(spy?.bars.highNanos[0]).toBe(100_400_000_000);
    expect(spy?.description.instrumentId).toBe('us-equity-spy');
    const zipped = await readBarsFromFile({ path: write(lines, true), timeframe: '1m' });
    expect(zipped.series.map(({ fingerprint }) => fingerprint)).toEqual(
      plain.series.map(({ fingerprint }) => fingerprint),
    );
    expect(zipped.fileSha256).not.toBe(plain.fileSha256);
  });

  it('reads quoted cells, carriage returns, a byte order mark and semicolons alike', async () => {
    const plain = await read([HEADER, row(0), row(1)]);
    const quoted = row(0).replace('SPY', '"SPY"');
    const forms = [
      [HEADER, quoted, row(1)],
      [`\uFEFF${HEADER}\r`, `${row(0)}\r`, `${row(1)}\r`, ''],
      [HEADER, row(0), row(1)].map((line) => line.replaceAll(',', ';')),
    ];
    for (const form of forms) {
      expect((await read(form)).series[0]?.fingerprint).toBe(plain.series[0]?.fingerprint);
    }
  });

  it('reads lines that lie across the ends of what is read at once', async () => {
    const lines = [HEADER, ...Array.from({ length: 40_000 }, (_, minute) => row(minute))];
    const { series } = await read(lines);
    expect(series[0]?.bars.endUs).toHaveLength(40_000);
    expect(series[0]?.bars.volume.every((volume) => volume === 1_200)).toBe(true);
  });

  it('cuts a range, and leaves out what nobody asked for', async () => {
    const lines = [HEADER, row(0), row(0, '1,2,1,2,5', 'QQQ'), row(1), row(2)];
    const range = { fromUs: OPEN_US + 60_000_000, toUs: OPEN_US + 120_000_000 };
    const { series } = await read(lines, { ...range, shared: true });
    expect(series.map(({ symbol, bars }) => [symbol, bars.endUs.length])).toEqual([['SPY', 1]]);
    expect(series[0]?.bars.closeNanos.buffer).toBeInstanceOf(SharedArrayBuffer);
    const only = await read(lines, { symbols: ['QQQ'] });
    expect(only.reports.map(({ symbol }) => symbol)).toEqual(['QQQ']);
    await expect(read(lines, { symbols: ['IWM'] })).rejects.toMatchObject({
      why: expect.stringMatching(/no bars of IWM\.$/),
      fix: 'It has QQQ, SPY.',
    });
  });

  it.each([
    ['a price that is no number', row(1, '1,2,x,2,5'), /line 3: column 'low' is 'x', expected a p/],
    ['a cell that is empty beside others', row(1, '1,,1,1,5'), /column 'high' is '', expected a v/],
    ['a time that is none', 'SPY,soon,1,1,1,1,1', /'ts_utc_ms' is 'soon', expected a whole n/],
    ['a part of a share', row(1, '1,1,1,1,0.5'), /'volume' is '0.5', expected a whole number/],
    ['a missing cell', 'SPY,1', /line 3: column 'open' is ''/],
    ['an empty symbol', row(1, '1,1,1,1,1', ''), /column 'symbol' is ''/],
  ])('refuses %s, naming line and column', async (_, line, message) => {
    await expect(read([HEADER, row(0), line])).rejects.toThrow(message);
  });

  it('refuses what a rule refuses, with counts and first lines, and takes it where the rule lets it', async () => {
    const lines = [HEADER, row(0), row(1, '2,1,2,2,5'), row(2, '2,1,2,2,5'), row(3), row(3)];
    await expect(read(lines)).rejects.toMatchObject({
      code: 'LAKE.REFUSED',
      why: expect.stringMatching(
        /SPY: 2 rows 'ohlc' \(first: line 3, 2026-01-05T14:31:00Z: open 2, high 1/,
      ),
      fix: expect.stringContaining('--on-anomaly ohlc=drop'),
    });
    const { reports } = await read(lines, { rules: { ohlc: 'drop' } });
    expect(reports[0]).toMatchObject({ rowsRead: 5, rowsKept: 2, rowsDropped: 3, refused: false });
  });

  it('rounds a price of more than nine decimals only where the rule says so', async () => {
    const lines = [HEADER, row(0, '1,2,1,1.00000000049,5'), row(1)];
    await expect(read(lines)).rejects.toThrow(
      /SPY: 1 row 'precision' \(first: line 2: more than nine decimals/,
    );
    const kept = await read(lines, { rules: { precision: 'keep' } });
    expect(kept.series[0]?.bars.closeNanos[0]).toBe(1_000_000_000);
    const dropped = await read(lines, { rules: { precision: 'drop' } });
    expect(dropped.reports[0]).toMatchObject({ rowsKept: 1, rowsDropped: 1 });
  });

  it('leaves out rows without any number, and counts them', async () => {
    const { reports } = await read([HEADER, row(0), row(1, ',,,,'), row(2)]);
    expect(reports[0]).toMatchObject({ rowsRead: 3, rowsKept: 2 });
    expect(reports[0]?.anomalies[0]).toMatchObject({
      kind: 'empty',
      action: 'drop',
      examples: [{ line: 3 }],
    });
  });

  it('names file and symbol where bars lie as no timeframe does', async () => {
    await expect(read([HEADER, row(7)], { timeframe: '1h' })).rejects.toThrow(
      /\d+\.csv: SPY: bars of 1h: the bar at 2026-01-05T14:37:00Z/,
    );
  });

  it('scales volumes to the instrument', async () => {
    const instrumentOf = (symbol: string) => ({ ...usEquity(symbol), quantityScale: 3 });
    const { series } = await read([HEADER, row(0, '1,1,1,1,0.5')], { instrumentOf });
    expect(series[0]?.bars.volume[0]).toBe(500);
    expect(series[0]?.description.quantityScale).toBe(3);
  });

  it('says when a file is missing, empty or cut off', async () => {
    const missing = readBarsFromFile({ path: join(folder, 'none.csv'), timeframe: '1m' });
    await expect(missing).rejects.toThrow(/there is no such file/);
    await expect(read([HEADER])).rejects.toThrow(/the file has no bars/);
    const path = join(folder, 'cut.csv.gz');
    const lines = [HEADER, ...Array.from({ length: 500 }, (_, minute) => row(minute))];
    writeFileSync(path, gzipSync(lines.join('\n')).subarray(0, 900));
    await expect(readBarsFromFile({ path, timeframe: '1m' })).rejects.toMatchObject({
      code: 'LAKE.FILE',
    });
  });

  it('reads Parquet as it reads CSV', async () => {
    const csv = write([HEADER, row(0), row(1, '1.5,2,1.25,2,7')]);
    const connection = await duckDb();
    const path = join(folder, 'bars.parquet');
    const forms = [
      'symbol, ts_utc_ms, open::DECIMAL(18,4) AS open, high, low::FLOAT AS low, close, volume',
      'symbol, epoch_ms(ts_utc_ms) AS time, open, high, low, close, volume::DOUBLE AS volume',
      'symbol, make_timestamptz(ts_utc_ms * 1000) AS time, open, high, low, close, volume',
      "symbol, strftime(epoch_ms(ts_utc_ms), '%Y-%m-%dT%H:%M:%SZ') AS time, open, high, low, close, volume",
    ];
    const expected = (await readBarsFromFile({ path: csv, timeframe: '1m' })).series[0];
    for (const form of forms) {
      await connection.run(`COPY (SELECT ${form} FROM '${csv}') TO '${path}' (FORMAT parquet)`);
      const { series } = await readBarsFromFile({ path, timeframe: '1m' });
      expect(series[0]?.fingerprint).toBe(expected?.fingerprint);
    }
    await connection.run(
      `COPY (SELECT ts_utc_ms AS time, symbol AS open, high, low, close, volume, symbol FROM '${csv}') TO '${path}' (FORMAT parquet)`,
    );
    await expect(readBarsFromFile({ path, timeframe: '1m' })).rejects.toThrow(
      /column 'open' is of type VARCHAR, expected a number/,
    );
  });
});
