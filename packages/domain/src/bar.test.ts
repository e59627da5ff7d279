import { expect, it } from 'vitest';
import { type Bar, barProblem, intradayEndUs, TIMEFRAMES, timeframeUs } from './bar.ts';
import { priceNanos, timeUs, US_PER_MINUTE } from './numbers.ts';

const bar: Bar = {
  symbol: 'SPY',
  timeframe: '1m',
  startUs: timeUs(0),
  endUs: timeUs(US_PER_MINUTE),
  revision: 0,
  openNanos: priceNanos(10),
  highNanos: priceNanos(12),
  lowNanos: priceNanos(9),
  closeNanos: priceNanos(11),
  volume: 0,
};

it('knows the length of intraday spans, and that a session has none', () => {
  expect(TIMEFRAMES.map(timeframeUs)).toEqual([
    ...[1, 5, 15, 30, 60].map((minutes) => minutes * US_PER_MINUTE),
    undefined,
  ]);
  expect(intradayEndUs(timeUs(US_PER_MINUTE), '5m')).toBe(6 * US_PER_MINUTE);
});

it('finds nothing wrong with a good bar', () => {
  expect(barProblem(bar)).toBeUndefined();
});

it.each([
  ['low must be above zero', { lowNanos: priceNanos(0) }],
  ['high is below low', { highNanos: priceNanos(8) }],
  ['open is outside', { openNanos: priceNanos(13) }],
  ['open is outside', { openNanos: priceNanos(8) }],
  ['close is outside', { closeNanos: priceNanos(13) }],
  ['close is outside', { closeNanos: priceNanos(8) }],
  ['volume is negative', { volume: -1 }],
  ['end is not after start', { endUs: timeUs(0) }],
])('says that %s', (problem, change) => {
  expect(barProblem({ ...bar, ...change })).toContain(problem);
});
