import { priceNanos, quantity, usEquity } from '@capstan/domain';
import { expect, it } from 'vitest';
import { orderProblem } from './order-problem.ts';
import { TEST_FRACTIONAL, testOrder } from './test-world.ts';

const spy = usEquity('SPY');

it('finds nothing wrong with good terms of each type', () => {
  for (const prices of [{}, { limit: '99.01' }, { stop: '99' }, { limit: '99', stop: '98' }]) {
    expect(orderProblem(testOrder(prices), spy)).toBeUndefined();
  }
});

it('names what is wrong with a quantity', () => {
  expect(orderProblem(testOrder({ quantity: 0 }), spy)).toBe('quantity 0 is not positive');
  expect(orderProblem(testOrder({ quantity: -5 }), spy)).toBe('quantity -5 is not positive');
  expect(orderProblem({ ...testOrder(), quantity: quantity(750) }, TEST_FRACTIONAL)).toBe(
    'quantity 750 is not a multiple of the lot 500',
  );
});

it('names what is wrong with a price', () => {
  expect(orderProblem({ ...testOrder(), type: 'limit' }, spy)).toBe('limit price is missing');
  expect(orderProblem({ ...testOrder(), type: 'stop' }, spy)).toBe('stop price is missing');
  expect(orderProblem({ ...testOrder({ limit: '99' }), type: 'stopLimit' }, spy)).toBe(
    'stop price is missing',
  );
  expect(orderProblem({ ...testOrder({ limit: '0' }) }, spy)).toBe('limit price 0 is not positive');
  expect(orderProblem(testOrder({ stop: '99.005' }), spy)).toBe(
    'stop price 99005000000 is not on the tick 10000000',
  );
});

it('does not read prices that the type does not use', () => {
  const terms = { ...testOrder(), limitPriceNanos: priceNanos(1), stopPriceNanos: priceNanos(-1) };
  expect(orderProblem(terms, spy)).toBeUndefined();
});

it('names what is wrong with a trail', () => {
  const trailing = (trail: { by?: string; bps?: number; from?: string }) =>
    orderProblem(testOrder({ trail }), spy);
  expect(trailing({ by: '0.05' })).toBeUndefined();
  expect(trailing({ bps: 25, from: '99.005' })).toBeUndefined();
  expect(trailing({})).toBe('the trail is missing');
  expect(trailing({ by: '1', bps: 1 })).toContain('give one');
  expect(trailing({ by: '1', from: '0' })).toBe('activation price 0 is not positive');
});

it('lets market and limit orders alone wait for an open or a close', () => {
  for (const timeInForce of ['onOpen', 'onClose'] as const) {
    expect(orderProblem(testOrder({ timeInForce }), spy)).toBeUndefined();
    expect(orderProblem(testOrder({ timeInForce, limit: '99' }), spy)).toBeUndefined();
    expect(orderProblem(testOrder({ timeInForce, stop: '99' }), spy)).toBe(
      `a stop order cannot be in force '${timeInForce}'`,
    );
    expect(orderProblem(testOrder({ timeInForce, trail: { by: '1' } }), spy)).toContain('force');
  }
});

it('names what is wrong with exits', () => {
  const problem = (given: Parameters<typeof testOrder>[0]) => orderProblem(testOrder(given), spy);
  expect(problem({ exits: { stop: '99', target: '101', bps: 50 } })).toBeUndefined();
  expect(problem({ exits: {} })).toBe('the protective exits are empty');
  expect(problem({ exits: { stop: '99' }, reducing: true })).toContain('only reduces');
  expect(problem({ exits: { stop: '99.005' } })).toContain('exit stop price');
  expect(problem({ exits: { target: '0' } })).toContain('take-profit price 0');
  expect(problem({ exits: { stop: '101', target: '100' } })).toContain('not below');
  expect(problem({ limit: '98', exits: { stop: '99' } })).toContain("entry's price");
  expect(problem({ stop: '101', exits: { target: '100.50' } })).toContain("entry's price");
  expect(problem({ exits: { stop: '500' } })).toBeUndefined();
});
