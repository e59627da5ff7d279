import { type Bar, type MarketAction, timeUs, US_PER_MINUTE } from '@capstan/domain';
import {
  type AlpacaEmulator,
  type AlpacaEmulatorOptions,
  EMULATOR_KEYS,
  type Fault,
  startAlpacaEmulator,
} from '@capstan/emulators';
import type { BarsRequest } from '@capstan/ports';
import { MemoryLog } from '@capstan/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { RequestBudget } from '../../requests/request-budget.ts';
import { TestClock } from '../../requests/test-clock.ts';
import { alpacaEndpoints } from '../connection.ts';
import { readAlpacaCredentials } from '../credentials.ts';
import { AlpacaData, type AlpacaDataSettings } from './alpaca-data.ts';

const us = (text: string) => timeUs(Date.parse(text) * 1_000);
/** 10:00 in New York on a Monday with a session. */
const TEN_US = us('2026-01-05T15:00:00Z');

let emulator: AlpacaEmulator | undefined;
afterEach(() => emulator?.close());

/** Alpaca's own client against the emulator, whose time stands. */
async function open(
  options: AlpacaEmulatorOptions = {},
  more: Partial<AlpacaDataSettings> & { readonly secretKey?: string } = {},
) {
  emulator = await startAlpacaEmulator({ clock: { kind: 'stepped', startUs: TEN_US }, ...options });
  const { secretKey = EMULATOR_KEYS.secretKey, ...settings } = more;
  const environment = {
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: secretKey,
    ALPACA_BASE_URL: emulator.url,
    ALPACA_DATA_URL: emulator.url,
    ALPACA_DATA_STREAM_URL: emulator.dataStreamUrl,
  };
  const clock = new TestClock(TEN_US);
  const budget = new RequestBudget(clock, { perMinute: 60_000 });
  const data = new AlpacaData(
    { clock, log: new MemoryLog(), budget },
    {
      endpoints: alpacaEndpoints(environment, 'paper'),
      credentials: readAlpacaCredentials(environment),
      feed: 'sip',
      optionsFeed: 'indicative',
      stream: 'websocket',
      ...settings,
    },
  );
  return { data, clock, control: emulator.control };
}

const FRIDAY: BarsRequest = {
  symbols: ['AAPL', 'SPY'],
  timeframe: '1m',
  adjustment: 'raw',
  fromUs: us('2026-01-02T14:30:00Z'),
  toUs: us('2026-01-02T21:00:00Z'),
};

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const rows: T[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}
const barsOf = (data: AlpacaData, more: Partial<BarsRequest> = {}): Promise<readonly Bar[]> =>
  all(data.bars({ ...FRIDAY, ...more }));

