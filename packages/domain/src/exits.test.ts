import { describe, expect, it } from 'vitest';
import { exitsProblem, isExit, trailProblem } from './exits.ts';
import { parsePrice } from './numbers.ts';

const price = parsePrice;
const buy = { side: 'buy', priceNanos: price('100') } as const;
const sell = { side: 'sell', priceNanos: price('100') } as const;

describe('exits', () => {
  it('lie on either side of their entry', () => {
    const long = { stopPriceNanos: price('99'), takeProfitPriceNanos: price('101') };
    const short = { stopPriceNanos: price('101'), takeProfitPriceNanos: price('99') };
    expect(exitsProblem(long, buy)).toBeUndefined();
    expect(exitsProblem(short, sell)).toBeUndefined();
    expect(exitsProblem(short, buy)).toContain('not below the take-profit');
    expect(exitsProblem(long, sell)).toContain('not above the take-profit');
    expect(exitsProblem({ stopPriceNanos: price('100') }, buy)).toContain(
      'stop price is not below',
    );
    expect(exitsProblem({ stopPriceNanos: price('100') }, sell)).toContain(
      'stop price is not above',
    );
    expect(exitsProblem({ takeProfitPriceNanos: price('100') }, buy)).toContain('not above');
    expect(exitsProblem({ takeProfitPriceNanos: price('100') }, sell)).toContain('not below');
  });

  it('of an entry at a price that is not known are held against each other alone', () => {
    const one = { stopPriceNanos: price('100'), takeProfitPriceNanos: price('100') };
    expect(exitsProblem(one, { side: 'buy' })).toContain('not below the take-profit');
    expect(exitsProblem({ stopPriceNanos: price('500') }, { side: 'buy' })).toBeUndefined();
    expect(exitsProblem({ trailBps: 0 }, { side: 'buy' })).toContain('basis points');
  });

  it('are the orders of the legs after the entry', () => {
    expect([0, 1, 2, 3].map((leg) => isExit({ leg }))).toEqual([false, true, true, true]);
  });
});

describe('a trail', () => {
  it.each([
    [{}, undefined],
    [{ trailNanos: price('0.05') }, undefined],
    [{ trailBps: 0.0001 }, undefined],
    [{ trailBps: 9_999.9999 }, undefined],
    [{ trailBps: 12.34 }, undefined],
    [{ trailNanos: price('0') }, 'not a positive whole number'],
    [{ trailNanos: 1.5 as ReturnType<typeof price> }, 'not a positive whole number'],
    [{ trailBps: 10_000 }, 'below 10000'],
    [{ trailBps: 0 }, 'not above 0'],
    [{ trailBps: Number.NaN }, 'not above 0'],
    [{ trailBps: 0.00005 }, 'four decimals'],
    [{ trailBps: 1, trailNanos: price('1') }, 'give one'],
  ])('%j has the problem: %s', (trail, problem) => {
    if (problem === undefined) expect(trailProblem(trail)).toBeUndefined();
    else expect(trailProblem(trail)).toContain(problem);
  });
});
