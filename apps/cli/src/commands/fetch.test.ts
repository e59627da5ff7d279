import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '@capstan/emulators';
import { Lake } from '@capstan/lake';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchSchemaText } from '../fetch/fetch-schema.ts';
import { readFetchFile } from '../fetch/read-fetch.ts';
import { FetchBench } from './fetch-bench.fixture.ts';

const CONFIGS = join(import.meta.dirname, '../../../../configs');

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.close());

const CONFIG = [
  'provider: alpaca',
  'feed: sip',
  'symbols: [AAPL, SPY]',
  'timeframe: 1m',
  'requestsPerMinute: 60000',
];
const minutes = [...CONFIG, 'start: 2025-12-31', 'end: 2026-01-02'];

describe('capstan fetch', () => {
  it('brings bars and actions into the lake, then only what is missing', async () => {
    const split = { symbol: 'AAPL', exDate: '2025-12-31', newShares: 4, oldShares: 1 };
    const control = await bench.start({ splits: [split] });
    const first = await bench.fetched(minutes);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/alpaca sip → .*ALPACA-SIP, 1m bars, 2025-12-31 to 2026-01-02/);
    expect(first.out).toMatch(/AAPL +fetched +780 +0 +780/);
    expect(first.out).toMatch(/capstan data check --venue ALPACA-SIP --lake/);
    const { series, actions } = await new Lake(bench.lake).readWithActions({
      symbol: 'AAPL',
      timeframe: '1m',
    });
    expect(series.bars.endUs).toHaveLength(780);
    expect(actions).toContainEqual({
      kind: 'split',
      exDate: '2025-12-31',
      newShares: 4,
      oldShares: 1,
    });
    const before = control.requests('/v2/stocks/bars').length;
    const again = await bench.fetched(minutes);
    expect(again.out).toMatch(/AAPL +nothing missing/);
    expect(control.requests('/v2/stocks/bars')).toHaveLength(before);
  });

  it('without an end leaves out the day that runs, by the clock of the vendor', async () => {
    const control = await bench.start();
    control.fault({ kind: 'clockOffset', offsetSeconds: -3 * 86_400 });
    const { code, out } = await bench.fetched([...CONFIG, 'start: 2025-12-30']);
    expect(code).toBe(0);
    expect(out).toMatch(/2025-12-30 to 2026-01-01/);
    expect(out).toMatch(/note: this machine's clock is .* minutes ahead of the vendor's/);
    expect(out).toMatch(/note: 2026-01-02 is not over and was left out/);
    expect(out).toMatch(/AAPL +fetched +780/);
  });

  const passing: readonly Fault[] = [
    { kind: 'status', status: 503, path: '/v2/stocks/bars' },
    { kind: 'truncatedPage', path: '/v2/stocks/bars' },
    { kind: 'truncatedJson', path: '/v2/stocks/bars' },
  ];
  it('comes to the same whatever passes on the way', async () => {
    const control = await bench.start();
    await bench.fetched(minutes);
    const whole = await new Lake(bench.lake).list();
    bench.lake = `${bench.lake}-again`;
    for (const fault of passing) control.fault(fault);
    expect((await bench.fetched(minutes)).code).toBe(0);
    const again = await new Lake(bench.lake).list();
    expect(again.map(({ fingerprint }) => fingerprint)).toEqual(
      whole.map(({ fingerprint }) => fingerprint),
    );
  });

  it('that fails on the way keeps what it has, and the same command goes on', async () => {
    const control = await bench.start();
    control.fault({ kind: 'status', status: 401, path: '/v2/stocks/bars' });
    const failed = await bench.fetched(minutes);
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/refuses the keys of ALPACA_KEY_ID and ALPACA_SECRET_KEY/);
    const [, done] = /(\d) of 4 parts are done and kept; the same command/.exec(failed.err) ?? [];
    const left = 4 - Number(done);
    const { code, out } = await bench.fetched(minutes, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ chunks: { done: left, count: left } });
    const all = await new Lake(bench.lake).list();
    expect(all.map(({ symbol, rows }) => [symbol, rows])).toEqual([
      ['AAPL', 780],
      ['SPY', 780],
    ]);
  });

  it('says of a wrong key whose it is, and shows none', async () => {
    await bench.start({}, 'canary-secret');
    const { code, err, out } = await bench.fetched(minutes);
    expect(code).toBe(1);
    expect(err).toMatch(/ALPACA_SECRET_KEY.*\[MARKET\.CREDENTIALS\]/);
    expect(out + err).not.toMatch(/canary/);
  });

  it('says which keys are missing, with the exit code that its help tells', async () => {
    for (const name of ['ALPACA_KEY_ID', 'ALPACA_API_KEY', 'ALPACA_SECRET_KEY']) {
      vi.stubEnv(name, undefined);
    }
    const { code, err } = await bench.fetched(minutes);
    expect(err).toMatch(/ALPACA_KEY_ID and ALPACA_SECRET_KEY are not set/);
    const help = await bench.fetched(minutes, '--help');
    const [, missing] = /(\d) a symbol or the vendor failed, a key is missing/.exec(help.out) ?? [];
    expect(code).toBe(Number(missing));
  });

  it('of a feed that the plan lacks says which one it has', async () => {
    const control = await bench.start({ plan: 'free' });
    const today = [...CONFIG.filter((line) => !line.startsWith('timeframe')), 'timeframe: 1d'];
    const recent = await bench.fetched([...today, 'start: 2026-01-02', 'end: 2026-01-02']);
    expect(recent.code).toBe(0);
    control.fault({
      kind: 'status',
      status: 403,
      message: 'subscription does not permit querying recent SIP data',
      path: '/v2/stocks/bars',
    });
    const refused = await bench.fetched(minutes);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/SIP.*Set `feed: iex`.*\[MARKET\.ENTITLEMENT\]/s);
  });

  it('of an unknown symbol fails for it alone, and of no data says so', async () => {
    await bench.start();
    const names = [
      ...CONFIG.filter((line) => !line.startsWith('symbols')),
      'symbols: [AAPL, NOPE]',
    ];
    const { code, out } = await bench.fetched([...names, 'start: 2026-01-02', 'end: 2026-01-02']);
    expect(code).toBe(1);
    expect(out).toMatch(/AAPL +fetched +390/);
    expect(out).toMatch(/NOPE +failed/);
    expect(out).toMatch(/NOPE: Alpaca does not know the symbol NOPE.*\[MARKET\.SYMBOL\]/);
    const weekend = await bench.fetched([...CONFIG, 'start: 2026-01-03', 'end: 2026-01-04']);
    expect(weekend.code).toBe(0);
    expect(weekend.out).toMatch(/AAPL +no bars in the span/);
  });

  it('in a dry run asks for nothing, and says in JSON what it did', async () => {
    const control = await bench.start();
    const { out } = await bench.fetched(minutes, '--dry-run');
    expect(out).toMatch(/4 parts would be asked for, of 2 symbols/);
    expect(control.requests('/v2/stocks/bars')).toEqual([]);
    const { out: json } = await bench.fetched(minutes, '--json');
    expect(JSON.parse(json)).toMatchObject({ rows: 1_560, chunks: { done: 4, count: 4 } });
  });

  it.each([
    [['provder: yahoo'], /:1:1: unknown key 'provder'.*'provider'/],
    [['provider: yahu', 'symbol: A', 'timeframe: 1d', 'start: 2024-01-02'], /:1:1: 'provider'/],
    [['provider: yahoo', 'timeframe: 1d', 'start: 2024-01-02'], /'symbol' is missing/],
    [
      ['provider: yahoo', 'symbol: A', 'timeframe: 1d', 'start: 2024-02-30'],
      /:4:1: 'start' is 2024-02-30, which is no date/,
    ],
    [
      ['provider: yahoo', 'feed: sip', 'symbol: A', 'timeframe: 1d', 'start: 2024-01-02'],
      /:2:1: 'feed'.*only alpaca/,
    ],
    [['provider: [', 'x'], /is not YAML/],
  ])('says where a configuration is wrong: %j', async (lines, message) => {
    const { code, err } = await bench.fetched(lines);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it.each(readdirSync(CONFIGS).filter((name) => /^fetch.*\.yaml$/.test(name)))(
    'reads the sample %s',
    (name) => {
      const sample = join(CONFIGS, name);
      expect(readFetchFile(sample).adjust).toBe('raw');
      expect(readFileSync(sample, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/fetch\./);
    },
  );

  it('has a schema that is up to date', () => {
    const kept = readFileSync(join(CONFIGS, 'fetch.schema.json'), 'utf8');
    expect(JSON.parse(kept)).toEqual(JSON.parse(fetchSchemaText()));
  });
});
