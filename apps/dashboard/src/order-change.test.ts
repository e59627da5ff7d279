import { describe, expect, test } from 'vitest';
import type { Order } from './api.ts';
import { replaceOf, resolveOf, textsOf } from './order-change.ts';

const LIMIT = 101_250_000_000;
const order: Order = {
  ...{ orderId: 'o1', accountId: 'paper', botId: 'trend', symbol: 'BTC', side: 'buy' },
  ...{ quantity: 150_000, type: 'limit', limitPriceNanos: LIMIT, timeInForce: 'gtc' },
  ...{ decidedAtUs: 0, state: 'accepted', filledQuantity: 50_000, version: 2 },
};

describe('replacing an order', () => {
  test('begins with its terms, as they are read again', () => {
    expect(textsOf(order, 4)).toEqual({ quantity: '15', limit: '101.25', stop: '' });
    expect(textsOf({ ...order, quantity: 12_345_678 }, 4).quantity).toBe('1234.5678');
  });

  test('asks for what was changed, and for nothing else', () => {
    const texts = textsOf(order, 4);
    const body = (changes: object) => replaceOf(order, 4, { ...texts, ...changes });
    expect(body({ limit: '101.5' })).toEqual({
      kind: 'body',
      body: { account: 'paper', limitPriceNanos: 101_500_000_000 },
    });
    expect(body({ quantity: ' 7.5 ' })).toMatchObject({ body: { quantity: 75_000 } });
    expect(body({})).toEqual({ kind: 'problem', why: 'Nothing of it is changed.' });
    expect(body({ limit: '' })).toEqual({ kind: 'problem', why: 'The limit price is no price.' });
    expect(body({ quantity: '0' })).toMatchObject({ kind: 'problem' });
    expect(body({ quantity: '0.00001' })).toMatchObject({ kind: 'problem' });
  });
});

describe('resolving an unknown order', () => {
  const found = { as: 'filled', quantity: '10', price: '101.2' } as const;
  test('says that it is not there', () => {
    const absent = { ...found, as: 'absent', price: '' } as const;
    expect(resolveOf(order, 4, absent)).toEqual({
      kind: 'body',
      body: { account: 'paper', as: 'absent' },
    });
  });

  test('says how much of it was filled, and at what price', () => {
    expect(resolveOf(order, 4, found)).toEqual({
      kind: 'body',
      body: { account: 'paper', as: 'filled', quantity: 100_000, priceNanos: 101_200_000_000 },
    });
    const refused = { kind: 'problem', why: 'The quantity must be above 0 and at most 10.' };
    expect(resolveOf(order, 4, { ...found, quantity: '10.0001' })).toEqual(refused);
    expect(resolveOf(order, 4, { ...found, price: 'cheap' })).toMatchObject({ kind: 'problem' });
  });
});
