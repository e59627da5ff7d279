import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Bar,
  NANOS_PER_UNIT,
  priceNanos,
  timeUs,
  US_PER_DAY,
  US_PER_MINUTE,
  US_PER_SECOND,
} from '@capstan/domain';
import type { BarsRequest } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { all, bench, beyondContract, CANARY, NOW_US, NYSE } from './polygon.test-support.ts';

const FRIDAY = NYSE.session('2026-01-02');
const FROM_US = timeUs(FRIDAY?.openUs ?? 0);
const TO_US = timeUs(NOW_US);

const minutes = (symbols: readonly string[]): BarsRequest => ({
  symbols,
  timeframe: '1m',
  adjustment: 'raw',
  fromUs: FROM_US,
  toUs: TO_US,
});

const pricesOf = ({ startUs, openNanos, highNanos, lowNanos, closeNanos, volume }: Bar) => [
  startUs,
  openNanos,
  highNanos,
  lowNanos,
  closeNanos,
  volume,
];

describe("Polygon's history", () => {
  it('is the bars of the market to the nano, of a span and no more, symbol by symbol', async () => {
    await using one = await bench();
    const { data, emulator } = one;
    const bars = await all(data.bars(minutes(['QQQ', 'BRK.B'])));
    for (const symbol of ['QQQ', 'BRK.B']) {
      const expected = emulator.world.minutes(symbol, FROM_US, TO_US).map(pricesOf);
      expect(bars.filter((bar) => bar.symbol === symbol).map(pricesOf)).toEqual(expected);
    }
    expect(bars.every((bar) => bar.endUs - bar.startUs === US_PER_MINUTE)).toBe(true);
  });

  it('asks for raw bars unless told, and never follows the client in its order of pages', async () => {
    await using one = await bench();
    const { data, emulator } = one;
    await all(data.bars({ ...minutes(['BRK.B']), adjustment: 'split' }));
    await all(data.bars(minutes(['BRK.B'])));
    expect(emulator.control.requests.map((path) => /adjusted=(\w+)/.exec(path)?.[1])).toEqual([
      'true',
      'false',
    ]);
    const none = data.bars({ ...minutes(['QQQ']), adjustment: 'all' });
    await expect(all(none)).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
  });

  it('has daily bars that are sessions, by the day of New York', async () => {
    await using one = await bench();
    const days = await all(one.data.bars({ ...minutes(['QQQ']), timeframe: '1d' }));
    const expected = ['2026-01-02', '2026-01-05'].map((date) => NYSE.session(date));
    expect(days.map(({ startUs, endUs }) => [startUs, endUs])).toEqual(
      expected.map((session) => [session?.openUs, session?.closeUs]),
    );
    const world = one.emulator.world.days('QQQ', FROM_US, TO_US).slice(0, 2);
    expect(days.map(pricesOf)).toEqual(world.map(pricesOf));
    // Of a day that has begun before the span nothing is handed out, though the vendor gives whole days and hours.
    const later = { ...minutes(['QQQ']), fromUs: timeUs(FROM_US + US_PER_MINUTE) };
    const rest = await all(one.data.bars({ ...later, timeframe: '1d' }));
    expect(rest.map(({ startUs }) => startUs)).toEqual([expected[1]?.openUs]);
    const [hour] = await all(one.data.bars({ ...later, timeframe: '1h' }));
    expect(hour?.startUs).toBeGreaterThanOrEqual(later.fromUs);
  });

  it('has longer bars that lie at the clock and add up to the minutes', async () => {
    await using one = await bench();
    const { data } = one;
    const hours = await all(data.bars({ ...minutes(['QQQ']), timeframe: '1h' }));
    const single = await all(data.bars(minutes(['QQQ'])));
    const sum = (bars: readonly Bar[]) => bars.reduce((total, { volume }) => total + volume, 0);
    expect(hours.every(({ startUs }) => startUs % (60 * US_PER_MINUTE) === 0)).toBe(true);
    const whole = single.filter(({ startUs }) => startUs >= (hours[0]?.startUs ?? 0));
    expect(sum(hours)).toBe(sum(whole));
  });

  it('pages through trades and quotes, oldest first, to the microsecond', async () => {
    await using one = await bench();
    const { data, emulator } = one;
    const span = { symbols: ['QQQ'], fromUs: FROM_US, toUs: TO_US };
    const trades = await all(data.trades(span));
    const expected = emulator.world.trades('QQQ', FROM_US, TO_US);
    expect(trades).toEqual(expected.map(({ sequence: _, ...trade }) => trade));
    const quotes = await all(data.quotes(span));
    const quoted = emulator.world.quotes('QQQ', FROM_US, TO_US);
    expect(quotes).toEqual(quoted.map(({ sequence: _, ...quote }) => quote));
  });

  it('has splits in whole numbers and dividends in dollars to the nano', async () => {
    await using one = await bench();
    const span = { fromDate: '2026-01-01', toDate: '2026-01-31' };
    const actions = await all(one.data.actions({ symbols: ['BRK.B', 'QQQ'], ...span }));
    expect(actions).toEqual([
      { kind: 'split', symbol: 'BRK.B', exDate: '2026-01-06', newUnits: 3, oldUnits: 2 },
      { kind: 'split', symbol: 'BRK.B', exDate: '2026-01-05', newUnits: 1, oldUnits: 10 },
      {
        kind: 'dividend',
        symbol: 'QQQ',
        exDate: '2026-01-05',
        payDate: '2026-01-12',
        perUnitNanos: 726_100_000,
      },
    ]);
    const leftOut = one.lines.filter((line) => line.includes('a dividend is left out'));
    expect(leftOut).toEqual([expect.stringMatching(/QQQ.*2026-01-06.*CAD/)]);
  });

  it('lists contracts, and the chain with quotes and greeks over its pages', async () => {
    await using one = await bench();
    const { data, emulator } = one;
    const listed = emulator.world.optionsOn('QQQ', '2026-01-06');
    const contracts = await all(data.optionContracts({ underlying: 'QQQ' }));
    expect(contracts.map(({ symbol }) => symbol)).toEqual(listed.map(({ symbol }) => symbol));
    expect(contracts[0]).toEqual({
      symbol: listed[0]?.symbol,
      underlying: 'QQQ',
      right: 'call',
      expiration: '2026-01-06',
      strikeNanos: listed[0]?.strikeNanos,
      multiplier: 100,
      style: 'american',
    });
    const spot = emulator.world.priceAt('QQQ', NOW_US) ?? 0;
    const fromStrikeNanos = priceNanos(spot - (spot % NANOS_PER_UNIT) - 30 * NANOS_PER_UNIT);
    const chain = await all(data.optionChain({ underlying: 'QQQ', fromStrikeNanos }));
    const narrow = listed.filter(({ strikeNanos }) => strikeNanos >= fromStrikeNanos);
    expect(chain.map(({ contract }) => contract.symbol)).toEqual(
      narrow.map(({ symbol }) => symbol),
    );
    expect(chain.some(({ greeks }) => greeks === undefined)).toBe(true);
    expect(chain.some(({ greeks }) => (greeks?.delta ?? 0) > 0.4)).toBe(true);
    for (const { quote } of chain) {
      expect(quote?.askNanos).toBeGreaterThan(quote?.bidNanos ?? 0);
      expect(quote?.atUs).toBe(NOW_US - 1_000_000);
    }
  });

  it('has trades and quotes of options by their own symbols', async () => {
    await using one = await bench();
    const [{ symbol = '' } = {}] = one.emulator.world.optionsOn('QQQ', '2026-01-06');
    const quotes = await all(
      one.data.quotes({ symbols: [symbol], fromUs: timeUs(NOW_US - US_PER_MINUTE), toUs: TO_US }),
    );
    expect(quotes).toHaveLength(4);
    expect(quotes[0]?.symbol).toBe(symbol);
  });

  it("asks for nothing that the vendor's contract does not have", async () => {
    await using one = await bench();
    const { data, emulator } = one;
    const span = { symbols: ['QQQ'], fromUs: FROM_US, toUs: TO_US };
    const days = { symbols: ['QQQ'], fromDate: '2026-01-01', toDate: '2026-01-31' };
    const none = { ...minutes(['QQQ']), toUs: FROM_US, fromUs: timeUs(FROM_US - US_PER_DAY) };
    const strikes = { fromStrikeNanos: priceNanos(1), toStrikeNanos: priceNanos(1e15) };
    const narrow = {
      underlying: 'QQQ',
      right: 'call',
      toExpiration: '2026-01-31',
      ...strikes,
    } as const;
    await all(data.bars(minutes(['QQQ'])));
    await all(data.bars(none));
    await all(data.bars({ ...none, symbols: ['QQQ260106C00500000'] }));
    await all(data.trades(span));
    await all(data.quotes(span));
    await all(data.actions(days));
    await all(data.optionContracts({ ...narrow, fromExpiration: '2026-01-01' }));
    await all(data.optionChain(narrow));
    await data.nowUs();
    expect(emulator.control.requests.length).toBeGreaterThan(10);
    expect(beyondContract(emulator.control.requests)).toEqual([]);
    expect(beyondContract(['/v3/trades/QQQ?lmit=1', '/v9'])).toHaveLength(2);
  });

  it('tells the time, and the sessions of the calendar', async () => {
    await using one = await bench();
    expect(await one.data.nowUs()).toBe(NOW_US);
    expect(await one.data.sessions('2026-01-01', '2026-01-05')).toMatchObject([
      { date: '2026-01-02' },
      { date: '2026-01-05' },
    ]);
  });
});

