import { cashMicros, priceNanos, quantity } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costPrice, holdingsNow, shownOf, withinBroker } from './broker-truth.ts';
import type { Holding } from './state.ts';

const SYMBOLS = ['QQQ', 'SPY'];
const amounts = fc.integer({ min: -50, max: 50 });
const priced = { priceNanos: priceNanos(100_000_000_000) };

const holdings: fc.Arbitrary<readonly Holding[]> = fc
  .uniqueArray(
    fc.record({ botId: fc.constantFrom('a', 'b', 'c'), symbol: fc.constantFrom(...SYMBOLS) }),
    { selector: ({ botId, symbol }) => `${botId} ${symbol}` },
  )
  .chain((keys) =>
    fc.tuple(
      ...keys.map((key) => amounts.map((n) => ({ ...key, ...priced, quantity: quantity(n) }))),
    ),
  )
  .map((all) => all.filter((one) => one.quantity !== 0));

const accounts = fc.tuple(amounts, amounts).map((shown) => ({
  positions: SYMBOLS.map((symbol, index) => ({
    symbol,
    quantity: quantity(shown[index] ?? 0),
    costMicros: cashMicros(0),
  })),
}));

const worked = fc.array(
  fc.record({
    botId: fc.constantFrom('a', 'b', 'c'),
    symbol: fc.constantFrom(...SYMBOLS),
    openQuantity: amounts.filter((n) => n !== 0),
  }),
  { maxLength: 4 },
);

const sumOf = (all: readonly Holding[], symbol: string): number =>
  all.filter((one) => one.symbol === symbol).reduce((sum, one) => sum + one.quantity, 0);

/** Tells whether selling `sum` brings `shown` nearer to zero, or to it. */
const isBetween = (sum: number, shown: number): boolean =>
  shown >= 0 ? sum >= 0 && sum <= shown : sum <= 0 && sum >= shown;

describe('what is flattened', () => {
  it('is never more than the venue shows, nor against it, and nobody is asked for more than he holds', () => {
    fc.assert(
      fc.property(holdings, accounts, (held, account) => {
        const cut = withinBroker(held, account);
        for (const symbol of SYMBOLS)
          expect(isBetween(sumOf(cut, symbol), shownOf(account, symbol))).toBe(true);
        for (const one of cut) {
          const before = held.find((b) => b.botId === one.botId && b.symbol === one.symbol);
          expect(isBetween(one.quantity, before?.quantity ?? 0)).toBe(true);
        }
      }),
    );
  });

  it('is all that bots hold where the venue shows just that', () => {
    fc.assert(
      fc.property(holdings, (held) => {
        const positions = SYMBOLS.map((symbol) => ({
          symbol,
          quantity: quantity(sumOf(held, symbol)),
          costMicros: cashMicros(0),
        }));
        expect(withinBroker(held, { positions })).toEqual(held);
        expect(holdingsNow(held, [], { positions })).toEqual(held);
      }),
    );
  });

  it('takes in what orders may have filled meanwhile, and never what they cannot have', () => {
    fc.assert(
      fc.property(holdings, worked, accounts, (held, orders, account) => {
        const now = holdingsNow(held, orders, account);
        for (const symbol of SYMBOLS) {
          const shown = shownOf(account, symbol);
          expect(isBetween(sumOf(now, symbol), shown)).toBe(true);
          const open = orders.filter((one) => one.symbol === symbol);
          const may = (sign: number): number =>
            open.reduce((sum, { openQuantity: n }) => (Math.sign(n) === sign ? sum + n : sum), 0);
          const explained = Math.min(
            Math.max(shown, sumOf(held, symbol) + may(-1)),
            sumOf(held, symbol) + may(1),
          );
          if (explained === shown) expect(sumOf(now, symbol)).toBe(shown);
          else expect(Math.abs(sumOf(now, symbol))).toBeLessThanOrEqual(Math.abs(explained));
        }
      }),
    );
  });

  it('gives an order its own share of what the venue shows beyond the books', () => {
    const position = { symbol: 'SPY', quantity: quantity(10), costMicros: cashMicros(1_000) };
    const order = { botId: 'a', symbol: 'SPY', openQuantity: 4 };
    expect(holdingsNow([], [order], { positions: [position] })).toEqual([
      { botId: 'a', symbol: 'SPY', quantity: 4, priceNanos: 100_000 },
    ]);
    expect(costPrice(undefined)).toBe(1);
  });
});
