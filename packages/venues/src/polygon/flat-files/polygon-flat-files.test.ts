import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { timeUs, US_PER_DAY } from '@capstan/domain';
import { type PolygonEmulator, startPolygonEmulator } from '@capstan/emulators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, NYSE, quickClock, textLog } from '../polygon.test-support.ts';
import { cellsOf, readPackedCsv } from './csv-stream.ts';
import { PolygonFlatFiles } from './polygon-flat-files.ts';
import { readFlatFileSettings } from './settings.ts';

const SECRET = 'canary-secret-77';
const FROM_US = timeUs(NYSE.session('2026-01-02')?.openUs ?? 0);
/** In the morning of Wednesday the seventh: the sixth has no files yet. */
const NOW_US = timeUs(NYSE.session('2026-01-07')?.openUs ?? 0);
const TO_US = timeUs((NYSE.session('2026-01-05')?.closeUs ?? 0) + US_PER_DAY / 8);
const SPAN = { symbols: ['BRK.B', 'QQQ'], fromUs: FROM_US, toUs: TO_US };
const MINUTES = { ...SPAN, timeframe: '1m', adjustment: 'raw' } as const;
const KEY = 'us_stocks_sip/minute_aggs_v1/2026/01/2026-01-05.csv.gz';

interface Bench extends AsyncDisposable {
  readonly emulator: PolygonEmulator;
  readonly files: PolygonFlatFiles;
  readonly lines: readonly string[];
}

async function bench(accessKeyId = 'demo-access'): Promise<Bench> {
  const emulator = await startPolygonEmulator({
    nowUs: NOW_US,
    world: {
      seed: 3,
      calendar: NYSE,
      startDate: '2026-01-02',
      symbols: [
        { symbol: 'QQQ', startPrice: 500 },
        { symbol: 'BRK.B', startPrice: 480 },
        { symbol: 'SPY', startPrice: 600 },
      ],
      optionable: ['QQQ'],
    },
  });
  const settings = readFlatFileSettings({
    POLYGON_S3_ENDPOINT: emulator.s3Url,
    POLYGON_S3_ACCESS_KEY_ID: accessKeyId,
    POLYGON_S3_SECRET_ACCESS_KEY: SECRET,
  });
  const { log, lines } = textLog();
  const files = new PolygonFlatFiles(
    { clock: quickClock(() => NOW_US), log, calendar: NYSE },
    settings,
  );
  return {
    emulator,
    files,
    lines,
    async [Symbol.asyncDispose]() {
      files.close();
      await emulator.close();
    },
  };
}

