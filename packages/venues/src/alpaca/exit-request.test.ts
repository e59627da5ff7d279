import {
  EXIT_LEGS,
  InstrumentBook,
  type OrderTerms,
  orderId,
  parsePrice,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { Amounts } from './amounts.ts';
import { exitsRefusal, requestOf } from './order-words.ts';

const OPTION = 'SPY260116C00260000';
const amounts = new Amounts(
  new InstrumentBook([
    usEquity('SPY'),
    { ...usEquity('FRAC'), instrumentId: 'frac', quantityScale: 3 },
    { ...usEquity(OPTION), instrumentId: 'option', assetClass: 'option' },
  ]),
);
const stopPriceNanos = parsePrice('90.5');
const takeProfitPriceNanos = parsePrice('110');

function terms(of: Partial<OrderTerms> = {}): OrderTerms {
  const key = { intentId: 'i', leg: of.leg ?? 0, attempt: 1 };
  return {
    ...{ ...key, orderId: orderId(key), runId: 'live', accountId: 'main', botId: 'b' },
    ...{ symbol: 'SPY', side: 'buy', quantity: quantity(5), type: 'market', timeInForce: 'day' },
    ...{ reducing: false, decidedAtUs: timeUs(1), expiresAtUs: timeUs(2) },
    exits: { stopPriceNanos, takeProfitPriceNanos },
    ...of,
  };
}

describe('an order with exits', () => {
  const limit: Partial<OrderTerms> = { type: 'limit', limitPriceNanos: parsePrice('100.25') };
  const pair: Partial<OrderTerms> = {
    ...{ leg: EXIT_LEGS.takeProfit, side: 'sell', reducing: true, timeInForce: 'gtc' },
    ...{ type: 'limit', limitPriceNanos: takeProfitPriceNanos, exits: { stopPriceNanos } },
  };

  it.each<[string, Partial<OrderTerms>, object]>([
    [
      'both as a bracket',
      limit,
      {
        ...{ orderClass: 'bracket', limitPrice: '100.25' },
        ...{ takeProfit: { limitPrice: '110' }, stopLoss: { stopPrice: '90.5' } },
      },
    ],
    [
      'one alone as an order that triggers it',
      { exits: { stopPriceNanos } },
      { orderClass: 'oto', stopLoss: { stopPrice: '90.5' } },
    ],
    [
      'a take-profit with a stop beside it as a pair',
      pair,
      {
        ...{ orderClass: 'oco', side: 'sell', timeInForce: 'gtc' },
        ...{ takeProfit: { limitPrice: '110' }, stopLoss: { stopPrice: '90.5' } },
      },
    ],
  ])('is asked for: %s', (_what, of, asked) => {
    const order = terms(of);
    const request = requestOf(order, amounts);
    expect(request).toMatchObject({ ...asked, qty: '5', clientOrderId: order.orderId });
    expect('limitPrice' in request).toBe('limitPrice' in asked);
  });

  it.each<[string, Partial<OrderTerms>, RegExp]>([
    ['that trail', { exits: { stopPriceNanos, trailBps: 5 } }, /trails/],
    ['of an option', { symbol: OPTION }, /shares/],
    ['of a fraction', { symbol: 'FRAC', quantity: quantity(1_500) }, /whole shares/],
    ['of an order that is over at once', { timeInForce: 'ioc' }, /in force 'ioc'/],
    ['of the closing auction', { timeInForce: 'onClose' }, /in force 'onClose'/],
    ['of a stop order', { type: 'stop', stopPriceNanos: parsePrice('120') }, /a stop order/],
    ['at a part of a cent', { exits: { stopPriceNanos: parsePrice('90.505') } }, /cents/],
    ['that are none', { exits: {} }, /no exit/],
    ['beside a stop', { ...pair, leg: EXIT_LEGS.stop }, /beside a take-profit/],
    [
      'of a pair with a second take-profit',
      { ...pair, exits: { stopPriceNanos, takeProfitPriceNanos } },
      /beside a take-profit/,
    ],
  ])('is not asked for with exits %s', (_what, of, why) => {
    const order = terms(of);
    expect(exitsRefusal(order, amounts)).toMatch(why);
    expect(requestOf(order, amounts)).toEqual({ refused: expect.stringMatching(why) });
  });

  it('is taken alone as an exit of what is held: of whole shares, at prices in cents', () => {
    const { exits: _, ...stop } = { ...terms(pair), leg: EXIT_LEGS.stop };
    const alone = { ...stop, type: 'stop', stopPriceNanos } as const;
    expect(exitsRefusal(alone, amounts)).toBe(undefined);
    expect(exitsRefusal({ ...alone, stopPriceNanos: parsePrice('90.505') }, amounts)).toMatch(
      /cent/,
    );
    const part = { ...alone, symbol: 'FRAC', quantity: quantity(1_500) };
    expect(exitsRefusal(part, amounts)).toMatch(/whole shares/);
  });

  it('takes exits of whole shares where the instrument has parts, and below a dollar parts of a cent', () => {
    expect(exitsRefusal(terms({ symbol: 'FRAC', quantity: quantity(2_000) }), amounts)).toBe(
      undefined,
    );
    const exits = { stopPriceNanos: parsePrice('0.4321'), takeProfitPriceNanos: parsePrice('0.9') };
    expect(exitsRefusal(terms({ exits }), amounts)).toBe(undefined);
  });
});
