import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Instrument, InstrumentBook, usEquity } from './instrument.ts';
import { AccountLedger } from './ledger.ts';
import { cashMicros, parsePrice, priceNanos, quantity, timeUs } from './numbers.ts';
import { applyFill, FLAT_POSITION, positionCashMicros } from './position.ts';
import { splitPosition } from './split.ts';

const milli: Instrument = { ...usEquity('MILLI'), quantityScale: 3, lot: quantity(5) };
const part = fc.integer({ min: 1, max: 40 });

function bought(amount: number, instrument: Instrument, price = '10') {
  const side = amount < 0 ? ('sell' as const) : ('buy' as const);
  const feeMicros = cashMicros(1_000);
  const trade = {
    side,
    quantity: quantity(Math.abs(amount)),
    priceNanos: parsePrice(price),
    feeMicros,
  };
  return applyFill(FLAT_POSITION, trade, instrument);
}

it('turns 100 shares into 400, and pays a third of a share of 100 at the close', () => {
  const four = { newShares: 4, oldShares: 1, closeNanos: parsePrice('12') };
  const before = bought(100, usEquity('SPY'));
  const after = splitPosition(before, four, usEquity('SPY'));
  expect(after).toEqual({ position: { ...before, quantity: 400 }, fractionMicros: 0 });

  const reverse = { newShares: 1, oldShares: 3, closeNanos: parsePrice('12') };
  const { position, fractionMicros } = splitPosition(before, reverse, usEquity('SPY'));
  expect(position.quantity).toBe(33);
  expect(fractionMicros).toBe(12_000_000);
  expect(position.costMicros).toBe(990_000_000);
  expect(position.realisedMicros).toBe(2_000_000);

  const short = splitPosition(bought(-100, usEquity('SPY')), reverse, usEquity('SPY'));
  expect(short.position).toMatchObject({ quantity: -33, costMicros: -990_000_000 });
  expect(short.fractionMicros).toBe(-12_000_000);
  expect(short.position.realisedMicros).toBe(-2_000_000);
});

it('loses no micro and no more than a lot, and moves only the cash of the fraction', () => {
  const amounts = fc.integer({ min: -3_000, max: 3_000 }).filter((amount) => amount !== 0);
  const closes = fc.integer({ min: 1, max: 400_000_000_000 }).map(priceNanos);
  fc.assert(
    fc.property(amounts, part, part, closes, (amount, newShares, oldShares, closeNanos) => {
      const before = bought(amount * 5, milli);
      const { position, fractionMicros } = splitPosition(
        before,
        { newShares, oldShares, closeNanos },
        milli,
      );
      const exact = (before.quantity * newShares) / oldShares;
      expect(position.quantity % milli.lot).toBeCloseTo(0);
      expect(Math.abs(exact - position.quantity)).toBeLessThan(milli.lot);
      expect(Math.abs(position.quantity)).toBeLessThanOrEqual(Math.abs(exact) + 1e-9);
      const moved = positionCashMicros(position, milli) - positionCashMicros(before, milli);
      expect(moved).toBe(fractionMicros);
      const paid = ((exact - position.quantity) * closeNanos * oldShares) / newShares / 1e6;
      expect(Math.abs(fractionMicros - paid)).toBeLessThanOrEqual(0.51);
    }),
  );
});

it('restates a symbol of a ledger, bot by bot, and moves their cash', () => {
  const ledger = new AccountLedger('acc', new InstrumentBook([usEquity('SPY'), usEquity('QQQ')]));
  const trades = [
    ['a', 'SPY', 10],
    ['b', 'SPY', 5],
    ['b', 'QQQ', 5],
  ] as const;
  trades.forEach(([botId, symbol, amount], index) => {
    const [fillId, orderId, runId, accountId] = [`f${index}`, 'o', 'live', 'acc'];
    ledger.apply({
      ...{ fillId, orderId, runId, accountId, botId, symbol, kind: 'fill', side: 'buy' },
      quantity: quantity(amount),
      priceNanos: parsePrice('10'),
      feeMicros: cashMicros(0),
      eventAtUs: timeUs(index),
      accountSequence: index + 1,
    });
  });
  const split = { newShares: 1, oldShares: 2, closeNanos: parsePrice('11') };
  expect(ledger.split('SPY', split)).toEqual([
    { botId: 'a', fractionMicros: 0 },
    { botId: 'b', fractionMicros: 11_000_000 },
  ]);
  expect(ledger.position('a', 'SPY').quantity).toBe(5);
  expect(ledger.position('b', 'SPY').quantity).toBe(2);
  expect(ledger.position('b', 'QQQ').quantity).toBe(5);
  expect(ledger.cashMicros('b')).toBe(-100_000_000 + 11_000_000);
  expect(ledger.split('XYZ', split)).toEqual([]);
});
