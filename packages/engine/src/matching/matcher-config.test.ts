import { cashMicros, hasCode, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type CommissionModel, commissionOf } from './commission.ts';
import { type MatcherConfig, matcherRules, PLAIN_MATCHER_CONFIG } from './matcher-config.ts';
import { slippageOf } from './slippage.ts';
import { volumeCap } from './volume-cap.ts';

function fee(
  model: CommissionModel,
  amount: number,
  notionalMicros = 0,
  quantityScale = 0,
): number {
  return commissionOf(model)({
    quantity: quantity(amount),
    quantityScale,
    notionalMicros: cashMicros(notionalMicros),
  });
}

function configProblem(config: Partial<MatcherConfig>): string {
  try {
    matcherRules({ ...PLAIN_MATCHER_CONFIG, ...config });
  } catch (error) {
    if (hasCode(error, 'ENGINE.MATCHER_CONFIG')) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a commission', () => {
  it('may be nothing, or one amount an order', () => {
    expect(fee({ kind: 'none' }, 100)).toBe(0);
    expect(fee({ kind: 'perOrder', feeMicros: 1_000_000 }, 1)).toBe(1_000_000);
    expect(fee({ kind: 'perOrder', feeMicros: 1_000_000 }, 100)).toBe(1_000_000);
  });

  it('per unit counts whole units at the quantity scale, at least the minimum', () => {
    const model = { kind: 'perUnit', feeMicrosPerUnit: 5_000, minimumMicros: 1_000_000 } as const;
    expect(fee(model, 199)).toBe(1_000_000);
    expect(fee(model, 201)).toBe(1_005_000);
    expect(fee({ kind: 'perUnit', feeMicrosPerUnit: 5_000 }, 1_500, 0, 3)).toBe(7_500);
  });

  it('rounds half a micro away from zero', () => {
    expect(fee({ kind: 'perUnit', feeMicrosPerUnit: 119 }, 500, 0, 3)).toBe(60);
    expect(fee({ kind: 'perUnit', feeMicrosPerUnit: 119 }, 499, 0, 3)).toBe(59);
    expect(fee({ kind: 'bps', feeBps: 0.5 }, 1, 10_000)).toBe(1);
    expect(fee({ kind: 'bps', feeBps: 0.5 }, 1, 9_999)).toBe(0);
    expect(fee({ kind: 'bps', feeBps: 2.5, minimumMicros: 10 }, 1, 123_456_789)).toBe(30_864);
    expect(fee({ kind: 'bps', feeBps: 2.5, minimumMicros: 40_000 }, 1, 123_456_789)).toBe(40_000);
  });
});

describe('a slippage', () => {
  it('is nothing, ticks, or basis points of the price', () => {
    expect(slippageOf({ kind: 'none' })(100, 10)).toBe(0);
    expect(slippageOf({ kind: 'ticks', slippageTicks: 3 })(100, 10)).toBe(30);
    expect(slippageOf({ kind: 'bps', slippageBps: 1.25 })(2_000_000_000_000, 10)).toBe(250_000_000);
  });
});

describe('a volume cap', () => {
  it('is exact where the fraction is no binary number, and for volumes beyond 2^53 ÷ 10^6', () => {
    expect(volumeCap(100, 290_000, quantity(1))).toBe(29);
    expect(volumeCap(3_900, 500_000, quantity(500))).toBe(1_500);
    expect(volumeCap(9_000_000_000_000_001, 333_333, quantity(1))).toBe(2_999_997_000_000_000);
    expect(volumeCap(0, 1_000_000, quantity(1))).toBe(0);
  });
});

describe('a configuration', () => {
  it.each<[Partial<MatcherConfig>, string]>([
    [{ maxVolumeFraction: 0 }, 'maxVolumeFraction is 0'],
    [{ maxVolumeFraction: 1.5 }, 'maxVolumeFraction is 1.5'],
    [{ maxVolumeFraction: 0.1234567 }, 'maxVolumeFraction is 0.1234567'],
    [{ maxVolumeFraction: Number.NaN }, 'maxVolumeFraction is NaN'],
    [{ commission: { kind: 'perOrder', feeMicros: -1 } }, 'commission.feeMicros is -1'],
    [{ commission: { kind: 'perUnit', feeMicrosPerUnit: 0.5 } }, 'feeMicrosPerUnit is 0.5'],
    [{ commission: { kind: 'bps', feeBps: 1, minimumMicros: -2 } }, 'minimumMicros is -2'],
    [{ commission: { kind: 'bps', feeBps: 10_001 } }, 'feeBps is 10001'],
    [{ commission: { kind: 'bps', feeBps: 0.00001 } }, 'feeBps is 0.00001'],
    [{ slippage: { kind: 'bps', slippageBps: -1 } }, 'slippageBps is -1'],
    [{ slippage: { kind: 'ticks', slippageTicks: 1.5 } }, 'slippageTicks is 1.5'],
    [{ slippage: { kind: 'ticks', slippageTicks: 10_001 } }, 'slippageTicks is 10001'],
  ])('%j is refused by key, value and rule', (config, problem) => {
    expect(configProblem(config)).toContain(problem);
    expect(configProblem(config)).toMatch(/It must be .+\.$/);
  });

  it('at the bounds is taken', () => {
    expect(configProblem({ maxVolumeFraction: 1 })).toBe('accepted');
    expect(configProblem({ maxVolumeFraction: 0.000001 })).toBe('accepted');
    expect(configProblem({ commission: { kind: 'bps', feeBps: 10_000 } })).toBe('accepted');
    expect(configProblem({ slippage: { kind: 'ticks', slippageTicks: 0 } })).toBe('accepted');
  });
});