describe('history of Alpaca, by its own client', () => {
  it('is bars of each symbol in order, within the span, of every timeframe', async () => {
    const { data } = await open();
    const minutes = await barsOf(data);
    for (const symbol of FRIDAY.symbols) {
      const starts = minutes.filter((bar) => bar.symbol === symbol).map(({ startUs }) => startUs);
      expect(starts.length).toBeGreaterThan(380);
      expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
      expect(starts[0]).toBe(FRIDAY.fromUs);
      expect(starts.at(-1)).toBe(FRIDAY.toUs - US_PER_MINUTE);
    }
    const [day] = await barsOf(data, { timeframe: '1d', symbols: ['AAPL'] });
    const own = minutes.filter(({ symbol }) => symbol === 'AAPL');
    expect(day).toMatchObject({ startUs: FRIDAY.fromUs, endUs: FRIDAY.toUs });
    expect(day?.openNanos).toBe(own[0]?.openNanos);
    expect(day?.highNanos).toBe(Math.max(...own.map(({ highNanos }) => highNanos)));
    const hours = await barsOf(data, { timeframe: '1h', symbols: ['AAPL'] });
    expect(hours.map(({ startUs }) => (startUs / US_PER_MINUTE) % 60)).toEqual(hours.map(() => 0));
  });

  it('is raw, or restated by splits, which are among the corporate actions', async () => {
    const split = { symbol: 'AAPL', exDate: '2026-01-05', newShares: 4, oldShares: 1 };
    const { data } = await open({ splits: [split] });
    const day = { timeframe: '1d', symbols: ['AAPL'] } as const;
    const [raw] = await barsOf(data, day);
    const [restated] = await barsOf(data, { ...day, adjustment: 'split' });
    expect((raw?.closeNanos ?? 0) / (restated?.closeNanos ?? 1)).toBeCloseTo(4, 3);
    const span = { symbols: ['AAPL'], fromDate: '2026-01-01', toDate: '2026-01-31' };
    const actions: readonly MarketAction[] = await all(data.actions(span));
    expect(actions).toContainEqual({
      kind: 'split',
      symbol: 'AAPL',
      exDate: '2026-01-05',
      newUnits: 4,
      oldUnits: 1,
    });
  });

  it('is trades and quotes to the microsecond', async () => {
    const { data } = await open();
    const span = { symbols: ['AAPL'], fromUs: FRIDAY.fromUs, toUs: us('2026-01-02T14:31:00Z') };
    const trades = await all(data.trades(span));
    expect(trades.length).toBeGreaterThan(3);
    const [minute] = await barsOf(data, { ...span, timeframe: '1m' });
    const prices = trades.map(({ priceNanos }) => priceNanos);
    expect(Math.max(...prices)).toBe(minute?.highNanos);
    expect(new Set(trades.map(({ tradeId }) => tradeId)).size).toBe(trades.length);
    const quotes = await all(data.quotes(span));
    expect(quotes.every(({ bidNanos, askNanos }) => bidNanos < askNanos)).toBe(true);
  });

  it('is options: contracts, and what is known of a chain', async () => {
    const { data } = await open();
    const narrow = { underlying: 'AAPL', right: 'call', toExpiration: '2026-02-28' } as const;
    const contracts = await all(data.optionContracts(narrow));
    expect(contracts.length).toBeGreaterThan(0);
    expect(new Set(contracts.map(({ right }) => right))).toEqual(new Set(['call']));
    const chain = await all(data.optionChain(narrow));
    const listed = new Set(contracts.map(({ symbol }) => symbol));
    expect(chain.some(({ quote }) => quote !== undefined)).toBe(true);
    for (const { contract } of chain) expect(listed.has(contract.symbol)).toBe(true);
  });

  it('is sessions and the time', async () => {
    const { data } = await open();
    expect(await data.sessions('2026-01-01', '2026-01-05')).toEqual([
      { date: '2026-01-02', openUs: FRIDAY.fromUs, closeUs: FRIDAY.toUs },
      {
        date: '2026-01-05',
        openUs: us('2026-01-05T14:30:00Z'),
        closeUs: us('2026-01-05T21:00:00Z'),
      },
    ]);
    expect(await data.nowUs()).toBe(TEN_US);
  });

  it('without data in the span is empty, and of an unknown symbol is told', async () => {
    const { data } = await open();
    const sunday = { fromUs: us('2026-01-04T05:00:00Z'), toUs: us('2026-01-05T05:00:00Z') };
    expect(await barsOf(data, sunday)).toEqual([]);
    const unknown = barsOf(data, { symbols: ['AAPL', 'NOSUCH'] });
    await expect(unknown).rejects.toMatchObject({ code: 'MARKET.SYMBOL' });
    await expect(unknown).rejects.toThrow(/NOSUCH/);
  });
});

