import { parsePrice, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import type { ViewSpec } from '../risk-view.fixture.ts';
import { reasonOf } from './reason-of.fixture.ts';

const sell = (amount: number) => ({ side: 'sell', quantity: quantity(amount) }) as const;

describe('blocked-symbol', () => {
  it('denies adding in the symbols that it names', () => {
    const limits = { blockedSymbols: ['AAA'] };
    expect(reasonOf('blocked-symbol', {}, {}, limits)).toBe('AAA is blocked');
    expect(reasonOf('blocked-symbol', { symbol: 'BBB' }, {}, limits)).toBeUndefined();
    expect(reasonOf('blocked-symbol', {})).toBeUndefined();
  });
});

describe('halted-symbol', () => {
  it('denies adding in the symbols that it names', () => {
    const limits = { haltedSymbols: ['AAA'] };
    expect(reasonOf('halted-symbol', {}, {}, limits)).toBe('trading in AAA is halted');
    expect(reasonOf('halted-symbol', { symbol: 'BBB' }, {}, limits)).toBeUndefined();
  });

  it('denies adding in those that the venue names, and in all where its word cannot be read', () => {
    const conditions = { clockOffsetUs: 0, halted: ['AAA'], shortRestricted: ['BBB'] };
    expect(reasonOf('halted-symbol', {}, { conditions })).toBe(
      'the venue says that trading in AAA is halted',
    );
    expect(reasonOf('halted-symbol', { reducing: true }, { conditions })).toBeUndefined();
    expect(reasonOf('halted-symbol', { symbol: 'BBB' }, { conditions })).toBeUndefined();
    expect(reasonOf('halted-symbol', {}, { conditions: 'unreadable' })).toContain('cannot be read');
  });
});

describe('short-sale', () => {
  const limits = { shortRestrictedSymbols: ['AAA'] };
  it('denies a short sale that is not priced above the market', () => {
    expect(reasonOf('short-sale', sell(1), {}, limits)).toBe(
      'AAA may be sold short only above 100.00, and the order is at the market',
    );
    const limit = (text: string) => ({
      ...sell(1),
      type: 'limit' as const,
      limitPriceNanos: parsePrice(text),
    });
    expect(reasonOf('short-sale', limit('100'), {}, limits)).toContain('the order is at 100.00');
    expect(reasonOf('short-sale', limit('100.01'), {}, limits)).toBeUndefined();
  });

  it('goes by the word of the venue too', () => {
    const conditions = { clockOffsetUs: 0, halted: [], shortRestricted: ['AAA'] };
    expect(reasonOf('short-sale', sell(1), { conditions })).toContain('only above 100.00');
    expect(reasonOf('short-sale', { ...sell(1), symbol: 'BBB' }, { conditions })).toBeUndefined();
  });

  it('has nothing against buying, nor against other symbols', () => {
    expect(reasonOf('short-sale', {}, {}, limits)).toBeUndefined();
    expect(reasonOf('short-sale', { ...sell(1), symbol: 'BBB' }, {}, limits)).toBeUndefined();
  });
});

describe('long-only', () => {
  const limits = { longOnly: true };
  const held: ViewSpec = { exposures: [['a', 'AAA', 10, 0, 4]] };
  it('denies a sale of more than is held and not for sale yet', () => {
    expect(reasonOf('long-only', sell(6), held, limits)).toBeUndefined();
    expect(reasonOf('long-only', sell(7), held, limits)).toBe(
      'a sale of 7 AAA would go short: 6 is held and not for sale yet',
    );
    expect(reasonOf('long-only', {}, held, limits)).toBeUndefined();
    expect(reasonOf('long-only', sell(7), held, { longOnly: false })).toBeUndefined();
  });
});

describe('would-cross', () => {
  const out: ViewSpec = {
    exposures: [
      ['c', 'AAA', 0, 0, 3],
      ['b', 'AAA', 0, 0, 5],
      ['b', 'BBB', 0, 0, 5],
    ],
  };
  it('denies what adds against an order that another bot has out in the symbol', () => {
    expect(reasonOf('would-cross', {}, out)).toBe(
      'b has a sell of 5 AAA out: the account would trade with itself',
    );
    expect(reasonOf('would-cross', sell(1), out)).toBeUndefined();
    const buys: ViewSpec = { exposures: [['b', 'AAA', 0, 5, 0]] };
    expect(reasonOf('would-cross', sell(1), buys)).toContain('b has a buy of 5');
  });

  it("has nothing against a bot's own orders, nor where crossing is allowed", () => {
    const own: ViewSpec = { exposures: [['a', 'AAA', 0, 0, 5]] };
    expect(reasonOf('would-cross', {}, own)).toBeUndefined();
    expect(reasonOf('would-cross', {}, out, { crossing: 'allow' })).toBeUndefined();
  });

  it('lets nothing out against another bot only because some are crossed inside', () => {
    expect(reasonOf('would-cross', {}, out, { crossing: 'internal' })).toContain('b has a sell');
    expect(reasonOf('would-cross', { reducing: true }, out, { crossing: 'internal' })).toBe(
      undefined,
    );
  });
});

describe('price-collar', () => {
  const limits = { priceCollarBps: 100 };
  it('denies a limit, stop or deciding price beyond the collar on either side', () => {
    const limit = (text: string) => ({ type: 'limit' as const, limitPriceNanos: parsePrice(text) });
    expect(reasonOf('price-collar', limit('101'), {}, limits)).toBeUndefined();
    expect(reasonOf('price-collar', limit('99'), {}, limits)).toBeUndefined();
    expect(reasonOf('price-collar', limit('101.01'), {}, limits)).toBe(
      'the limit of 101.01 is more than 100 bps from the last price of 100.00',
    );
    expect(reasonOf('price-collar', limit('98.99'), {}, limits)).toContain('the limit of 98.99');
    const stop = { type: 'stop' as const, stopPriceNanos: parsePrice('102') };
    expect(reasonOf('price-collar', stop, {}, limits)).toContain('the stop of 102.00');
    const late = { referencePriceNanos: parsePrice('95') };
    expect(reasonOf('price-collar', late, {}, limits)).toContain('the deciding price of 95.00');
    expect(reasonOf('price-collar', late)).toBeUndefined();
  });
});
