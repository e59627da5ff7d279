import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usEquity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { exportBars } from './export-bars.ts';
import { importActions } from './import-actions.ts';
import { importBars } from './import-bars.ts';
import { importTickers } from './import-tickers.ts';
import { Lake } from './lake.ts';
import { viewRows } from './lake-bars.ts';
import { readActionsFile } from './read-actions-file.ts';
import { parseSplitRatio } from './split-ratio.ts';
import { minuteBars, OPEN_US, temporaryFolder } from './test-bars.ts';

const folder = temporaryFolder('beside');
let count = 0;
const newLake = (): Lake => {
  count += 1;
  return new Lake(join(folder, `lake-${count}`));
};
function file(...lines: readonly string[]): string {
  count += 1;
  const path = join(folder, `${count}.csv`);
  writeFileSync(path, lines.join('\n'));
  return path;
}
const ACTIONS = 'symbol,ex_date,last_cum_date,kind,value,prior_close';

describe('parseSplitRatio', () => {
  it.each([
    ['2', 2, 1, false],
    ['2.00001', 2, 1, true],
    ['0.05', 1, 20, false],
    ['1.5', 3, 2, false],
    ['0.33333', 1, 3, true],
    ['1.0027', 10_027, 10_000, false],
    ['4:1', 4, 1, false],
    ['2:20', 1, 10, false],
  ])('reads %s as %d for %d', (text, newShares, oldShares, rounded) => {
    expect(parseSplitRatio(text)).toEqual({ newShares, oldShares, rounded });
  });

  it.each(['0', '-2', '2x', '', '1:0', '1e3', '1.0000000000001'])('refuses %s', (text) => {
    expect(parseSplitRatio(text)).toBeUndefined();
  });
});

describe('corporate actions', () => {
  it('are read sorted, with what was rounded or repeated', async () => {
    const path = file(
      ACTIONS,
      'AAPL,2012-08-09,2012-08-08,dividend,2.649939,619.86',
      'AAPL,2005-02-28,2005-02-25,split,2.00001,88.97',
      'AAPL,2012-08-09,2012-08-08,dividend,2.649939,619.86',
    );
    const { bySymbol, notes } = await readActionsFile(path);
    expect(bySymbol.get('AAPL')).toEqual([
      { kind: 'split', exDate: '2005-02-28', newShares: 2, oldShares: 1 },
      { kind: 'dividend', exDate: '2012-08-09', amountPerUnitNanos: 2_649_939_000 },
    ]);
    expect(notes).toEqual([
      'line 3: the split of AAPL on 2005-02-28 reads 2.00001 and was taken as 2:1',
      'line 4: AAPL 2012-08-09 dividend 2.649939 repeats an earlier row and was left out',
    ]);
  });

  it.each([
    ['AAPL,2012-02-30,,split,2,', /line 2: column 'ex_date' is '2012-02-30', expected a date/],
    ['AAPL,2012-02-03,,merger,2,', /column 'kind' is 'merger', expected split or dividend/],
    ['AAPL,2012-02-03,,split,two,', /column 'value' is 'two', expected a ratio such as 4/],
    ['AAPL,2012-02-03,,dividend,0,', /expected cash a share above zero/],
    [',2012-02-03,,dividend,1,', /column 'symbol' is ''/],
  ])('refuses %s', async (line, message) => {
    await expect(readActionsFile(file(ACTIONS, line))).rejects.toThrow(message);
  });

  it('refuse two splits on a day, a pay date before the ex-date, a missing column and no rows', async () => {
    const split = 'AAPL,2012-02-03,,split,2,';
    const same = readActionsFile(file(ACTIONS, split, 'AAPL,2012-02-03,,split,3,'));
    await expect(same).rejects.toThrow(/one split on 2012-02-03; line 2 has another/);
    const early = file('ex_date,kind,value,pay_date', '2012-02-03,dividend,1,2012-02-02');
    await expect(readActionsFile(early, 'AAPL')).rejects.toThrow(
      /expected a date from 2012-02-03 on/,
    );
    await expect(readActionsFile(early)).rejects.toThrow(/no column 'symbol'.*Name the symbol/);
    await expect(readActionsFile(file(ACTIONS))).rejects.toThrow(/has no corporate actions/);
  });

  it('lie beside the bars and are given with raw ones alone', async () => {
    const lake = newLake();
    const path = file('ex_date,kind,value,pay_date', '2026-01-05,dividend,0.25,2026-01-20');
    const written = await importActions(lake, { path, venue: 'ARCX', symbol: 'SPY' });
    expect(written.written).toHaveLength(1);
    for (const adjustment of ['raw', 'split'] as const) {
      await lake.write({
        key: { venue: 'ARCX', symbol: 'SPY', timeframe: '1m', adjustment },
        instrument: usEquity('SPY'),
        bars: minuteBars(3),
        sources: [],
      });
    }
    const query = { symbol: 'SPY', timeframe: '1m' } as const;
    expect((await lake.readWithActions(query)).actions).toEqual([
      {
        kind: 'dividend',
        exDate: '2026-01-05',
        payDate: '2026-01-20',
        amountPerUnitNanos: 250_000_000,
      },
    ]);
    const adjusted = lake.readWithActions({ ...query, adjustment: 'split' });
    await expect(adjusted).rejects.toMatchObject({ code: 'LAKE.ADJUSTED' });
    expect((await lake.read({ ...query, adjustment: 'split' })).bars.endUs).toHaveLength(3);
    expect(await lake.actions('ARCX', 'QQQ')).toBeUndefined();
  });
});