describe('polling Alpaca, by its own client', () => {
  it('asks once for all symbols of a complete minute, and for no more', async () => {
    const { data, clock, control } = await open({}, { stream: 'poll', settleMs: 1_000 });
    expect(data.capabilities.streams).toEqual(['bars']);
    const stream = await data.subscribe({ bars: ['AAPL', 'SPY'], trades: [], quotes: [] });
    expect(await stream.next()).toEqual([{ kind: 'connected' }]);
    control.step({ minutes: 2 });
    clock.pass(61_000);
    const events = await stream.next();
    await stream.close();
    const bars = events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));
    expect(bars.map(({ symbol, startUs }) => [symbol, startUs])).toEqual([
      ['AAPL', TEN_US],
      ['SPY', TEN_US],
    ]);
    const history = await barsOf(data, { fromUs: TEN_US, toUs: us('2026-01-05T15:01:00Z') });
    expect(bars).toEqual(history);
    const [asked] = control.requests('/v2/stocks/bars');
    expect(asked?.url).toMatch(/symbols=AAPL(%2C|,)SPY/);
  });
});

describe('trouble with Alpaca', () => {
  const BARS = '/v2/stocks/bars';
  const passing: readonly (readonly [string, Fault])[] = [
    ['a 429', { kind: 'status', status: 429, retryAfterSeconds: 2, path: BARS }],
    ['failures of its own', { kind: 'status', status: 503, path: BARS, times: 3 }],
    ['a page that is cut off', { kind: 'truncatedPage', path: BARS, times: 2 }],
    ['JSON that ends in its middle', { kind: 'truncatedJson', path: BARS }],
    ['a connection that ends', { kind: 'dropBefore', path: BARS }],
    ['an empty page with a next one', { kind: 'emptyPage', path: BARS }],
  ];
  it.each(passing)('that passes loses nothing: %s', async (_what, fault) => {
    const { data, clock, control } = await open();
    const whole = await barsOf(data);
    control.fault(fault);
    expect(await barsOf(data)).toEqual(whole);
    if (fault.kind === 'status' && fault.status === 429) expect(clock.waitsMs).toContain(2_000);
  });

  const lasting: readonly (readonly [string, Fault, string, RegExp])[] = [
    ['429', { kind: 'status', status: 429, times: 99 }, 'MARKET.RATE', /too often.*AAPL/],
    ['500', { kind: 'status', status: 500, times: 99 }, 'MARKET.UNAVAILABLE', /itself \(500\)/],
    // Whether anything of the answer comes before its connection ends is up to the network.
    ['cut pages', { kind: 'truncatedPage', times: 99 }, 'MARKET.(ANSWER|UNAVAILABLE)', /1m bars/],
    ['broken JSON', { kind: 'truncatedJson', times: 99 }, 'MARKET.ANSWER', /no JSON, 3 times/],
    ['no network', { kind: 'dropBefore', times: 99 }, 'MARKET.UNAVAILABLE', /no answer/],
    ['a dead key', { kind: 'deadKey' }, 'MARKET.CREDENTIALS', /ALPACA_KEY_ID/],
  ];
  it.each(lasting)('that stays is told by its name: %s', async (_what, fault, code, message) => {
    const { data, control } = await open();
    control.fault(fault);
    const failing = barsOf(data);
    await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(code) });
    await expect(failing).rejects.toThrow(message);
  });

  it('with a wrong key says whose, without showing it', async () => {
    const { data } = await open({}, { secretKey: 'canary-secret' });
    const failing = data.check();
    await expect(failing).rejects.toMatchObject({ code: 'MARKET.CREDENTIALS' });
    await expect(failing).rejects.toThrow(/^(?!.*canary).*ALPACA_SECRET_KEY/);
  });

  it('with a feed that the plan lacks offers the one that it has', async () => {
    const { data } = await open({ plan: 'free' });
    const failing = data.check();
    await expect(failing).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
    await expect(failing).rejects.toThrow(/SIP.*feed: iex/);
    const today = barsOf(data, { fromUs: us('2026-01-05T14:30:00Z'), toUs: TEN_US });
    await expect(today).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
    expect((await barsOf(data)).length).toBeGreaterThan(700);
  });

  it('ends with its caller', async () => {
    const { data } = await open();
    const over = new AbortController();
    over.abort(new Error('enough'));
    await expect(all(data.bars(FRIDAY, over.signal))).rejects.toThrow('enough');
  });
});
