import { parseCash, parsePrice, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import type { ViewSpec } from '../risk-view.fixture.ts';
import { reasonOf } from './reason-of.fixture.ts';

const buy = (amount: number) => ({ quantity: quantity(amount) });
const sell = (amount: number) => ({ side: 'sell', quantity: quantity(amount) }) as const;

describe('order-size', () => {
  it('denies an order above its worth or its units', () => {
    const worth = { maxOrderNotionalMicros: parseCash('1000') };
    expect(reasonOf('order-size', buy(10), {}, worth)).toBeUndefined();
    expect(reasonOf('order-size', buy(11), {}, worth)).toBe(
      'the order is worth 1100.00, at most 1000.00 is allowed',
    );
    const dear = { ...buy(10), limitPriceNanos: parsePrice('100.01') };
    expect(reasonOf('order-size', dear, {}, worth)).toContain('1000.10');
    expect(reasonOf('order-size', buy(10), {}, { maxOrderUnits: 10 })).toBeUndefined();
    expect(reasonOf('order-size', buy(11), {}, { maxOrderUnits: 10.5 })).toBe(
      'the order is for 11 AAA, at most 10.5 are allowed',
    );
    expect(reasonOf('order-size', buy(1_000_000))).toBeUndefined();
  });
});

describe('positions', () => {
  const held: ViewSpec = {
    exposures: [
      ['a', 'AAA', 10, 0, 0],
      ['b', 'AAA', 0, 0, 5],
      ['b', 'BBB', 0, 0, 0],
    ],
  };
  it('counts what is held and what may open, each bot for itself', () => {
    const other = { symbol: 'BBB' };
    expect(reasonOf('positions', other, held, { maxPositions: 3 })).toBeUndefined();
    expect(reasonOf('positions', other, held, { maxPositions: 2 })).toBe(
      'it would be position 3, at most 2 are allowed',
    );
    expect(reasonOf('positions', {}, held, { maxPositions: 2 })).toBeUndefined();
  });

  it('counts within its scope', () => {
    const other = { symbol: 'BBB' };
    const scope = { botId: 'a' };
    const limits = { maxPositions: 2 };
    expect(reasonOf('positions', other, held, limits, undefined, scope)).toBeUndefined();
    expect(reasonOf('positions', other, held, { maxPositions: 1 }, undefined, scope)).toContain(
      'position 2',
    );
  });
});

describe('position-size', () => {
  const held: ViewSpec = { exposures: [['a', 'AAA', 10, 0, 0]] };
  it('caps the position with the order out, in units and money', () => {
    expect(reasonOf('position-size', buy(5), held, { maxPositionUnits: 15 })).toBeUndefined();
    expect(reasonOf('position-size', buy(6), held, { maxPositionUnits: 15 })).toBe(
      'the position would be 16 AAA, at most 15 are allowed',
    );
    const worth = { maxPositionNotionalMicros: parseCash('1500') };
    expect(reasonOf('position-size', buy(5), held, worth)).toBeUndefined();
    expect(reasonOf('position-size', buy(6), held, worth)).toBe(
      'the position in AAA would be 1600.00, at most 1500.00 is allowed',
    );
    expect(reasonOf('position-size', sell(25), held, worth)).toBeUndefined();
    expect(reasonOf('position-size', sell(26), held, worth)).toContain('1600.00');
  });

  it('caps it by a fraction of equity', () => {
    const limits = { maxPositionFraction: 0.1 };
    expect(reasonOf('position-size', buy(10), {}, limits)).toBeUndefined();
    expect(reasonOf('position-size', buy(11), {}, limits)).toBe(
      'the position in AAA would be 1100.00, at most 1000.00, 0.1 of equity 10000.00 is allowed',
    );
    const broke = { cashMicros: parseCash('-1') };
    expect(reasonOf('position-size', buy(1), broke, limits)).toContain('at most 0.00');
  });
});

describe('symbol-notional and gross-exposure of a scope', () => {
  const held: ViewSpec = {
    exposures: [
      ['a', 'AAA', 10, 0, 0],
      ['b', 'AAA', 30, 0, 0],
      ['a', 'BBB', 20, 0, 0],
    ],
  };
  it('count what lies in it', () => {
    const limits = { maxGrossExposureMicros: parseCash('4000') };
    const ask = (amount: number, scope: object) =>
      reasonOf('gross-exposure', buy(amount), held, limits, undefined, scope);
    expect(ask(10, { botId: 'a' })).toBeUndefined();
    expect(ask(11, { botId: 'a' })).toContain('4100.00');
    expect(ask(1, { symbol: 'AAA' })).toContain('4100.00');
    expect(ask(30, { botId: 'a', symbol: 'AAA' })).toBeUndefined();
    const cap = { maxSymbolNotionalMicros: parseCash('2000') };
    const inBot = { botId: 'a' };
    expect(reasonOf('symbol-notional', buy(10), held, cap, undefined, inBot)).toBeUndefined();
    expect(reasonOf('symbol-notional', buy(11), held, cap, undefined, inBot)).toContain('2100.00');
  });
});

describe('net-exposure', () => {
  const limits = { maxNetExposureMicros: parseCash('1000') };
  const pair: ViewSpec = {
    exposures: [
      ['a', 'AAA', 50, 0, 0],
      ['b', 'BBB', -50, 0, 0],
    ],
  };
  it('sets longs against shorts, and takes the worst outcome', () => {
    expect(reasonOf('net-exposure', buy(10), pair, limits)).toBeUndefined();
    expect(reasonOf('net-exposure', buy(11), pair, limits)).toBe(
      'net exposure could be 1100.00, at most 1000.00 is allowed',
    );
    expect(reasonOf('net-exposure', sell(11), pair, limits)).toContain('1100.00');
    const out: ViewSpec = { exposures: [['b', 'BBB', 0, 0, 20]] };
    expect(reasonOf('net-exposure', buy(10), out, limits)).toContain('2000.00');
  });
});

describe('settled-cash', () => {
  const limits = { settledCashOnly: true, bufferBps: 0 };
  const day = (unsettled: string, more: ViewSpec = {}): ViewSpec => ({
    tally: { unsettledMicros: parseCash(unsettled) },
    ...more,
  });
  it('keeps what has not settled, and what is out to buy, from purchases', () => {
    expect(reasonOf('settled-cash', buy(90), day('1000'), limits)).toBeUndefined();
    expect(reasonOf('settled-cash', buy(91), day('1000'), limits)).toBe(
      '9100.00 is needed, 9000.00 is settled and free; 1000.00 settles with the next trade date',
    );
    const out = day('1000', { exposures: [['b', 'BBB', 0, 40, 0]] });
    expect(reasonOf('settled-cash', buy(50), out, limits)).toBeUndefined();
    expect(reasonOf('settled-cash', buy(51), out, limits)).toContain('5000.00 is settled');
  });

  it('asks nothing of sales, of futures and without the limit; unknown is none', () => {
    expect(reasonOf('settled-cash', sell(500), day('0'), limits)).toBeUndefined();
    const future = { symbol: 'FUT', ...buy(500) };
    expect(reasonOf('settled-cash', future, day('0'), limits)).toBeUndefined();
    expect(reasonOf('settled-cash', buy(500), day('0'))).toBeUndefined();
    expect(reasonOf('settled-cash', buy(1), {}, limits)).toBe('it is not known what is settled');
  });
});

describe('capital-reserve', () => {
  const limits = { capitalReserveMicros: parseCash('4000'), bufferBps: 0 };
  it('leaves the reserve alone', () => {
    expect(reasonOf('capital-reserve', buy(60), {}, limits)).toBeUndefined();
    expect(reasonOf('capital-reserve', buy(61), {}, limits)).toBe(
      '6100.00 is needed, 6000.00 is free beside the reserve of 4000.00',
    );
  });

  it('denies adding while equity is below it, also where nothing more would be needed', () => {
    const low: ViewSpec = { cashMicros: parseCash('2000'), exposures: [['a', 'AAA', 10, 0, 0]] };
    expect(reasonOf('capital-reserve', sell(20), low, limits)).toContain('0.00 is needed');
  });
});