describe('tickers', () => {
  const rows = [
    'QQQ,1999-03-10,QQQ',
    'QQQ,2004-11-30,QQQ',
    'QQQ,2011-03-22,QQQQ',
    'QQQ,2050-12-31,QQQ',
  ];

  it('name an instrument as of a date', async () => {
    const lake = newLake();
    await importTickers(lake, { path: file('symbol,until_date,ticker', ...rows), venue: 'XNAS' });
    const registry = await lake.instruments('XNAS');
    expect(registry.byId('XNAS:QQQ')?.tickers).toEqual([
      { ticker: 'QQQ', fromDate: '1999-03-10', untilDate: '2004-11-30' },
      { ticker: 'QQQQ', fromDate: '2004-12-01', untilDate: '2011-03-22' },
      { ticker: 'QQQ', fromDate: '2011-03-23' },
    ]);
    expect(registry.byTicker('QQQQ', '2008-01-02')?.instrument.symbol).toBe('QQQ');
    expect(registry.byTicker('QQQ', '2008-01-02')).toBeUndefined();
    expect(registry.byTicker('QQQ', '2030-01-02')?.instrument.instrumentId).toBe('XNAS:QQQ');
    expect(registry.bySymbol('SPY').instrumentId).toBe('XNAS:SPY');
  });

  it('tell who asks for an old name', async () => {
    const lake = newLake();
    await importTickers(lake, { path: file('symbol,until_date,ticker', ...rows), venue: 'XNAS' });
    await lake.write({
      key: { venue: 'XNAS', symbol: 'QQQ', timeframe: '1d' },
      instrument: usEquity('QQQ'),
      bars: minuteBars(3),
      sources: [],
    });
    await expect(lake.find({ symbol: 'QQQQ', timeframe: '1d' })).rejects.toThrow(
      /QQQQ is the name of XNAS:QQQ from 2004-12-01 until 2011-03-22: ask for QQQ\./,
    );
  });

  it('of one name at one time for two instruments are refused when asked', async () => {
    const lake = newLake();
    const path = file(
      'symbol,until_date,ticker',
      ...rows,
      'IXX,1999-03-10,QQQ',
      'IXX,2001-01-01,QQQ',
    );
    await importTickers(lake, { path, venue: 'XNAS' });
    const registry = await lake.instruments('XNAS');
    expect(() => registry.byTicker('QQQ', '2000-01-03')).toThrow(
      /several instruments: XNAS:IXX, XNAS:QQQ/,
    );
  });

  it.each([
    [
      [...rows].reverse(),
      /line 3: column 'until_date' is '2011-03-22', expected a date after 2050-12-31/,
    ],
    [['QQQ,soon,QQQ'], /column 'until_date' is 'soon'/],
    [[], /no tickers/],
  ])('that make no sense are refused', async (lines, message) => {
    const path = file('symbol,until_date,ticker', ...lines);
    await expect(importTickers(newLake(), { path, venue: 'XNAS' })).rejects.toThrow(message);
  });
});

describe('exportBars', () => {
  it.each(['csv', 'csv.gz', 'parquet'])(
    'writes %s that an import reads back, cut spans too',
    async (ending) => {
      const lake = newLake();
      const hours = minuteBars(3, OPEN_US - 30 * 60_000_000, 60);
      hours.startUs[0] = OPEN_US;
      hours.openNanos[1] = 9_007_199_254_740_991;
      hours.highNanos[1] = 9_007_199_254_740_991;
      const instrument = { ...usEquity('BRK.B'), quantityScale: 3 };
      const key = { venue: 'XNYS', symbol: 'BRK.B', timeframe: '1h', alignment: 'clock' } as const;
      await lake.write({ key, instrument, bars: viewRows(hours, 0, 3), sources: [] });
      const series = await lake.read(key);
      const path = join(folder, `out-${count}.${ending}`);
      await exportBars(series, { path });
      const back = newLake();
      const instrumentOf = () => instrument;
      const { written } = await importBars(back, {
        path,
        venue: 'XNYS',
        timeframe: '1h',
        instrumentOf,
      });
      expect(written[0]?.manifest).toMatchObject({
        alignment: 'clock',
        fingerprint: series.fingerprint,
      });
      await expect(exportBars(series, { path })).rejects.toMatchObject({ code: 'LAKE.EXISTS' });
      await exportBars(series, { path, overwrite: true });
    },
  );

  it('reads the part files of a lake as they are', async () => {
    const lake = newLake();
    const key = { venue: 'ARCX', symbol: 'SPY', timeframe: '1m' } as const;
    const manifest = await lake.write({
      key,
      instrument: usEquity('SPY'),
      bars: minuteBars(5),
      sources: [],
    });
    const path = lake.partPaths(manifest)[0] ?? '';
    const instrumentOf = () => usEquity('SPY');
    const mapping = { symbol: 'SPY' };
    const options = { path, venue: 'ARCX', timeframe: '1m', mapping, instrumentOf } as const;
    const { written } = await importBars(newLake(), options);
    expect(written[0]?.manifest.fingerprint).toBe(manifest.fingerprint);
  });

  it('refuses an ending that says no format, and leaves nothing where it cannot write', async () => {
    const lake = newLake();
    const key = { venue: 'ARCX', symbol: 'SPY', timeframe: '1m' } as const;
    await lake.write({ key, instrument: usEquity('SPY'), bars: minuteBars(5), sources: [] });
    const series = await lake.read(key);
    await expect(exportBars(series, { path: join(folder, 'x.xlsx') })).rejects.toMatchObject({
      code: 'LAKE.FORMAT',
    });
    const path = join(folder, 'no/such/folder.csv');
    await expect(exportBars(series, { path })).rejects.toMatchObject({ code: 'LAKE.WRITE' });
    expect(existsSync(join(folder, 'no'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