describe("Polygon's flat files", () => {
  it('have the minutes of the market, of the wanted symbols and span alone, each file read once', async () => {
    await using one = await bench();
    const bars = await all(one.files.bars(MINUTES));
    const expected = ['BRK.B', 'QQQ'].flatMap((symbol) =>
      one.emulator.world.minutes(symbol, FROM_US, TO_US),
    );
    const byDay = (
      a: { startUs: number; symbol: string },
      b: { startUs: number; symbol: string },
    ) => (a.symbol === b.symbol ? a.startUs - b.startUs : a.symbol < b.symbol ? -1 : 1);
    expect([...bars].sort(byDay)).toEqual(expected);
    const asked = one.emulator.control.requests.map(
      (path) => /(\d{4}-\d{2}-\d{2})/.exec(path)?.[1],
    );
    expect(asked).toEqual(['2026-01-02', '2026-01-05']);
  });

  it('that may still come are not taken for days without trades; those that never came are', async () => {
    await using one = await bench();
    const late = all(one.files.bars({ ...MINUTES, toUs: NOW_US }));
    await expect(late).rejects.toMatchObject({
      code: 'MARKET.UNAVAILABLE',
      why: expect.stringContaining('2026-01-06.csv.gz is not there yet'),
    });
    one.emulator.control.inject({ fault: { kind: 'status', status: 404 }, path: '2026-01-02' });
    const bars = await all(one.files.bars(MINUTES));
    expect(bars.every(({ startUs }) => startUs > FROM_US + US_PER_DAY)).toBe(true);
    expect(one.lines.join()).toContain('there is no flat file of a session');
  });

  it('have sessions, trades with their conditions, and quotes', async () => {
    await using one = await bench();
    const { world } = one.emulator;
    const toUs = timeUs(NYSE.session('2026-01-05')?.openUs ?? 0);
    const span = { symbols: ['QQQ'], fromUs: FROM_US, toUs };
    const days = await all(one.files.bars({ ...span, timeframe: '1d', adjustment: 'raw' }));
    expect(days).toEqual(world.days('QQQ', FROM_US, toUs));
    const trades = await all(one.files.trades(span));
    expect(trades).toEqual(
      world.trades('QQQ', FROM_US, toUs).map(({ sequence: _, ...rest }) => rest),
    );
    expect(trades.some(({ conditions }) => conditions.length === 2)).toBe(true);
    const quotes = await all(one.files.quotes(span));
    expect(quotes).toEqual(
      world.quotes('QQQ', FROM_US, toUs).map(({ sequence: _, ...rest }) => rest),
    );
  });

  it('have options by their own symbols', async () => {
    await using one = await bench();
    const [{ symbol = '' } = {}] = one.emulator.world.tradedOptions('QQQ', '2026-01-05');
    const fromUs = timeUs(NYSE.session('2026-01-05')?.openUs ?? 0);
    const span = { symbols: [symbol], fromUs, toUs: timeUs(fromUs + US_PER_DAY / 2) };
    const bars = await all(one.files.bars({ ...span, timeframe: '1m', adjustment: 'raw' }));
    expect(bars).toEqual(
      one.emulator.world
        .minutes(`O:${symbol}`, fromUs, span.toUs)
        .map((bar) => ({ ...bar, symbol })),
    );
  });

  it('tell which of them were written again', async () => {
    await using one = await bench();
    const days = {
      of: 'bars',
      symbols: ['QQQ'],
      fromDate: '2026-01-02',
      toDate: '2026-01-07',
    } as const;
    const before = await one.files.dayVersions(days);
    expect([...before.keys()]).toEqual(['2026-01-02', '2026-01-05']);
    one.emulator.control.rewriteFile(KEY);
    const after = await one.files.dayVersions(days);
    expect(after.get('2026-01-02')).toBe(before.get('2026-01-02'));
    expect(after.get('2026-01-05')).not.toBe(before.get('2026-01-05'));
    // The file of sessions is another one.
    const sessions = await one.files.dayVersions({ ...days, timeframe: '1d' });
    expect([...sessions.keys()]).toEqual(['2026-01-02', '2026-01-05']);
    expect(sessions.get('2026-01-02')).not.toBe(before.get('2026-01-02'));
  });

  it('that break off are read again, and lose nothing', async () => {
    await using one = await bench();
    one.emulator.control.inject({ fault: { kind: 'truncated' }, path: '2026-01-05' });
    one.emulator.control.inject({ fault: { kind: 'status', status: 500 }, path: '2026-01-02' });
    const bars = await all(one.files.bars(MINUTES));
    expect(bars).toHaveLength(2 * (391 + 392));
    expect(one.lines.join()).toContain('broke off; reading it again');
    one.emulator.control.inject({ fault: { kind: 'truncated' }, path: '2026-01-05', times: 3 });
    await expect(all(one.files.bars(MINUTES))).rejects.toMatchObject({
      code: 'MARKET.UNAVAILABLE',
    });
  });

  it('that the plan does not hold are told from wrong keys', async () => {
    await using one = await bench();
    one.emulator.control.refuseFilesBefore('2026-01-05');
    await expect(all(one.files.bars(MINUTES))).rejects.toMatchObject({
      code: 'MARKET.ENTITLEMENT',
      why: expect.stringContaining('2026-01-02'),
    });
    await using other = await bench('wrong-access');
    const failures = [
      await other.files.check().catch((error: unknown) => error),
      await all(other.files.bars(MINUTES)).catch((error: unknown) => error),
    ];
    for (const error of failures) {
      expect(error).toMatchObject({ code: 'MARKET.CREDENTIALS' });
      const text = `${(error as Error).stack} ${JSON.stringify(error)} ${other.lines.join()}`;
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain('wrong-access');
    }
    await one.files.check();
  });

  it('are let go where nobody reads on', async () => {
    await using one = await bench();
    for await (const page of one.files.trades(SPAN)) {
      expect(page.length).toBeGreaterThan(0);
      break;
    }
    const over = new AbortController();
    over.abort(new Error('enough'));
    await expect(all(one.files.trades(SPAN, over.signal))).rejects.toThrow('enough');
  });

  it('say what they do not have', async () => {
    await using one = await bench();
    const hours = all(one.files.bars({ ...SPAN, timeframe: '1h', adjustment: 'raw' }));
    await expect(hours).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
    await expect(one.files.subscribe()).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
    const actions = all(one.files.actions({ symbols: ['QQQ'], fromDate: '', toDate: '' }));
    await expect(actions).rejects.toThrow(/POLYGON_API_KEY/);
  });
});

describe('packed CSV', () => {
  it('is read the same however it comes in pieces', async () => {
    const cell = fc.stringMatching(/^[A-Za-z0-9.,]{0,6}$/);
    const tickers = fc.constantFrom('A', 'AA', 'B');
    const rows = fc.array(fc.tuple(tickers, cell, cell), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (given, size, isDos) => {
          const quoted = (text: string) => (text.includes(',') ? `"${text}"` : text);
          const lines = ['ticker,x,y', ...given.map((row) => row.map(quoted).join(','))];
          const packed = gzipSync(lines.join(isDos ? '\r\n' : '\n'));
          const pieces = Array.from({ length: Math.ceil(packed.length / size) }, (_, at) =>
            packed.subarray(at * size, (at + 1) * size),
          );
          const got: string[][] = [];
          await readPackedCsv(Readable.from(pieces), {
            columns: ['ticker', 'x'],
            wanted: new Set(['A', 'B']),
            row: (ticker, read) => got.push([ticker, read('x'), read('y')]),
          });
          expect(got).toEqual(given.filter(([ticker]) => ticker !== 'AA'));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('needs its columns', async () => {
    const wish = { columns: ['ticker', 'price'], wanted: new Set(['A']), row: () => undefined };
    const read = readPackedCsv(Readable.from([gzipSync('ticker,cost\nA,1\n')]), wish);
    await expect(read).rejects.toMatchObject({ code: 'MARKET.ANSWER' });
    expect(cellsOf('a,"b,c",,d')).toEqual(['a', 'b,c', '', 'd']);
  });
});
