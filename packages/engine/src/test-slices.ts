import { type Bar, type BarSlice, priceNanos, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { atr, ema, sma } from '@capstan/indicators';
import { defineStrategy, maCross, ofBars, ofField } from '@capstan/strategy';
import fc from 'fast-check';
import type { BotCoreOptions } from './bot-core.ts';

const CENT = 10_000_000;

/** 2024-01-31T14:30:00Z: the open of a New York session; minute 1 ends a minute later. */
export const OPEN_US = 1_706_711_400_000_000;

/** End of a minute of the session, from 1. */
export const minuteEnd = (minute: number) => timeUs(OPEN_US + minute * US_PER_MINUTE);

/** A one-minute bar with all four prices at `cents`. */
export function bar(minute: number, symbol: string, cents: number, more: Partial<Bar> = {}): Bar {
  const price = priceNanos(cents * CENT);
  return {
    symbol,
    timeframe: '1m',
    startUs: minuteEnd(minute - 1),
    endUs: minuteEnd(minute),
    revision: 0,
    openNanos: price,
    highNanos: price,
    lowNanos: price,
    closeNanos: price,
    volume: 100,
    ...more,
  };
}

/** A slice of the feed `sim`. */
export function slice(minute: number, ...bars: readonly Bar[]): BarSlice {
  return { feed: 'sim', endUs: minuteEnd(minute), bars };
}

/** A bot on the given symbols with a fast `ma-cross`. */
export function botOptions(more: Partial<BotCoreOptions> = {}): BotCoreOptions {
  return {
    runId: 'run',
    botId: 'bot',
    accountId: 'account',
    configRevision: 1,
    feed: 'sim',
    strategy: maCross,
    params: { fast: 1, slow: 2 },
    symbols: ['SPY'],
    timeframe: '1m',
    longerBars: 'given',
    ...more,
  };
}

/** A strategy with state, a moving stop, an average of a longer timeframe and opinions of three kinds. */
export const counting = defineStrategy({
  name: 'counting',
  title: 'Counting',
  description: 'Leans with the close against averages and counts the bars of its opinion.',
  params: {},
  indicators: () => ({
    close: ofField(sma, { period: 1 }, 'close'),
    mean: ofField(ema, { period: 3 }, 'close'),
    range: ofBars(atr, { period: 2 }),
    five: ofField(sma, { period: 1 }, 'close', '5m'),
  }),
  initialState: { bars: 0, seen: [0] },
  update: ({ close, mean }, state) => ({
    bars: close > mean ? state.bars + 1 : 0,
    seen: [...state.seen, Math.round(mean)].slice(-3),
  }),
  decide: ({ close, mean, range, five }, state) => {
    if (close === mean) return undefined;
    const reason = `${state.bars} bars, ${state.seen.join(' ')}`;
    if (close > five) {
      const stopPriceNanos = priceNanos(Math.max(1, Math.round(mean - range)));
      return { direction: 'long', strength: 1 / (1 + state.bars), stopPriceNanos, reason };
    }
    return { direction: close < mean ? 'short' : 'flat', strength: 0.5, reason };
  },
});

/** Slices of minutes 1 and on for SPY and QQQ, with holes, and five-minute bars where minutes make one. */
export const arbitrarySlices: fc.Arbitrary<readonly BarSlice[]> = fc
  .array(
    fc.record({
      SPY: fc.option(fc.integer({ min: 95, max: 105 }), { freq: 6 }),
      QQQ: fc.option(fc.integer({ min: 95, max: 105 }), { freq: 3 }),
    }),
    { maxLength: 50 },
  )
  .map((minutes) =>
    minutes.map(({ SPY, QQQ }, index) => {
      const minute = index + 1;
      const bars: Bar[] = [];
      for (const [symbol, cents] of [
        ['QQQ', QQQ],
        ['SPY', SPY],
      ] as const) {
        if (cents !== null) bars.push(bar(minute, symbol, cents));
        if (minute % 5 !== 0) continue;
        bars.push(
          bar(minute, symbol, cents ?? 100, { timeframe: '5m', startUs: minuteEnd(minute - 5) }),
        );
      }
      return slice(minute, ...bars);
    }),
  );
