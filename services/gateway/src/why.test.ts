import { cashMicros, priceNanos, quantity, timeUs, usEquity } from '@capstan/domain';
import { expect, test } from 'vitest';
import { denial, fill, intent, order, signal, T } from './gateway.fixture.ts';
import { type Decisions, tellWhy } from './why.ts';

const NOTHING: Decisions = { signals: [], intents: [], denials: [], orders: [], fills: [] };
const SPY = new Map([['SPY', usEquity('SPY', 'etf')]]);

test('tells a decision from its fill back to its signal, with one cause through all of it', () => {
  const told = tellWhy(
    { signals: [signal], intents: [intent], denials: [denial], orders: [order], fills: [fill] },
    SPY,
    10,
  );
  expect(told.map(({ kind, text, reason, causeId }) => [kind, text, reason, causeId])).toEqual([
    ['fill', 'Bought 10 SPY at 101.60, fee 0.35', '', 'signal-1'],
    ['order', 'Buy 10 SPY at market: filled', '', 'signal-1'],
    ['signal', 'Wants long SPY, close 101.50', 'fast above slow', 'signal-1'],
    ['denied', 'Denied by market-hours: SPY', 'the session is closed', 'signal-0'],
  ]);
  expect(told.map((entry) => entry.atUs)).toEqual([T + 60e6, T, T, T - 60e6]);
});

test('says what is special: prices, strength, parts, reasons, busts', () => {
  const limited = {
    ...order,
    side: 'sell',
    type: 'stopLimit',
    limitPriceNanos: priceNanos(99_500_000_000),
    stopPriceNanos: priceNanos(100_000_000_000),
    state: 'partiallyFilled',
    filledQuantity: quantity(4),
  } as const;
  const gone = {
    ...order,
    orderId: 'order-2',
    state: 'rejected',
    reason: 'no shares to borrow',
  } as const;
  const exits = {
    ...signal,
    strength: 0.5,
    direction: 'short',
    limitPriceNanos: priceNanos(102_000_000_000),
    stopPriceNanos: priceNanos(103_000_000_000),
    takeProfitPriceNanos: priceNanos(98_000_000_000),
  } as const;
  const bust = { ...fill, kind: 'bust', feeMicros: cashMicros(0) } as const;
  const told = tellWhy(
    { ...NOTHING, signals: [exits], orders: [limited, gone], fills: [bust] },
    SPY,
    10,
  );
  expect(told.map(({ text, reason }) => `${text}|${reason}`)).toEqual([
    'Busted 10 SPY at 101.60|',
    'Sell 10 SPY limit 99.50 stop 100.00: partly filled (4 of it filled)|',
    'Buy 10 SPY at market: rejected by the broker|no shares to borrow',
    'Wants short SPY at strength 0.5, close 101.50, limit 102.00, stop 103.00, target 98.00|fast above slow',
  ]);
});

test('says that another bot was the other side of a fill', () => {
  const inside = { ...fill, fillId: `internal/${fill.fillId}`, feeMicros: cashMicros(0) };
  const [entry] = tellWhy({ ...NOTHING, fills: [inside] }, SPY, 1);
  expect(entry?.text).toBe('Bought 10 SPY at 101.60, internal: by another bot of the account');
});

test('a wish to be flat has no strength', () => {
  const flat = { ...signal, direction: 'flat', strength: 0 } as const;
  const [entry] = tellWhy({ ...NOTHING, signals: [flat] }, SPY, 1);
  expect(entry?.text).toBe('Wants flat SPY, close 101.50');
});

test('writes quantities at the scale of the instrument', () => {
  const coin = { ...usEquity('BTC'), quantityScale: 3 };
  const orders = [
    { ...order, symbol: 'BTC', quantity: quantity(1_500), filledQuantity: quantity(1_500) },
  ];
  const [entry] = tellWhy({ ...NOTHING, orders }, new Map([['BTC', coin]]), 10);
  expect(entry?.text).toBe('Buy 1.5 BTC at market: filled');
});

test('an order whose intent is not at hand keeps its intent as the cause; only the latest are told', () => {
  const older = { ...fill, fillId: 'fill-0', eventAtUs: timeUs(T - 1) };
  const told = tellWhy({ ...NOTHING, orders: [order], fills: [older, fill] }, SPY, 2);
  expect(told.map((entry) => [entry.id, entry.causeId])).toEqual([
    ['fill-1', 'intent-1'],
    ['order-1', 'intent-1'],
  ]);
});
