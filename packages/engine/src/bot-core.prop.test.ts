import type { BarSlice, Signal } from '@capstan/domain';
import type { BarColumns } from '@capstan/indicators';
import { graphColumns, maCross, multiTimeframeCross, reasonText } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BotCore, type BotStep } from './bot-core.ts';
import { arbitrarySlices, botOptions, counting } from './test-slices.ts';

const EMIT = { emit: true };
const bot = fc.constantFrom(
  botOptions({ symbols: ['SPY', 'QQQ'], params: { fast: 2, slow: 5 } }),
  botOptions({
    symbols: ['QQQ', 'SPY'],
    strategy: multiTimeframeCross,
    params: { fast: 2, medium: 3, slow: 6 },
  }),
  botOptions({ symbols: ['QQQ', 'SPY'], strategy: counting, params: {} }),
  botOptions({
    symbols: ['QQQ', 'SPY'],
    strategy: counting,
    params: {},
    sizing: { kind: 'volatilityTarget', annualVolatility: 0.1, lookbackBars: 4, maxFraction: 1 },
  }),
);

describe('BotCore', () => {
  it('continues from a snapshot at any slice bit for bit, paused or not', () => {
    const cutAndPauses = fc.record({
      cut: fc.nat(50),
      pauses: fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }),
    });
    fc.assert(
      fc.property(bot, arbitrarySlices, cutAndPauses, (options, slices, { cut, pauses }) => {
        const whole = new BotCore(options);
        let resumed = new BotCore(options);
        slices.forEach((slice, index) => {
          if (index === cut) {
            const json = resumed.snapshot();
            resumed = new BotCore(options);
            if (slices[0] !== undefined) resumed.step(slices[0], EMIT);
            resumed.restore(json);
            expect(resumed.snapshot()).toBe(json);
          }
          const emit = pauses[index] ?? true;
          expect(resumed.step(slice, { emit })).toEqual(whole.step(slice, { emit }));
          expect(resumed.kernelEpoch).toBe(whole.kernelEpoch);
        });
        expect(resumed.snapshot()).toBe(whole.snapshot());
      }),
    );
  });

  it('gives the same for the same input, also where slices come again', () => {
    fc.assert(
      fc.property(bot, arbitrarySlices, fc.nat(3), (options, slices, back) => {
        const plain = new BotCore(options);
        const repeated = new BotCore(options);
        slices.forEach((slice, index) => {
          const wanted = plain.step(slice, EMIT);
          expect(repeated.step(slice, EMIT)).toEqual(wanted);
          const old = slices[Math.max(0, index - back)] ?? slice;
          expect(repeated.step(old, EMIT).signals).toEqual([]);
        });
        expect(repeated.snapshot()).toBe(plain.snapshot());
      }),
    );
  });

  it('does not look ahead: what follows changes nothing of what was said', () => {
    fc.assert(
      fc.property(bot, arbitrarySlices, fc.nat(50), (options, slices, cut) => {
        const all = runAll(new BotCore(options), slices);
        expect(runAll(new BotCore(options), slices.slice(0, cut))).toEqual(all.slice(0, cut));
      }),
    );
  });

  it('never says the same twice in a row of a symbol', () => {
    fc.assert(
      fc.property(bot, arbitrarySlices, (options, slices) => {
        const last = new Map<string, string>();
        for (const { signals } of runAll(new BotCore(options), slices)) {
          for (const { symbol, direction, strength, stopPriceNanos } of signals) {
            const said = JSON.stringify([direction, strength, stopPriceNanos]);
            expect(last.get(symbol)).not.toBe(said);
            last.set(symbol, said);
          }
        }
      }),
    );
  });

  it('says what a run over full columns says', () => {
    fc.assert(
      fc.property(bot, arbitrarySlices, (options, slices) => {
        const streamed = runAll(new BotCore(options), slices).flatMap(({ signals }) => signals);
        for (const symbol of ['QQQ', 'SPY']) {
          const here = streamed.filter((signal) => signal.symbol === symbol).map(opinionOf);
          expect(here).toEqual(overColumns(options, slices, symbol));
        }
      }),
    );
  });

  it('agrees with averages that are counted in whole cents', () => {
    const params = { fast: 3, slow: 7 };
    const options = botOptions({ strategy: maCross, params });
    fc.assert(
      fc.property(arbitrarySlices, (slices) => {
        const streamed = runAll(new BotCore(options), slices).flatMap(({ signals }) => signals);
        const wanted: string[] = [];
        const cents: number[] = [];
        for (const { bars } of slices) {
          const own = bars.find((bar) => bar.symbol === 'SPY' && bar.timeframe === '1m');
          if (own === undefined) continue;
          cents.push(own.closeNanos / 10_000_000);
          if (cents.length < params.slow) continue;
          const difference =
            sum(cents.slice(-3)) * params.slow - sum(cents.slice(-7)) * params.fast;
          if (difference === 0) continue;
          const direction = difference > 0 ? 'long' : 'flat';
          if (wanted.at(-1) !== direction) wanted.push(direction);
        }
        expect(streamed.map(({ direction }) => direction)).toEqual(wanted);
      }),
    );
  });
});

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function runAll(core: BotCore, slices: readonly BarSlice[]): readonly BotStep[] {
  return slices.map((slice) => core.step(slice, EMIT));
}

function opinionOf({ barEndUs, direction, strength, stopPriceNanos, reason }: Signal) {
  return { barEndUs, direction, strength, stopPriceNanos, reason };
}

/** The decisions of one symbol from whole columns: a loop of its own, without the bot's machinery. */
function overColumns(
  options: ReturnType<typeof botOptions>,
  slices: readonly BarSlice[],
  symbol: string,
) {
  const { strategy, timeframe } = options;
  const { params } = new BotCore(options);
  const bars = slices.flatMap((slice) => slice.bars).filter((bar) => bar.symbol === symbol);
  const of = (wanted: '1m' | '5m'): BarColumns => {
    const own = bars.filter((bar) => bar.timeframe === wanted);
    return {
      endUs: Float64Array.from(own, (bar) => bar.endUs),
      openNanos: Float64Array.from(own, (bar) => bar.openNanos),
      highNanos: Float64Array.from(own, (bar) => bar.highNanos),
      lowNanos: Float64Array.from(own, (bar) => bar.lowNanos),
      closeNanos: Float64Array.from(own, (bar) => bar.closeNanos),
      volume: Float64Array.from(own, (bar) => bar.volume),
    };
  };
  const columns = graphColumns(strategy.indicators(params), {
    base: timeframe,
    bars: new Map([
      ['1m', of('1m')],
      ['5m', of('5m')],
    ]),
    cache: new Map(),
  });
  let state = strategy.initialState;
  let said = '';
  const opinions: ReturnType<typeof opinionOf>[] = [];
  bars
    .filter((bar) => bar.timeframe === timeframe)
    .forEach((bar, row) => {
      const values = Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, column[row] ?? Number.NaN]),
      );
      if (Object.values(values).some(Number.isNaN)) return;
      const context = { symbol, timeframe, bar, params };
      state = strategy.update?.(values, state, context) ?? state;
      const target = strategy.decide(values, state, context);
      if (target === undefined) return;
      const { direction, stopPriceNanos } = target;
      const reason = reasonText(target);
      const strength = direction === 'flat' ? 0 : target.strength;
      const words = JSON.stringify([direction, strength, stopPriceNanos]);
      if (words === said) return;
      said = words;
      opinions.push({ barEndUs: bar.endUs, direction, strength, stopPriceNanos, reason });
    });
  return opinions;
}
