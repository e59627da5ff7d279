import {
  type Bar,
  type MarketEvent,
  type MarketTrade,
  priceNanos,
  type SecondBar,
  timeUs,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barOfTrades } from './minute-bars.ts';
import { MinuteBuilder } from './minute-builder.ts';
import { SALE_RULES } from './sale-conditions.ts';

const MINUTE = 60_000_000;
const FROM = 29_461_000 * MINUTE;
const SYMBOLS = ['AAA', 'BBB'];
const CONDITIONS = [[], ['@'], ['@', 'I'], ['W'], ['M'], ['Z'], ['T'], ['9'], ['@', 'F']];

const trades = fc
  .array(
    fc.record({
      symbol: fc.constantFrom(...SYMBOLS),
      atUs: fc.integer({ min: FROM, max: FROM + 3 * MINUTE - 1 }),
      price: fc.integer({ min: 1, max: 50 }),
      size: fc.integer({ min: 1, max: 900 }),
      conditions: fc.constantFrom(...CONDITIONS),
    }),
    { maxLength: 40 },
  )
  .map((rows) =>
    rows.map(
      ({ price, atUs, ...row }, index): MarketTrade => ({
        ...row,
        ...{ atUs: timeUs(atUs - (atUs % 5_000_000)), priceNanos: priceNanos(price * 1e9) },
        ...{ tradeId: String(index), exchange: 'V' },
      }),
    ),
  );

/** The batch, said in the plainest way: sort, then look. */
function batch(all: readonly MarketTrade[], symbol: string, endUs: number): Bar | undefined {
  const mine = all
    .filter((one) => one.symbol === symbol && one.atUs >= endUs - MINUTE && one.atUs < endUs)
    .sort((a, b) => a.atUs - b.atUs || Number(a.tradeId) - Number(b.tradeId));
  const counts = (one: MarketTrade) => SALE_RULES.alpaca(one.conditions, true);
  const extremes = mine.filter((one) => counts(one).extremes || counts(one).last);
  const strict = mine.filter((one) => counts(one).last);
  const last = strict.length > 0 ? strict : extremes;
  const [first, final] = [last[0], last.at(-1)];
  if (first === undefined || final === undefined) return undefined;
  const prices = extremes.map((one) => one.priceNanos);
  return {
    ...{ symbol, timeframe: '1m', revision: 0 },
    ...{ startUs: timeUs(endUs - MINUTE), endUs: timeUs(endUs) },
    ...{ openNanos: first.priceNanos, closeNanos: final.priceNanos },
    highNanos: priceNanos(Math.max(...prices)),
    lowNanos: priceNanos(Math.min(...prices)),
    volume: mine.filter((one) => counts(one).volume).reduce((sum, one) => sum + one.size, 0),
  };
}

const SECOND = 1_000_000;

/** The bars of one second that a vendor makes of trades, all of which count. */
function secondsOf(all: readonly MarketTrade[]): readonly SecondBar[] {
  const inOrder = all.toSorted((a, b) => a.atUs - b.atUs || Number(a.tradeId) - Number(b.tradeId));
  const startOf = ({ atUs }: MarketTrade) => atUs - (atUs % SECOND);
  const bySecond = Map.groupBy(inOrder, (one) => `${one.symbol} ${startOf(one)}`);
  return [...bySecond.values()].map((ofSecond) => {
    const [first, last] = [ofSecond[0], ofSecond.at(-1)] as [MarketTrade, MarketTrade];
    const prices = ofSecond.map((one) => one.priceNanos);
    return {
      ...{ symbol: first.symbol, startUs: timeUs(startOf(first)) },
      ...{ openNanos: first.priceNanos, closeNanos: last.priceNanos },
      highNanos: priceNanos(Math.max(...prices)),
      lowNanos: priceNanos(Math.min(...prices)),
      volume: ofSecond.reduce((sum, { size }) => sum + size, 0),
    };
  });
}

/** Trades at any microsecond, many in a second and some in the first and the last of a minute. */
const plainTrades = trades.chain((all) =>
  fc
    .array(
      fc.oneof(
        fc.integer({ min: 0, max: 3 * MINUTE - 1 }),
        fc.integer({ min: MINUTE - 2 * SECOND, max: MINUTE + 2 * SECOND }),
      ),
      { minLength: all.length, maxLength: all.length },
    )
    .map((times) =>
      all.map((one, at) => ({ ...one, atUs: timeUs(FROM + (times[at] ?? 0)), conditions: [] })),
    ),
);

const barsOf = (builder: MinuteBuilder) =>
  [1, 2, 3].flatMap((minute) => builder.barsAt(FROM + minute * MINUTE));
const batchOf = (all: readonly MarketTrade[]) =>
  [1, 2, 3].flatMap((minute) =>
    SYMBOLS.flatMap((symbol) => batch(all, symbol, FROM + minute * MINUTE) ?? []),
  );

const builder = (from: 'seconds' | 'trades' | 'quotes') =>
  new MinuteBuilder({ from, sales: SALE_RULES.alpaca, isRegular: () => true });

