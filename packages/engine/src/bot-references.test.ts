import { AppError } from '@capstan/domain';
import { sma } from '@capstan/indicators';
import { defineStrategy, ofField, ofSymbol } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { BotCore } from './bot-core.ts';
import { bar, botOptions, minuteEnd, slice } from './test-slices.ts';

const EMIT = { emit: true };

/** Long while the last two closes of SPY are above those of five minutes of QQQ on average. */
const strategy = defineStrategy({
  name: 'others',
  title: 'Others',
  description: 'Looks at others alone.',
  params: {},
  indicators: () => ({
    market: ofSymbol('SPY', ofField(sma, { period: 2 }, 'close')),
    five: ofSymbol('QQQ', ofField(sma, { period: 1 }, 'close', '5m')),
  }),
  initialState: { asked: 0 },
  update: (_values, { asked }) => ({ asked: asked + 1 }),
  decide: ({ market, five }, { asked }) => ({
    direction: market > five ? 'long' : 'flat',
    strength: market > five ? 1 : 0,
    reason: `${asked}: ${market} ${five}`,
  }),
});

const bot = () => new BotCore(botOptions({ strategy, params: {}, symbols: ['AAPL', 'SPY'] }));
const five = (minute: number, cents: number) =>
  bar(minute, 'QQQ', cents, { timeframe: '5m', startUs: minuteEnd(minute - 5) });

/** SPY comes after AAPL in its slice; QQQ alone in one of its own; AAPL without SPY. */
const slices = [
  slice(1, bar(1, 'AAPL', 7), bar(1, 'SPY', 100)),
  slice(2, bar(2, 'AAPL', 7), bar(2, 'SPY', 102)),
  slice(5, five(5, 100), bar(5, 'QQQ', 1)),
  slice(6, bar(6, 'AAPL', 7)),
  slice(7, bar(7, 'AAPL', 7), bar(7, 'SPY', 90)),
  slice(8, bar(8, 'AAPL', 7)),
];

describe('a bot whose strategy reads other symbols', () => {
  it('decides on its own symbols, by the last bars of the others, those of the slice included', () => {
    const core = bot();
    const steps = slices.map((each) => core.step(each, EMIT));
    const said = steps.map(({ signals }) =>
      signals.map(({ symbol, direction, reason }) => `${symbol} ${direction} ${reason}`),
    );
    expect(said).toEqual([
      ...[[], [], []],
      ['AAPL long 1: 1010000000 1000000000'],
      ['AAPL flat 2: 960000000 1000000000', 'SPY flat 1: 960000000 1000000000'],
      [],
    ]);
    expect(core.referenceSymbols).toEqual(['QQQ', 'SPY']);
    expect(bot().awaitedSymbols).toEqual(['QQQ', 'SPY']);
    expect(core.awaitedSymbols).toEqual([]);
    expect(core.timeframes).toEqual(['1m']);
    expect(core.lastSliceEndUs).toBe(minuteEnd(8));
    expect(steps.at(-1)?.marks.map(({ symbol }) => symbol)).toEqual(['AAPL', 'SPY']);
  });

  it('does not step the others by a correction or by a slice that it has had', () => {
    const [first = slice(1), second = slice(2), third = slice(5), fourth = slice(6)] = slices;
    const core = bot();
    for (const each of [first, second, third]) core.step(each, EMIT);
    expect(core.step(slice(2, bar(2, 'SPY', 1)), EMIT).ignored).toHaveLength(1);
    const corrected = slice(6, ...fourth.bars, bar(6, 'SPY', 1, { revision: 1 }));
    expect(core.step(corrected, EMIT).signals[0]?.reason).toBe('1: 1010000000 1000000000');
  });

  it('goes on from a checkpoint after any slice as if nothing had been', () => {
    const whole = bot();
    const wanted = slices.map((each) => whole.step(each, EMIT));
    for (const cut of slices.keys()) {
      let core = bot();
      const steps = slices.map((each, index) => {
        if (index === cut) {
          const json = core.snapshot();
          core = bot();
          core.restore(json);
        }
        return core.step(each, EMIT);
      });
      expect(steps).toEqual(wanted);
      expect(core.snapshot()).toBe(whole.snapshot());
    }
  });

  it('refuses a checkpoint without what it reads, and has an epoch of its own', () => {
    const stored = JSON.parse(bot().snapshot()) as { references: Record<string, unknown> };
    const { SPY: _, ...others } = stored.references;
    const json = JSON.stringify({ ...stored, references: others });
    const core = bot();
    expect(() => core.restore(json)).toThrow(AppError);
    expect(() => core.restore(json)).toThrow('no state of SPY, which the strategy reads');
    const alone = new BotCore(botOptions({ symbols: ['AAPL', 'SPY'] }));
    expect(bot().kernelEpoch).not.toBe(alone.kernelEpoch);
  });
});
