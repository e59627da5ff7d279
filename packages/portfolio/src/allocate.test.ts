import { describe, expect, it } from 'vitest';
import { allocate, type Candidate } from './allocate.ts';
import { checkPortfolio, type PortfolioRule } from './portfolio-rule.ts';

const rebalance = { kind: 'monthly' } as const;
const EQUAL: PortfolioRule = { weights: { kind: 'equal' }, rebalance };

function weightsOf(rule: PortfolioRule, candidates: readonly Candidate[]) {
  checkPortfolio(rule);
  return Object.fromEntries(allocate(rule, candidates).map((one) => [one.symbol, one.parts]));
}

describe('equal weights', () => {
  it('go to symbols with an opinion, short ones below zero, what rounding leaves to nobody', () => {
    const candidates = [
      { symbol: 'D' },
      { symbol: 'C', direction: 'short' },
      { symbol: 'A', direction: 'long' },
      { symbol: 'B', direction: 'flat' },
      { symbol: 'E', direction: 'long' },
    ] as const;
    expect(weightsOf(EQUAL, candidates)).toEqual({
      A: 333_333,
      B: 0,
      C: -333_333,
      D: 0,
      E: 333_333,
    });
    expect(
      allocate(EQUAL, candidates)
        .map((one) => one.symbol)
        .join(''),
    ).toBe('ABCDE');
  });

  it('leave the reserve, and no symbol has more than its cap', () => {
    const two = [
      { symbol: 'A', direction: 'long' },
      { symbol: 'B', direction: 'long' },
    ] as const;
    expect(weightsOf({ ...EQUAL, cashReserveFraction: 0.1 }, two)).toEqual({
      A: 450_000,
      B: 450_000,
    });
    expect(weightsOf({ ...EQUAL, maxWeightFraction: 0.2 }, two)).toEqual({
      A: 200_000,
      B: 200_000,
    });
    expect(weightsOf({ ...EQUAL, maxGrossFraction: 1.5, cashReserveFraction: 0.1 }, two)).toEqual({
      A: 700_000,
      B: 700_000,
    });
  });

  it('are none where nobody is wanted', () => {
    expect(weightsOf(EQUAL, [{ symbol: 'A' }])).toEqual({ A: 0 });
    expect(allocate(EQUAL, [])).toEqual([]);
    expect(() => allocate(EQUAL, [{ symbol: 'A' }, { symbol: 'A' }])).toThrow(/twice/);
  });
});

describe('inverse volatility', () => {
  const rule: PortfolioRule = {
    weights: { kind: 'inverseVolatility', lookbackBars: 20 },
    rebalance,
  };
  const calm = { symbol: 'CALM', direction: 'long', volatility: 0.01 } as const;
  const wild = { symbol: 'WILD', direction: 'long', volatility: 0.04 } as const;

  it('gives four times the weight to a quarter of the volatility', () => {
    expect(weightsOf(rule, [wild, calm])).toEqual({ CALM: 800_000, WILD: 200_000 });
  });

  it('gives what a cap cuts off to the others', () => {
    const mid = { symbol: 'MID', direction: 'long', volatility: 0.02 } as const;
    // By volatility 4 : 2 : 1; with CALM cut to 0.4, MID and WILD share 0.6 by 2 : 1, and MID is at its cap.
    expect(weightsOf({ ...rule, maxWeightFraction: 0.4 }, [wild, mid, calm])).toEqual({
      CALM: 400_000,
      MID: 400_000,
      WILD: 200_000,
    });
  });

  it('passes over what has no volatility yet, or none at all', () => {
    const candidates = [
      calm,
      { symbol: 'NEW', direction: 'long' },
      { symbol: 'STILL', direction: 'long', volatility: 0 },
      { symbol: 'FAINT', direction: 'long', volatility: Number.MIN_VALUE },
    ] as const;
    expect(weightsOf(rule, candidates)).toEqual({ CALM: 1_000_000, FAINT: 0, NEW: 0, STILL: 0 });
  });
});

describe('momentum ranking', () => {
  const weights = { kind: 'momentumRanking', lookbackBars: 60, top: 2 } as const;
  const up = (symbol: string, returnFraction: number): Candidate => ({
    symbol,
    direction: 'long',
    returnFraction,
  });

  it('chooses those that moved most, the first symbol of equal ones', () => {
    const candidates = [up('A', 0.1), up('B', 0.3), up('C', 0.1), up('D', -0.2)];
    expect(weightsOf({ weights, rebalance }, candidates)).toEqual({
      A: 500_000,
      B: 500_000,
      C: 0,
      D: 0,
    });
  });

  it('holds fewer where fewer moved enough, and counts a fall for what is short', () => {
    const filtered = { ...weights, minReturnFraction: 0 };
    const falling = { symbol: 'S', direction: 'short', returnFraction: -0.4 } as const;
    expect(weightsOf({ weights: filtered, rebalance }, [up('A', 0), up('B', 0.1)])).toEqual({
      A: 0,
      B: 1_000_000,
    });
    expect(weightsOf({ weights, rebalance }, [up('A', 0.1), up('B', 0.2), falling])).toEqual({
      A: 0,
      B: 500_000,
      S: -500_000,
    });
    expect(weightsOf({ weights, rebalance }, [{ symbol: 'NEW', direction: 'long' }])).toEqual({
      NEW: 0,
    });
  });
});

describe('checkPortfolio', () => {
  it.each([
    [{ cashReserveFraction: 1 }, /cashReserveFraction is 1/],
    [{ maxGrossFraction: 0.5, cashReserveFraction: 0.5 }, /less than maxGrossFraction, 0.5/],
    [{ maxGrossFraction: 0 }, /maxGrossFraction is 0/],
    [{ maxWeightFraction: Number.NaN }, /maxWeightFraction is NaN/],
    [{ driftFraction: -0.1 }, /driftFraction is -0.1/],
    [{ rebalance: { kind: 'everyBars', bars: 0 } }, /rebalance.bars is 0/],
    [{ weights: { kind: 'inverseVolatility', lookbackBars: 1 } }, /weights.lookbackBars is 1/],
    [{ weights: { kind: 'momentumRanking', lookbackBars: 9, top: 1.5 } }, /weights.top is 1.5/],
    [
      { weights: { kind: 'momentumRanking', lookbackBars: 9, top: 1, minReturnFraction: 1 / 0 } },
      /minReturnFraction is Infinity/,
    ],
  ] as const)('refuses %j', (bad, words) => {
    expect(() => checkPortfolio({ ...EQUAL, ...bad })).toThrow(words);
    expect(() => checkPortfolio({ ...EQUAL, ...bad })).toThrow(
      expect.objectContaining({ code: 'PORTFOLIO.RULE' }),
    );
  });
});
