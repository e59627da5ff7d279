import { getCalendar } from '@capstan/calendar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MarketListener, MarketLoop } from './market-loop.ts';
import { MarketPrices } from './market-prices.ts';
import { MarketWorld } from './market-world.ts';
import { expirations, optionSymbol, optionWorth, parseOption, strikes } from './option-chain.ts';
import { e4Text, onTickE4 } from './price-scale.ts';

const calendar = getCalendar('XNYS');
const options = { calendar, seed: 5, symbols: ['AAPL', 'NVDA', 'QUIET', 'SPY'] };
const world = new MarketWorld(options);
const { days } = world;

describe('a market made from a seed', () => {
  it('is the same whoever asks first, and another for another seed', () => {
    const other = new MarketWorld(options);
    const day = days.at(2_500);
    for (let index = 2_400; index < 2_500; index += 1) world.columns('AAPL', days.at(index));
    expect(world.columns('AAPL', day)).toEqual(other.columns('AAPL', day));
    const seeded = new MarketWorld({ ...options, seed: 6 });
    expect(seeded.columns('AAPL', day)).not.toEqual(world.columns('AAPL', day));
  });

  it('has well-formed minutes on the tick, that begin and end where the day does', () => {
    fc.assert(
      fc.property(
        fc.nat(days.all.length - 1),
        fc.constantFrom(...world.symbols),
        (index, symbol) => {
          const day = days.at(index);
          const columns = world.columns(symbol, day);
          const { regularFrom, regularTo } = columns;
          const bars = [...columns.minute].map((minute, row) => {
            const open = columns.open[row] ?? 0;
            const high = columns.high[row] ?? 0;
            const low = columns.low[row] ?? 0;
            const close = columns.close[row] ?? 0;
            return { minute, open, high, low, close, after: columns.minute[row - 1] ?? 0 };
          });
          const onTick = (e4: number): boolean => onTickE4(e4 / 10_000) === e4;
          const wrong = bars.filter(
            ({ minute, open, high, low, close, after }) =>
              minute <= after ||
              low <= 0 ||
              low > Math.min(open, close) ||
              high < Math.max(open, close) ||
              ![open, high, low, close].every(onTick),
          );
          expect(wrong).toEqual([]);
          expect(columns.minute[regularFrom]).toBe(day.openMinute);
          expect(columns.minute[regularTo - 1]).toBe(day.closeMinute - 1);
          expect(columns.close[regularTo - 1]).toBe(onTickE4(world.close(symbol, day)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('trades each minute from its open to its close, through its high and low, all of its shares', () => {
    const columns = world.columns('NVDA', days.at(2_200));
    for (let row = 0; row < columns.length; row += 7) {
      const trades = world.trades('NVDA', columns, row);
      const prices = trades.map(({ priceE4 }) => priceE4);
      expect(prices[0]).toBe(columns.open[row]);
      expect(prices.at(-1)).toBe(columns.close[row]);
      expect(Math.max(...prices)).toBe(columns.high[row]);
      expect(Math.min(...prices)).toBe(columns.low[row]);
      expect(trades.reduce((sum, { size }) => sum + size, 0)).toBe(columns.volume[row]);
      for (const { bidE4, askE4, priceE4 } of trades) {
        expect(bidE4 <= priceE4 && priceE4 <= askE4 && bidE4 < askE4).toBe(true);
      }
    }
  });

  it('halves the price where a share becomes two', () => {
    const splits = [{ symbol: 'AAPL', exDate: '2026-01-06', newShares: 2, oldShares: 1 }];
    const split = new MarketWorld({ ...options, splits });
    const day = days.on(20_459);
    if (day === undefined) throw new Error('2026-01-06 is a trading day');
    expect(day.date).toBe('2026-01-06');
    expect(split.close('AAPL', days.at(day.index - 1))).toBeCloseTo(
      world.close('AAPL', days.at(day.index - 1)),
      6,
    );
    expect(split.close('AAPL', day) * 2).toBeCloseTo(world.close('AAPL', day), 6);
    expect(split.previousClose('AAPL', day) * 2).toBeCloseTo(world.previousClose('AAPL', day), 6);
    const unknown = [{ symbol: 'AAPL', exDate: '2026-01-03', newShares: 2, oldShares: 1 }];
    expect(() => new MarketWorld({ ...options, splits: unknown })).toThrow(/2026-01-03/);
    expect(() => new MarketWorld({ ...options, symbols: ['a b'] })).toThrow(/'a b'/);
  });
});

it('tells all that happens once and in order, in whatever steps its time passes', () => {
  const from = Date.parse('2026-01-05T20:57:30Z') * 1_000;
  const toUs = Date.parse('2026-01-06T14:32:00Z') * 1_000;
  const tellAll = (strideUs: number): readonly string[] => {
    const told: string[] = [];
    const listener: MarketListener = {
      isIdle: false,
      onDay: ({ date }) => told.push(`day ${date}`),
      onOpen: ({ date }) => told.push(`open ${date}`),
      onSlot: ({ minute, number }) => told.push(`slot ${minute} ${number}`),
      onMinute: (_day, minute) => told.push(`minute ${minute}`),
      onClose: ({ date }) => told.push(`close ${date}`),
      onDayEnd: ({ date }) => told.push(`end ${date}`),
    };
    const loop = new MarketLoop(world, listener, from);
    for (let us = from; us < toUs; us += strideUs) loop.advance(us);
    loop.advance(toUs);
    return told;
  };
  const whole = tellAll(toUs - from);
  expect(whole.filter((one) => /^(day|open|close|end)/.test(one))).toEqual([
    ...['close 2026-01-05', 'end 2026-01-05', 'day 2026-01-06', 'open 2026-01-06'],
  ]);
  expect(whole.slice(0, 6)).toEqual([
    'slot 957 5',
    'slot 957 6',
    'slot 957 7',
    'slot 957 8',
    'slot 957 9',
    'minute 957',
  ]);
  expect(new Set(whole).size).toBe(whole.length);
  fc.assert(
    fc.property(fc.integer({ min: 700_000, max: 5_000_000_000 }), (strideUs) => {
      expect(tellAll(strideUs)).toEqual(whole);
    }),
    { numRuns: 12 },
  );
});

describe('options', () => {
  it('are read from their symbols and written back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('SPY', 'A', 'GOOGL'),
        fc.constantFrom('call' as const, 'put' as const),
        fc.integer({ min: 1, max: 9_999_999 }),
        (underlying, right, strike) => {
          const option = { underlying, right, expiration: '2026-02-20', strikeE4: strike * 10 };
          const symbol = optionSymbol(option);
          expect(parseOption(symbol)).toEqual({ symbol, ...option });
        },
      ),
    );
    expect(parseOption('SPY')).toBeUndefined();
  });

  it('expire on Fridays that trade, weekly first, then monthly', () => {
    // Good Friday is on 3 April 2026: what would expire then does so on Thursday.
    expect(expirations(calendar, '2026-03-30').slice(0, 2)).toEqual(['2026-04-02', '2026-04-10']);
    const all = expirations(calendar, '2026-01-05');
    expect(all).toHaveLength(10);
    expect(all).toEqual([...new Set(all)].sort());
    expect(strikes(1_000_000)).toEqual([
      ...[900_000, 925_000, 950_000, 975_000, 1_000_000],
      ...[1_025_000, 1_050_000, 1_075_000, 1_100_000],
    ]);
  });

  it('are worth what parity says, and move as their greeks do', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 50, max: 150, noNaN: true }),
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        fc.double({ min: 0.02, max: 2, noNaN: true }),
        (spot, volatility, years) => {
          const at = (right: 'call' | 'put', price = spot) =>
            optionWorth({ right, strikeE4: 1_000_000 }, price, volatility, years);
          const [call, put] = [at('call'), at('put')];
          const parity = spot - 100 * Math.exp(-0.04 * years);
          expect(call.price - put.price).toBeCloseTo(parity, 4);
          const slope = (at('call', spot + 0.01).price - at('call', spot - 0.01).price) / 0.02;
          expect(call.delta).toBeCloseTo(slope, 3);
          expect(call.gamma).toBeGreaterThanOrEqual(0);
        },
      ),
    );
    const expired = optionWorth({ right: 'put', strikeE4: 1_000_000 }, 90, 0.2, 0);
    expect([expired.price, expired.delta]).toEqual([10, -1]);
  });

  it('are gone once they have expired', () => {
    const prices = new MarketPrices(world, calendar);
    const before = Date.parse('2026-01-09T20:59:59Z') * 1_000;
    expect(prices.option('SPY260109C00260000', before)?.strikeE4).toBe(2_600_000);
    expect(prices.option('SPY260109C00260000', before + 1_000_000)).toBeUndefined();
    expect(prices.option('SPY260110C00260000', before)).toBeUndefined();
  });
});

it('writes prices as JSON does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000_000 }), (e4) => {
      expect(e4Text(e4)).toBe(JSON.stringify(e4 / 10_000));
    }),
  );
});
