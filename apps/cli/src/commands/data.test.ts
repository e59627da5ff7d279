import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../program.ts';

const folder = mkdtempSync(join(tmpdir(), 'capstan-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let lake = '';
let count = 0;
beforeEach(() => {
  count += 1;
  lake = join(folder, `lake-${count}`);
});

const OPEN_MS = Date.UTC(2026, 0, 5, 14, 30);
const HEADER = 'symbol,ts_utc_ms,open,high,low,close,volume';
const row = (minute: number, rest = '100.1,100.4,100,100.25,1200', symbol = 'SPY') =>
  `${symbol},${OPEN_MS + minute * 60_000},${rest}`;

function file(lines: readonly string[], name = `${count}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

async function data(...args: readonly string[]) {
  const said = { out: '', err: '' };
  const code = await runCli(['data', ...args, '--lake', lake], {
    out: (text) => {
      said.out += `${text}\n`;
    },
    err: (text) => {
      said.err += `${text}\n`;
    },
    isTerminal: false,
  });
  return { code, ...said };
}
const minutes = Array.from({ length: 390 }, (_, minute) => row(minute));
const bring = (lines: readonly string[], ...args: readonly string[]) =>
  data('import', file([HEADER, ...lines]), '--venue', 'ARCX', '--timeframe', '1m', ...args);

describe('capstan data', () => {
  it('imports, lists, checks, resamples and exports', async () => {
    const imported = await bring([row(-30), ...minutes]);
    expect(imported).toMatchObject({ code: 0, err: '' });
    expect(imported.out).toMatch(/SPY 1m {2}passed {2}391 rows, 391 kept/);
    expect(imported.out).toContain('sessions: 1, 390 bars expected, none missing');
    expect(imported.out).toContain('ARCX SPY 1m, 391 bars added, 391 in all');
    const resampled = await data('resample', 'SPY', '--to', '1h,1d');
    expect(resampled.out).toContain('ARCX SPY 1h: 7 bars; 1 minutes outside the session left out');
    expect(resampled.out).toContain('ARCX SPY 1d: 1 bars');
    const listed = await data('ls');
    expect(listed.out).toMatch(/ARCX +SPY +1h +session +raw +7 +2026-01-05/);
    const checked = await data('check');
    expect(checked.code).toBe(0);
    expect(checked.out.match(/passed/g)).toHaveLength(3);
    const out = join(folder, 'hours.csv');
    expect((await data('export', 'SPY', out, '--timeframe', '1h')).out).toContain(
      '7 bars of ARCX SPY 1h',
    );
    expect(readFileSync(out, 'utf8').split('\n')[1]).toBe(
      `SPY,${OPEN_MS}000,${OPEN_MS + 3_600_000}000,100.10,100.40,100.00,100.25,72000`,
    );
  });

  it('answers in JSON', async () => {
    const imported = JSON.parse((await bring(minutes, '--json')).out) as {
      reports: { symbol: string; gaps: { missingBars: number } }[];
      written: { added: number; series: { rows: number } }[];
    }[];
    expect(imported[0]?.reports[0]).toMatchObject({ symbol: 'SPY', gaps: { missingBars: 0 } });
    expect(imported[0]?.written[0]).toMatchObject({ added: 390, series: { rows: 390 } });
    const listed = JSON.parse((await data('ls', '--json')).out) as object[];
    expect(listed[0]).toMatchObject({ venue: 'ARCX', symbol: 'SPY', corporateActions: 0 });
    const checked = JSON.parse((await data('check', '--json')).out) as object[];
    expect(checked[0]).toMatchObject({ problems: [], report: { refused: false } });
    const made = JSON.parse(
      (await data('resample', 'SPY', '--to', '5m', '--json')).out,
    ) as object[];
    expect(made[0]).toMatchObject({ timeframe: '5m', rows: 78 });
    const out = join(folder, `${count}.parquet`);
    const exported = await data('export', 'SPY', out, '--timeframe', '5m', '--json');
    expect(JSON.parse(exported.out)).toMatchObject({ file: out, rows: 78 });
  });

  it('refuses a file with a broken bar and says how to take it all the same', async () => {
    const refused = await bring([row(0), row(1, '2,1,2,2,5')]);
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/ohlc: 1, .*refuse/);
    expect(refused.out).toContain('line 3, 2026-01-05 14:31:00: open 2, high 1, low 2, close 2');
    expect(refused.out).toContain('Nothing was written');
    expect(existsSync(lake)).toBe(false);
    const taken = await bring([row(0), row(1, '2,1,2,2,5')], '--on-anomaly', 'ohlc=drop');
    expect(taken.code).toBe(0);
    expect(taken.out).toContain('1 bars added');
  });

  it('takes the files that pass where another does not, and ends with 1', async () => {
    const good = file([HEADER, row(0)], 'good.csv');
    const bad = file([HEADER, row(0, 'x,1,2,2,5', 'QQQ')], 'bad.csv');
    const done = await data('import', bad, good, '--venue', 'ARCX', '--timeframe', '1m');
    expect(done.code).toBe(1);
    expect(done.err).toMatch(/bad\.csv, line 2: column 'open' is 'x'/);
    expect(done.err).toContain('1 of 2 files were not taken');
    expect((await data('ls')).out).toContain('SPY');
  });

  it('takes a mapping, a zone, stamps at the end and what the instrument is', async () => {
    const lines = ['Date,O,H,L,Last,Vol', '2026-01-05 09:31,1.25,1.5,1.25,1.5,2.5'];
    const path = file(lines);
    const options =
      '--venue XCME --symbol ES --timeframe 1m --time-zone America/New_York --stamp end';
    const more =
      '--column close=Last --quantity-scale 1 --tick 0.25 --asset-class future --multiplier 50';
    const calendar = '--calendar 24x7 --currency USD --adjustment raw --holds all';
    const args = `${options} ${more} ${calendar}`.split(' ');
    const done = await data('import', path, ...args, '--json');
    const [result] = JSON.parse(done.out) as { written: { series: object }[] }[];
    expect(result?.written[0]?.series).toMatchObject({
      symbol: 'ES',
      firstStartUs: OPEN_MS * 1_000,
      instrument: { multiplier: 50, quantityScale: 1, tickNanos: 250_000_000, calendar: '24x7' },
    });
  });

  it('brings in corporate actions and tickers, which ls and errors then tell', async () => {
    await bring(minutes);
    const actions = file(['symbol,ex_date,kind,value', 'SPY,2026-01-05,dividend,0.25']);
    const done = await data('import', actions, '--venue', 'ARCX', '--as', 'actions');
    expect(done.out).toContain('ARCX SPY: 1 actions');
    expect((await data('ls', '--json')).out).toContain('"corporateActions": 1');
    const tickers = file(['symbol,until_date,ticker', 'SPY,2020-01-01,SPDR', 'SPY,2050-01-01,SPY']);
    await data('import', tickers, '--venue', 'ARCX', '--as', 'tickers');
    const asked = await data('export', 'SPDR', 'x.csv', '--timeframe', '1m');
    expect(asked.err).toMatch(/SPDR is the name of ARCX:SPY .*ask for SPY/);
  });

  it('ends a check with 1 where a file is not as it was written', async () => {
    await bring(minutes);
    const [series] = JSON.parse((await data('ls', '--json')).out) as {
      parts: { file: string }[];
    }[];
    writeFileSync(join(lake, 'ARCX/SPY/1m', series?.parts[0]?.file ?? ''), 'else');
    const checked = await data('check');
    expect(checked.code).toBe(1);
    expect(checked.out).toMatch(/is not as it was written/);
  });

  it.each([
    [['import', 'none.csv', '--venue', 'X', '--timeframe', '1m'], 2, /there is no such file/],
    [['import', 'none.csv', '--venue', 'X'], 2, /Name it with --timeframe/],
    [['import', 'none.csv'], 2, /--venue/],
    [['import', 'x.csv', '--venue', 'X', '--timeframe', '2m'], 2, /'2m' is not a timeframe/],
    [
      ['import', 'x.csv', '--venue', 'X', '--on-anomaly', 'ohlc=keep'],
      2,
      /Use one of refuse, drop/,
    ],
    [['import', 'x.csv', '--venue', 'X', '--column', 'price=x'], 2, /fields: symbol, time/],
    [
      ['export', 'SPY', 'x.csv', '--timeframe', '1m'],
      2,
      /It is empty\. Bring it in: capstan data import/,
    ],
    [['export', 'SPY', 'x.csv', '--timeframe', '1m', '--from', 'soon'], 2, /a date such as/],
    [['resample', 'SPY', '--to', '5m'], 2, /no bars of SPY 1m/],
    [['check', 'SPY'], 2, /capstan data ls shows what it has/],
  ] as const)('%j is a wrong call: exit code %d and what to do', async (args, code, what) => {
    const done = await data(...args);
    expect(done.code).toBe(code);
    expect(done.err).toMatch(what);
    expect(done.err).not.toContain('this is a bug');
  });

  it('says where an import finds the series there, and what the lake has where ls finds none', async () => {
    await bring([row(0)]);
    const again = await bring([row(1)]);
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toMatch(/--merge, or put the new bars in its place with --replace/);
    expect((await bring([row(1)], '--merge')).out).toContain('1 bars added, 2 in all');
    expect((await bring([row(1)], '--replace')).out).toContain('1 bars added, 1 in all');
    expect((await data('ls', 'QQQ')).err).toContain('has SPY');
    await data('resample', 'SPY', '--to', '5m');
    const twice = await data('resample', 'SPY', '--to', '1m');
    expect(twice).toMatchObject({ code: 2 });
  });

  it('resamples to all of the timeframes or to none', async () => {
    await bring(minutes);
    const refused = await data('resample', 'SPY', '--to', '5m,1h,1m');
    expect(refused.code).toBe(2);
    const listed = (await data('ls')).out;
    expect(listed).toContain('1m');
    expect(listed).not.toMatch(/5m|1h/);
  });

  it('does not put resampled bars in the place of others unasked', async () => {
    await bring(minutes);
    const hours = file([HEADER, row(0), row(60)]);
    await data('import', hours, '--venue', 'ARCX', '--timeframe', '1h');
    const kept = await data('resample', 'SPY', '--to', '1h');
    expect(kept.code).toBe(1);
    expect(kept.err).toMatch(/came from \d+\.csv/);
    expect((await data('resample', 'SPY', '--to', '1h', '--replace')).code).toBe(0);
    expect((await data('resample', 'SPY', '--to', '1h')).code).toBe(0);
  });
});
