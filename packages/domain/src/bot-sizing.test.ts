import { describe, expect, it } from 'vitest';
import { type SizingRule, sizingProblem } from './bot-sizing.ts';
import { readSizing, type SizingFields } from './read-sizing.ts';
import { sizingText } from './sizing-text.ts';

const sizingOf = (fields: SizingFields): SizingRule => {
  const read = readSizing(fields);
  if (read.kind === 'problem') throw new Error(`${read.key} ${read.rule}`);
  return read.sizing;
};

const RULES: readonly (readonly [SizingFields, SizingRule, string])[] = [
  [
    { kind: 'fixedQuantity', quantity: 1_500 },
    { kind: 'fixedQuantity', quantity: 1_500 },
    '1.5 units an entry',
  ],
  [
    { kind: 'fixedNotional', notional: '2500.50' },
    { kind: 'fixedNotional', notionalMicros: 2_500_500_000 },
    '2500.50 an entry',
  ],
  [
    { kind: 'equityFraction', fraction: 0.1234 },
    { kind: 'equityFraction', fraction: 0.1234 },
    '12.34% of equity',
  ],
  [
    { kind: 'cashFraction', fraction: 1 },
    { kind: 'cashFraction', fraction: 1, feeBps: 0 },
    '100% of free cash',
  ],
  [
    { kind: 'atrRisk', riskFraction: 0.01 },
    { kind: 'atrRisk', riskFraction: 0.01, atrBars: 14, atrMultiple: 2, maxFraction: 1 },
    '1% of equity at risk by stop or 2 × ATR(14), cap 100%',
  ],
  [
    { kind: 'atrRisk', risk: 500, atrBars: 20, atrMultiple: 1.5, maxFraction: 0.5 },
    { kind: 'atrRisk', riskMicros: 500_000_000, atrBars: 20, atrMultiple: 1.5, maxFraction: 0.5 },
    '500.00 at risk by stop or 1.5 × ATR(20), cap 50%',
  ],
  [
    { kind: 'volatilityTarget', annualVolatility: 0.1, maxFraction: 2 },
    { kind: 'volatilityTarget', annualVolatility: 0.1, lookbackBars: 20, maxFraction: 2 },
    '10% volatility a year by 20 bars, cap 200%',
  ],
];

describe('a sizing', () => {
  it.each(RULES)('is read in its one form, and shown in words: %j', (fields, rule, words) => {
    expect(sizingOf(fields)).toEqual(rule);
    expect(sizingOf({ ...rule })).toEqual(rule);
    expect(sizingProblem(rule)).toBeUndefined();
    expect(sizingText(rule, 3)).toBe(words);
  });

  it.each<[SizingFields, string]>([
    [{}, 'kind must be one of fixedQuantity, fixedNotional, equityFraction, cashFraction, atrRisk'],
    [{ kind: 'half' }, 'kind must be one of'],
    [{ kind: 'fixedQuantity' }, 'quantity is missing: it must be a whole number above 0'],
    [{ kind: 'fixedQuantity', quantity: 1.5 }, 'quantity must be a whole number above 0'],
    [{ kind: 'fixedQuantity', quantity: '5' }, 'quantity must be a number'],
    [{ kind: 'fixedNotional' }, 'notional is missing: it must be money above 0'],
    [{ kind: 'fixedNotional', notional: 0 }, 'notional must be money above 0'],
    [
      { kind: 'fixedNotional', notional: '1.0000001' },
      'notional must be money above 0 with at most',
    ],
    [{ kind: 'fixedNotional', notional: 1, notionalMicros: 1 }, 'notionalMicros is given twice'],
    [{ kind: 'equityFraction', fraction: 101 }, 'fraction must be from 0.000001 to 100'],
    [{ kind: 'equityFraction', fraction: Number.NaN }, 'fraction must be from'],
    [
      { kind: 'equityFraction', quantity: 5 },
      'quantity is no key of equityFraction; it has fraction',
    ],
    [{ kind: 'cashFraction', fraction: 1.1 }, 'fraction must be from 0.000001 to 1'],
    [{ kind: 'cashFraction', fraction: 1, feeBps: 0.00001 }, 'feeBps must be from 0 to 10000 with'],
    [{ kind: 'atrRisk' }, 'riskFraction must be given, or risk in cash: one of them'],
    [{ kind: 'atrRisk', risk: 5, riskFraction: 0.1 }, 'riskFraction must be given either as'],
    [{ kind: 'atrRisk', riskFraction: 1.5 }, 'riskFraction must be from 0.000001 to 1'],
    [{ kind: 'atrRisk', risk: -5 }, 'risk must be money above 0'],
    [{ kind: 'atrRisk', risk: 5, atrBars: 0 }, 'atrBars must be a whole number of bars from 1 to'],
    [{ kind: 'atrRisk', risk: 5, atrMultiple: 0 }, 'atrMultiple must be from 0.01 to 100'],
    [{ kind: 'atrRisk', risk: 5, maxFraction: 0 }, 'maxFraction must be from 0.000001 to 100'],
    [{ kind: 'volatilityTarget' }, 'annualVolatility is missing: it must be from 0.000001 to 10'],
    [
      { kind: 'volatilityTarget', annualVolatility: 0.1, lookbackBars: 1 },
      'lookbackBars must be a whole number of bars from 2 to 10000',
    ],
  ])('is refused with its key and what it must be: %j', (fields, words) => {
    expect(() => sizingOf(fields)).toThrow(words);
  });
});