describe('what goes wrong with Polygon', () => {
  it('is a wrong key, told by where it stands', async () => {
    await using one = await bench({ key: 'wrong-key' });
    await expect(one.data.check()).rejects.toMatchObject({
      code: 'MARKET.CREDENTIALS',
      why: expect.stringContaining('POLYGON_API_KEY: Unknown API Key'),
    });
  });

  it('passes where the key was rotated in its file meanwhile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'polygon-rotated-'));
    try {
      const path = join(folder, 'key');
      writeFileSync(path, 'old-key');
      await using one = await bench({ keyPath: path });
      await expect(one.data.check()).rejects.toMatchObject({ code: 'MARKET.CREDENTIALS' });
      writeFileSync(path, CANARY);
      await one.data.check();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is a plan that does not hold what was asked', async () => {
    await using one = await bench();
    one.emulator.control.inject({ fault: { kind: 'status', status: 403 }, path: '/v3/quotes' });
    const asked = all(one.data.quotes({ symbols: ['QQQ'], fromUs: FROM_US, toUs: TO_US }));
    await expect(asked).rejects.toMatchObject({
      code: 'MARKET.ENTITLEMENT',
      why: expect.stringMatching(/quotes of QQQ .*not entitled/),
    });
  });

  it('is a symbol that nobody knows, and not one without data', async () => {
    await using one = await bench();
    await expect(all(one.data.bars(minutes(['QQQX'])))).rejects.toMatchObject({
      code: 'MARKET.SYMBOL',
      why: expect.stringContaining('QQQX'),
    });
    const before = { ...minutes(['QQQ']), toUs: timeUs(FROM_US - US_PER_DAY) };
    const span = { ...before, fromUs: timeUs(FROM_US - 3 * US_PER_DAY) };
    expect(await all(one.data.bars(span))).toEqual([]);
  });

  it('passes by itself: too many requests, failures of the vendor, answers cut short', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    control.inject({ fault: { kind: 'status', status: 500 } });
    control.inject({ fault: { kind: 'truncated' } });
    const bars = await all(one.data.bars(minutes(['QQQ'])));
    expect(bars.map(pricesOf)).toEqual(
      one.emulator.world.minutes('QQQ', FROM_US, TO_US).map(pricesOf),
    );
    expect(control.requests).toHaveLength(3);
    expect(one.lines.join()).toContain('is no JSON; asking again');
  });

  it('is a delayed plan, which answers as any other: it is said once', async () => {
    await using one = await bench();
    one.emulator.control.delay(true);
    const bars = await all(one.data.bars(minutes(['QQQ'])));
    await all(one.data.bars(minutes(['BRK.B'])));
    expect(bars.at(-1)?.endUs).toBe(NOW_US - 15 * US_PER_MINUTE);
    expect(one.lines.filter((line) => line.includes('a delayed one'))).toHaveLength(1);
  });

  it('stays: no JSON after all tries', async () => {
    await using one = await bench();
    one.emulator.control.inject({ fault: { kind: 'truncated' }, times: 3 });
    await expect(one.data.check()).rejects.toMatchObject({ code: 'MARKET.ANSWER' });
  });

  it('stays: no answer at all', async () => {
    await using one = await bench({ timeoutMs: 9_000 });
    one.emulator.control.inject({ fault: { kind: 'hang' }, times: 5 });
    await expect(one.data.check()).rejects.toMatchObject({ code: 'MARKET.UNAVAILABLE' });
    expect(one.emulator.control.requests).toHaveLength(5);
  });

  it('is too often: it comes back in the next minute', async () => {
    // Nine seconds are left of the minute, and the test's seconds are a sixtieth of one.
    await using one = await bench({ aheadUs: 51 * US_PER_SECOND });
    one.emulator.control.inject({ fault: { kind: 'status', status: 429 } });
    const startMs = performance.now();
    await one.data.check();
    expect(performance.now() - startMs).toBeGreaterThan(145);
  });

  it('is a page without rows that goes on: nothing after it is lost', async () => {
    await using one = await bench();
    one.emulator.control.inject({ fault: { kind: 'noResults' }, path: '/v3/reference/options' });
    const contracts = await all(one.data.optionContracts({ underlying: 'QQQ' }));
    expect(contracts).toEqual([]);
    one.emulator.control.inject({ fault: { kind: 'noResults' }, path: '/v3/snapshot/options' });
    const chain = await all(one.data.optionChain({ underlying: 'QQQ' }));
    expect(chain.map(({ contract }) => contract.symbol)).toEqual(
      one.emulator.world
        .optionsOn('QQQ', '2026-01-06')
        .slice(250)
        .map(({ symbol }) => symbol),
    );
  });

  it('is a next page at another host, which never sees the key', async () => {
    await using one = await bench();
    await using other = await bench();
    const origin = other.emulator.url;
    one.emulator.control.inject({ fault: { kind: 'foreignNext', origin } });
    await expect(all(one.data.optionChain({ underlying: 'QQQ' }))).rejects.toMatchObject({
      code: 'MARKET.ANSWER',
      why: expect.stringContaining('the key is for'),
    });
    expect(other.emulator.control.requests).toEqual([]);
  });

  it('never shows the key: not in failures, their causes, lines or addresses', async () => {
    await using one = await bench({ timeoutMs: 9_000 });
    const { control } = one.emulator;
    const faults = [
      { kind: 'status', status: 400 },
      { kind: 'status', status: 401 },
      { kind: 'status', status: 403 },
      { kind: 'truncated' },
      { kind: 'hang' },
    ] as const;
    const told: unknown[] = [...one.lines];
    for (const fault of faults) {
      control.inject({ fault, times: 5 });
      for (let error: unknown = await one.data.check().catch((thrown: unknown) => thrown); ; ) {
        expect(error).toBeInstanceOf(Error);
        told.push(error instanceof Error ? `${error.stack} ${JSON.stringify(error)}` : error);
        error = error instanceof Error ? error.cause : undefined;
        if (error === undefined) break;
      }
      control.clearFaults();
    }
    expect(told.length).toBeGreaterThan(faults.length);
    expect(told.join('\n')).not.toContain(CANARY);
    expect(one.lines.join('\n')).not.toContain(CANARY);
    expect(control.seenKeys).toEqual({ header: expect.any(Number), query: 0 });
    expect(control.seenKeys.header).toBeGreaterThan(0);
  });
});
