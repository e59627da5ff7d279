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
