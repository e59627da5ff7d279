import { expect, test } from 'vitest';
import { parametersOf, sizingOf } from './bot-create.ts';

test('reads parameters as the strategy wants them', () => {
  const options = { strategy: 'ma-cross', param: ['fast=5', 'slow=20'] };
  expect(parametersOf(options)).toEqual({ fast: 5, slow: 20 });
  expect(parametersOf({ strategy: 'ma-cross' })).toEqual({});
});

test.each([
  ['ma-cross', ['fast'], 'CLI.USAGE'],
  ['ma-cross', ['fst=5'], 'STRATEGY.PARAMETER_UNKNOWN'],
  ['ma-cros', [], 'STRATEGY.UNKNOWN'],
])('refuses %s with %j', (strategy, param, code) => {
  expect(() => parametersOf({ strategy, param })).toThrow(expect.objectContaining({ code }));
});

test('sizes by a tenth of the equity unless told otherwise', () => {
  expect(sizingOf({})).toEqual({ kind: 'equityFraction', fraction: 0.1 });
  expect(sizingOf({ fraction: '0.5' })).toEqual({ kind: 'equityFraction', fraction: 0.5 });
  expect(sizingOf({ quantity: 10 })).toEqual({ kind: 'fixedQuantity', quantity: 10 });
  expect(() => sizingOf({ quantity: 10, fraction: '0.5' })).toThrow(/Both/);
  expect(() => sizingOf({ fraction: 'half' })).toThrow(/above 0/);
});
