import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearestNames } from './nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['slow', 'slow', 0],
    ['slow', 'slwo', 1],
    ['ma-cross', 'macross', 1],
    ['fast', 'last', 1],
    ['kitten', 'sitting', 3],
  ])('from %j to %j is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('nearestNames', () => {
  const names = ['ma-cross', 'multi-timeframe-cross', 'mean-reversion'];

  it('finds slips, other case and beginnings', () => {
    expect(nearestNames('ma-corss', names)).toEqual(['ma-cross']);
    expect(nearestNames('MA-CROSS', names)).toEqual(['ma-cross']);
    expect(nearestNames('multi', names)).toEqual(['multi-timeframe-cross']);
  });

  it('suggests nothing that is far away', () => {
    expect(nearestNames('grid', names)).toEqual([]);
    expect(didYouMean('grid', names)).toBe('');
  });

  it('names at most three, the nearest first, ties by name', () => {
    expect(nearestNames('aa', ['ad', 'ac', 'ab', 'aa'])).toEqual(['aa', 'ab', 'ac']);
    expect(didYouMean('ax', ['ac', 'ab'])).toBe("Did you mean 'ab' or 'ac'? ");
  });
});
