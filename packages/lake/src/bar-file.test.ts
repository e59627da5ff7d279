import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { getCalendar } from '@capstan/calendar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBarFile } from './bar-file.ts';
import { sliceBars } from './slices.ts';

const HEADER = 'symbol,ts_utc_ms,open,high,low,close,volume';
const START_MS = Date.UTC(2026, 0, 5, 14, 30);
const row = (minute: number, rest = '100.1,100.4,100,100.25,1200', symbol = 'SPY') =>
  `${symbol},${START_MS + minute * 60_000},${rest}`;

describe('readBarFile', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'capstan-bars-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (text: string, zipped = false): string => {
    const path = join(folder, `${Math.abs(hash(text))}.csv${zipped ? '.gz' : ''}`);
    writeFileSync(path, zipped ? gzipSync(text) : text);
    return path;
  };
  const hash = (text: string) => [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 7);
  const read = (text: string, zipped = false) =>
    readBarFile({ path: write(text, zipped), timeframe: '1m' });

  it('reads exact prices, and the same from a gzip file', async () => {
    const text = [HEADER, row(0), row(0, '1,2,1,2,5', 'QQQ'), row(1)].join('\n');
    const plain = await read(text);
    expect(plain.symbols).toEqual(['QQQ', 'SPY']);
    expect(plain.bars[0]).toMatchObject({
      symbol: 'SPY',
      startUs: START_MS * 1000,
      endUs: START_MS * 1000 + 60_000_000,
      openNanos: 100_100_000_000,
      closeNanos: 100_250_000_000,
      volume: 1200,
    });
    expect((await read(text, true)).bars).toEqual(plain.bars);
    expect(plain.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes a column mapping, a constant symbol and stamps at the end', async () => {
    const text = ['when,o,h,l,last,units', '2026-01-05T14:31:00Z,1,2,1,2,9'].join('\n');
    const file = await readBarFile({
      path: write(text),
      timeframe: '1m',
      mapping: { columns: { time: 'when', volume: 'units' }, symbol: 'ES', stamp: 'end' },
    });
    expect(file.bars[0]).toMatchObject({ symbol: 'ES', startUs: START_MS * 1000 });
  });

  it.each([
    [
      'a price that is no number',
      [row(0), row(1, '1,2,x,2,5')],
      /line 3: column 'low' is 'x', expected a price/,
    ],
    ['an empty cell', [row(0, '1,,1,1,5')], /line 2: column 'high' is '', expected a value/],
    ['a high below the low', [row(0, '2,1,2,2,5')], /line 2: SPY: high is below low/],
    ['a repeated time', [row(0), row(0)], /line 3: SPY: the bar repeats the time/],
    ['a time that goes back', [row(1), row(0)], /line 3: SPY: the bar is older/],
    [
      'a time that is no number',
      ['SPY,soon,1,1,1,1,1'],
      /column 'ts_utc_ms' is 'soon', expected a whole number of ms/,
    ],
    [
      'a fraction of a share',
      [row(0, '1,1,1,1,0.5')],
      /column 'volume' is '0.5', expected a whole number/,
    ],
    ['a missing cell', ['SPY,1'], /line 2: column 'open' is ''/],
    ['no bars', [], /the file has no bars/],
  ])('refuses %s, naming line and column', async (_, rows, message) => {
    await expect(read([HEADER, ...rows].join('\n'))).rejects.toThrow(message);
  });

  it('names the field that no column holds, and the file that is not there', async () => {
    await expect(read('symbol,time,open,high,low,volume\n')).rejects.toThrow(
      /no column for 'close'/,
    );
    const missing = readBarFile({ path: join(folder, 'none.csv'), timeframe: '1m' });
    await expect(missing).rejects.toMatchObject({ code: 'LAKE.FILE' });
  });

  it('refuses a gzip file that is cut off', async () => {
    const path = join(folder, 'cut.csv.gz');
    writeFileSync(
      path,
      gzipSync([HEADER, ...Array.from({ length: 500 }, (_, i) => row(i))].join('\n')).subarray(
        0,
        900,
      ),
    );
    await expect(readBarFile({ path, timeframe: '1m' })).rejects.toMatchObject({
      code: 'LAKE.FILE',
    });
  });

  it('slices by end, sorted by symbol, and leaves out what is outside the session', async () => {
    const rows = [
      row(-60),
      row(0),
      row(1),
      row(0, '1,1,1,1,1', 'QQQ'),
      row(500, '1,1,1,1,1', 'QQQ'),
    ];
    const { bars } = await read([HEADER, ...rows].join('\n'));
    const calendar = getCalendar('XNYS');
    const regular = sliceBars('demo', bars, 'regular', () => calendar);
    expect(regular.skipped).toBe(2);
    expect(regular.slices.map((slice) => slice.bars.map((bar) => bar.symbol))).toEqual([
      ['QQQ', 'SPY'],
      ['SPY'],
    ]);
    expect(sliceBars('demo', bars, 'all', () => calendar).slices).toHaveLength(4);
  });
});
