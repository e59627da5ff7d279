import type { SizingRule } from '@capstan/domain';
import { expect, test } from 'vitest';
import { type SizingOptions, sizingOf } from './bot-sizing.ts';

test('sizes by a tenth of the equity unless told otherwise', () => {
  expect(sizingOf({})).toEqual({ kind: 'equityFraction', fraction: 0.1 });
});

test.each<[SizingOptions, SizingRule]>([
  [{ fraction: '0.5' }, { kind: 'equityFraction', fraction: 0.5 }],
  [{ quantity: 10 }, { kind: 'fixedQuantity', quantity: 10 }],
  [{ notional: '2500.25' }, { kind: 'fixedNotional', notionalMicros: 2_500_250_000 }],
  [
    { cashFraction: '0.9', feeBps: '1.5' },
    { kind: 'cashFraction', fraction: 0.9, feeBps: 1.5 },
  ],
  [
    { riskFraction: '0.01' },
    { kind: 'atrRisk', riskFraction: 0.01, atrBars: 14, atrMultiple: 2, maxFraction: 1 },
  ],
  [
    { risk: '500', atrBars: '20', atrMultiple: '1.5', maxFraction: '0.5' },
    { kind: 'atrRisk', riskMicros: 500_000_000, atrBars: 20, atrMultiple: 1.5, maxFraction: 0.5 },
  ],
  [
    { volatility: '0.1', lookbackBars: '30' },
    { kind: 'volatilityTarget', annualVolatility: 0.1, lookbackBars: 30, maxFraction: 1 },
  ],
])('reads %j', (options, rule) => {
  expect(sizingOf(options)).toEqual(rule);
});

test.each<[SizingOptions, string]>([
  [{ quantity: 10, fraction: '0.5' }, 'Both --quantity and --fraction were given.'],
  [{ volatility: '0.1', risk: '5' }, 'Both --risk and --volatility were given.'],
  [{ risk: '5', riskFraction: '0.1' }, '--risk-fraction must be given either as a fraction'],
  [{ fraction: 'half' }, '--fraction must be from 0.000001 to 100.'],
  [{ cashFraction: '2' }, '--cash-fraction must be from 0.000001 to 1.'],
  [{ notional: '-5' }, '--notional must be money above 0 with at most six decimals.'],
  [{ volatility: '0' }, '--volatility must be from 0.000001 to 10.'],
  [{ risk: '5', atrBars: '0' }, '--atr-bars must be a whole number of bars from 1 to 10000.'],
  [{ atrBars: '14' }, '--atr-bars is no key of equityFraction; it has fraction.'],
])('names the option of a sizing that cannot be: %j', (options, why) => {
  expect(() => sizingOf(options)).toThrow(expect.objectContaining({ code: 'CLI.USAGE' }));
  expect(() => sizingOf(options)).toThrow(why);
});
