import { type Bar, type Exits, priceNanos, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type Guard, watchBar } from './guard.ts';
import { at } from './test-world.ts';

const dollars = (price: number) => priceNanos(Math.round(price * 1_000_000_000));

const guardOf = (side: Guard['side'], exits: Exits, sinceUs = at(1)): Guard => ({
  ...{ entryOrderId: 'a', botId: 'trend', symbol: 'SPY', feed: 'demo', side, exits },
  throughUs: at(1),
  armed: { sinceUs, bestPriceNanos: dollars(100) },
});

const bar = (number: number, low: number, high: number, close = low): Bar => ({
  ...{ symbol: 'SPY', timeframe: '1m', startUs: at(number - 1), endUs: at(number) },
  ...{ openNanos: dollars(close), highNanos: dollars(high), lowNanos: dollars(low) },
  ...{ closeNanos: dollars(close), volume: 1, revision: 0 },
});

/** Holds a guard against bars in turn. @returns what each reached. */
function watch(guard: Guard, ...bars: readonly Bar[]): readonly (string | undefined)[] {
  let now = guard;
  return bars.map((one) => {
    const { guard: next, reached } = watchBar(now, one);
    now = next;
    return reached;
  });
}

describe('a guard', () => {
  const bracket = { stopPriceNanos: dollars(95), takeProfitPriceNanos: dollars(110) };

  it.each([
    ['buy', bracket, bar(2, 95.01, 109.99), undefined],
    ['buy', bracket, bar(2, 95, 100), 'stop'],
    ['buy', bracket, bar(2, 100, 110), 'take-profit'],
    ['buy', bracket, bar(2, 95, 110), 'stop'],
    ['sell', { stopPriceNanos: dollars(105) }, bar(2, 100, 105), 'stop'],
    ['sell', { takeProfitPriceNanos: dollars(90) }, bar(2, 90, 100), 'take-profit'],
    ['buy', { trailBps: 100 }, bar(2, 99, 100), 'trailing stop'],
    ['sell', { trailNanos: dollars(2) }, bar(2, 100, 102), 'trailing stop'],
  ] as const)('of a %s with %j', (side, exits, seen, reached) => {
    expect(watch(guardOf(side, exits), seen)).toEqual([reached]);
  });

  it('trails by the best price of the bars before, not of the bar itself', () => {
    const bars = [bar(2, 99, 104), bar(3, 102.5, 103), bar(4, 101.9, 102.5)];
    expect(watch(guardOf('buy', { trailNanos: dollars(2) }), ...bars)).toEqual([
      undefined,
      undefined,
      'trailing stop',
    ]);
  });

  it('sees only the close of the bar in which its entry filled, and none before it', () => {
    const guard = guardOf('buy', bracket, timeUs(at(1) + 30_000_000));
    expect(watch(guard, bar(1, 90, 120), bar(2, 90, 120, 100), bar(3, 95, 100))).toEqual([
      undefined,
      undefined,
      'stop',
    ]);
    expect(watch(guard, bar(2, 94, 120, 94))).toEqual(['stop']);
  });

  it('sees no bar twice, and nothing before its entry has opened something', () => {
    const { armed, ...planned } = guardOf('buy', bracket);
    expect(armed).toBeDefined();
    expect(watch(planned, bar(2, 90, 100))).toEqual([undefined]);
    expect(watch({ ...guardOf('buy', bracket), throughUs: at(2) }, bar(2, 90, 100))).toEqual([
      undefined,
    ]);
  });
});
