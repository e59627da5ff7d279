import { parsePrice, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { END_REASONS } from './matcher-event.ts';
import {
  exitId,
  said,
  TEN_US,
  type TestTerms,
  testBar,
  testMatcher,
  testOrder,
} from './test-world.ts';

const AT = timeUs(TEN_US);
const gtc = { timeInForce: 'gtc' } as const;

function split(numerator: number, denominator: number, orders: readonly TestTerms[]) {
  const matcher = testMatcher();
  for (const order of orders) matcher.add(testOrder({ ...gtc, ...order }));
  const { events, restated } = matcher.adjustForSplit('SPY', { numerator, denominator }, AT);
  return { matcher, events: said(events), restated };
}

describe('a split', () => {
  it('divides prices, away from the market where the tick does not fit, and multiplies quantities', () => {
    const { restated, events } = split(3, 1, [
      { id: 'a', quantity: 10, limit: '100', exits: { stop: '91', target: '110', by: '1' } },
      { id: 'b', quantity: 10, side: 'sell', limit: '110' },
      { id: 'c', quantity: 10, stop: '110' },
      { id: 'd', quantity: 10, side: 'sell', stop: '91' },
      { id: 'e', quantity: 10, side: 'sell', trail: { by: '1', from: '100' } },
    ]);
    const price = parsePrice;
    expect(events).toEqual([]);
    expect(restated.map((terms) => terms.quantity)).toEqual([30, 30, 30, 30, 30]);
    expect(restated).toMatchObject([
      {
        limitPriceNanos: price('33.33'),
        exits: {
          stopPriceNanos: price('30.33'),
          takeProfitPriceNanos: price('36.67'),
          trailNanos: price('0.34'),
        },
      },
      { limitPriceNanos: price('36.67') },
      { stopPriceNanos: price('36.67') },
      { stopPriceNanos: price('30.33') },
      { trailNanos: price('0.34'), activationPriceNanos: price('33.333333333') },
    ]);
  });

  it('the other way round rounds quantities down and cancels what is less than a lot', () => {
    const { matcher, events, restated } = split(1, 10, [
      { id: 'a', quantity: 105, limit: '10' },
      { id: 'b', quantity: 9, limit: '10' },
    ]);
    expect(restated).toMatchObject([
      { orderId: 'a', quantity: 10, limitPriceNanos: parsePrice('100') },
    ]);
    expect(events).toEqual([`b cancelled, minute 0: ${END_REASONS.split}`]);
    expect(matcher.openOrders()).toHaveLength(1);
  });

  it('restates what is held and what protects it', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ quantity: 7, exits: { stop: '90', by: '4' } }));
    matcher.onBar(testBar('100 102 99 100'));
    const ratio = { numerator: 3, denominator: 2 };
    const { restated } = matcher.adjustForSplit('SPY', ratio, AT);
    expect(restated.map((terms) => [terms.orderId, terms.quantity])).toEqual(
      expect.arrayContaining([[exitId('a.stop'), 10]]),
    );
    const { holdings, brackets } = matcher.snapshot();
    expect([holdings[0]?.quantity, brackets[0]?.quantity]).toEqual([10, 10]);
    expect(said(matcher.onBar(testBar('67 67 66 66', { minute: 1 })))).toEqual([]);
    expect(said(matcher.onBar(testBar('66 66 65.30 66', { minute: 2 })))[0]).toBe(
      'a.trail filled 10 at 65.33, minute 3',
    );
    expect(matcher.openOrders()).toEqual([]);
  });

  it('keeps what was filled as it was, and restates what is open', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder({ limit: '100', exits: { stop: '90' } }));
    matcher.onBar(testBar('99 100 99 100', { volume: 400 }));
    const { restated } = matcher.adjustForSplit('SPY', { numerator: 2, denominator: 1 }, AT);
    expect(restated.map((terms) => terms.quantity).sort()).toEqual([160, 200]);
    expect(matcher.snapshot().holdings[0]?.quantity).toBe(80);
    expect(said(matcher.onBar(testBar('49 50 49 50', { minute: 1, volume: 10_000 })))).toEqual([
      'a filled 120 at 49.00, minute 1',
    ]);
    expect(matcher.snapshot().brackets[0]?.quantity).toBe(200);
  });

  it('ends exits that protect less than a lot', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ quantity: 7, exits: { stop: '90', target: '110' } }));
    matcher.onBar(testBar('100 102 99 100'));
    const { events } = matcher.adjustForSplit('SPY', { numerator: 1, denominator: 10 }, AT);
    expect(said(events).toSorted()).toEqual([
      `a.stop cancelled, minute 0: ${END_REASONS.split}`,
      `a.target cancelled, minute 0: ${END_REASONS.split}`,
    ]);
    expect(matcher.snapshot()).toMatchObject({ orders: [], brackets: [], holdings: [] });
  });

  it('ends exits whose share is gone, though the most that they could protect is not', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder({ limit: '100', exits: { stop: '90' } }));
    matcher.onBar(testBar('99 100 99 100', { volume: 400 }));
    matcher.cancel('a', AT);
    const { events, restated } = matcher.adjustForSplit(
      'SPY',
      { numerator: 1, denominator: 50 },
      AT,
    );
    expect(said(events)).toEqual([`a.stop cancelled, minute 0: ${END_REASONS.nothingLeft}`]);
    expect([restated, matcher.openOrders()]).toEqual([[], []]);
  });

  it('brings no exit back that ended with its entry', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    const entry = { id: '!', quantity: 41, limit: '100', exits: { stop: '90' } };
    matcher.add(testOrder(entry));
    matcher.add(testOrder({ id: 'b', minute: 1, side: 'sell', quantity: 40, limit: '101' }));
    matcher.onBar(testBar('99 100 99 100', { volume: 400 }));
    matcher.onBar(testBar('102 102 101 102', { minute: 1, volume: 400 }));
    expect(matcher.openOrders()).toHaveLength(2);
    const { events } = matcher.adjustForSplit('SPY', { numerator: 1, denominator: 2 }, AT);
    expect(events.map((event) => event.kind)).toEqual(['cancelled', 'cancelled']);
    expect(matcher.openOrders()).toEqual([]);
  });

  it('leaves other symbols, and a ratio that is none is a bug', () => {
    const { matcher } = split(2, 1, [{ id: 'a', symbol: 'QQQ', limit: '10' }]);
    expect(matcher.openOrders()[0]?.terms.quantity).toBe(100);
    expect(() => split(0, 1, [])).toThrow('no ratio');
  });
});