describe('MinuteBuilder', () => {
  it('makes the bars of the batch, in whatever order and however often trades come', () => {
    fc.assert(
      fc.property(
        trades.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
          ),
        ),
        ([all, told]) => {
          const made = builder('trades');
          for (const trade of told) made.take({ kind: 'trade', trade });
          expect(barsOf(made)).toEqual(batchOf(all));
        },
      ),
    );
  });

  it('makes of seconds the bars of the trades that made them, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(
        plainTrades.chain((all) => {
          const seconds = secondsOf(all);
          const twice = [...seconds, ...seconds];
          const told = fc.shuffledSubarray(twice, { minLength: twice.length });
          return fc.tuple(fc.constant(all), told);
        }),
        ([all, told]) => {
          const [ofSeconds, ofTrades] = [builder('seconds'), builder('trades')];
          for (const second of told) ofSeconds.take({ kind: 'second', second });
          for (const trade of all) ofTrades.take({ kind: 'trade', trade });
          expect(barsOf(ofSeconds)).toEqual(barsOf(ofTrades));
          expect(barsOf(ofSeconds)).toEqual(batchOf(all));
        },
      ),
    );
  });

  it('takes a second as it is told last, and says of one that it knows that nothing has changed', () => {
    const made = builder('seconds');
    const second: SecondBar = {
      ...{ symbol: 'AAA', startUs: timeUs(FROM), volume: 10 },
      ...{ openNanos: priceNanos(5e9), highNanos: priceNanos(7e9) },
      ...{ lowNanos: priceNanos(4e9), closeNanos: priceNanos(6e9) },
    };
    expect(made.take({ kind: 'second', second })).toMatchObject({ endUs: FROM + MINUTE });
    expect(made.barsAt(FROM + MINUTE)).toMatchObject([{ closeNanos: 6e9, volume: 10 }]);
    expect(made.take({ kind: 'second', second: { ...second } })).toBeUndefined();
    const corrected = { ...second, volume: 12 };
    expect(made.take({ kind: 'second', second: corrected })).toBeDefined();
    expect(made.barsAt(FROM + MINUTE)).toMatchObject([{ closeNanos: 6e9, volume: 12 }]);
  });

  it('takes a cancelled trade out, though its bar was made already', () => {
    fc.assert(
      fc.property(trades, fc.nat(), (all, pick) => {
        const gone = all[pick % Math.max(1, all.length)];
        fc.pre(gone !== undefined);
        const made = builder('trades');
        for (const trade of all) made.take({ kind: 'trade', trade });
        barsOf(made);
        const { symbol, tradeId } = gone;
        const changed = made.take({ kind: 'tradeCancelled', symbol, tradeId });
        expect(changed?.symbol).toBe(symbol);
        expect(barsOf(made)).toEqual(batchOf(all.filter((one) => one !== gone)));
      }),
    );
  });

  it('says of a trade that it knows that nothing has changed', () => {
    const made = builder('trades');
    const event: MarketEvent = {
      kind: 'trade',
      trade: {
        ...{ symbol: 'AAA', atUs: timeUs(FROM), priceNanos: priceNanos(5e9), size: 1 },
        ...{ tradeId: '1', exchange: 'V', conditions: [] },
      },
    };
    expect(made.take(event)).toMatchObject({ endUs: FROM + MINUTE });
    expect(made.take(event)).toBeUndefined();
  });

  it('makes bars of the middle of quotes that have two sides and have not crossed', () => {
    const made = builder('quotes');
    const sides = [
      [10, 12],
      [0, 12],
      [14, 12],
      [20, 20],
      [8, 10],
    ];
    sides.forEach(([bid = 0, ask = 0], index) => {
      const quote = {
        ...{ symbol: 'AAA', atUs: timeUs(FROM + index * 1_000_000) },
        ...{ bidNanos: priceNanos(bid * 1e9), askNanos: priceNanos(ask * 1e9) },
        ...{ bidSize: 1, askSize: 1 },
      };
      made.take({ kind: 'quote', quote });
    });
    const [bar] = made.barsAt(FROM + MINUTE);
    const { openNanos, highNanos, lowNanos, closeNanos, volume } = bar as Bar;
    expect([openNanos, highNanos, lowNanos, closeNanos, volume]).toEqual([11e9, 20e9, 9e9, 9e9, 0]);
  });
});

describe('sale conditions', () => {
  const minute = { symbol: 'AAA', endUs: FROM + MINUTE };
  const trade = (price: number, conditions: readonly string[]): MarketTrade => ({
    ...{ symbol: 'AAA', atUs: timeUs(FROM), priceNanos: priceNanos(price * 1e9), size: 10 },
    ...{ tradeId: String(price), exchange: 'V', conditions },
  });

  it.each([
    ['alpaca', ['I'], ['T'], ['M']],
    ['polygon', ['37'], ['12'], ['15']],
  ] as const)(
    'of %s keep odd lots, other sessions and official prices out',
    (vendor, odd, formT, official) => {
      const all = [trade(10, []), trade(99, odd), trade(98, formT), trade(97, official)];
      const bar = (isRegular: boolean) =>
        barOfTrades(minute, all, (codes) => SALE_RULES[vendor](codes, isRegular));
      expect(bar(true)).toMatchObject({ highNanos: 10e9, closeNanos: 10e9, volume: 30 });
      expect(bar(false)).toMatchObject({ highNanos: 98e9, volume: 30 });
    },
  );
});
