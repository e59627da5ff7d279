import { AppError, type SizingRule } from '@capstan/domain';
import { maCross } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { BotCore } from './bot-core.ts';
import { planRun } from './kernels/plan-run.ts';
import { runBacktest } from './run/run-backtest.ts';
import { scripted, scriptedSpec, session } from './run/test-scripted-run.ts';
import { bar, botOptions, slice } from './test-slices.ts';

const BY_ATR: SizingRule = {
  kind: 'atrRisk',
  riskFraction: 0.01,
  atrBars: 3,
  atrMultiple: 2,
  maxFraction: 1,
};
const BY_VOLATILITY: SizingRule = {
  kind: 'volatilityTarget',
  annualVolatility: 0.1,
  lookbackBars: 3,
  maxFraction: 1,
};
const EMIT = { emit: true };
/** In cents: above the average of two at every second bar, so that each bar from the second on changes the opinion. */
const CLOSES = [100, 104, 101, 107, 105, 110];

/** The signals of a bot over closes in cents. */
function signalsOf(core: BotCore, closes: readonly number[] = CLOSES) {
  return closes.flatMap(
    (cents, index) => core.step(slice(index + 1, bar(index + 1, 'SPY', cents)), EMIT).signals,
  );
}

const entriesOf = (sizing: SizingRule) =>
  signalsOf(new BotCore(botOptions({ sizing }))).filter(({ direction }) => direction === 'long');

describe('what a signal carries for its sizing', () => {
  it('is the mean true range of the last bars, rounded up to whole nanos', () => {
    // The first bar moved from nowhere.
    const ranges = [0, ...CLOSES.slice(1).map((close, at) => Math.abs(close - (CLOSES[at] ?? 0)))];
    const meanTo = (row: number) => {
      const [a = 0, b = 0, c = 0] = ranges.slice(row - 2, row + 1);
      return Math.ceil(((a + b + c) * 10_000_000) / 3);
    };
    const carried = entriesOf(BY_ATR).map(({ atrNanos }) => atrNanos);
    expect(carried).toEqual([undefined, meanTo(3), meanTo(5)]);
  });

  it.each([BY_ATR, BY_VOLATILITY])('is the same wherever the bars began: $kind', (sizing) => {
    const of = (closes: readonly number[]) => {
      const { atrNanos, barVolatility } =
        signalsOf(new BotCore(botOptions({ sizing })), closes).at(-1) ?? {};
      return [atrNanos, barVolatility];
    };
    const late = of(CLOSES);
    expect(of([97, 300, 12, ...CLOSES])).toEqual(late);
    expect(late).not.toEqual([undefined, undefined]);
  });

  it('is the deviation of log returns as of a sample', () => {
    const sample = (closes: readonly number[]) => {
      const returns = closes.slice(1).map((close, at) => Math.log(close / (closes[at] ?? 0)));
      const mean = returns.reduce((sum, one) => sum + one, 0) / returns.length;
      const squares = returns.reduce((sum, one) => sum + (one - mean) ** 2, 0);
      return Math.sqrt(squares / (returns.length - 1));
    };
    const [none, second, third] = entriesOf(BY_VOLATILITY).map((one) => one.barVolatility);
    expect(none).toBeUndefined();
    expect(second).toBeCloseTo(sample(CLOSES.slice(0, 4)), 12);
    expect(third).toBeCloseTo(sample(CLOSES.slice(2, 6)), 12);
  });

  it('changes no id and no word of a signal, and is with none that is flat or sized without it', () => {
    const plain = signalsOf(new BotCore(botOptions()));
    for (const sizing of [BY_ATR, BY_VOLATILITY, { kind: 'fixedQuantity', quantity: 1 } as const]) {
      const sized = signalsOf(new BotCore(botOptions({ sizing })));
      const stripped = sized.map(({ atrNanos: _a, barVolatility: _b, ...rest }) => rest);
      expect(stripped).toEqual(plain);
      for (const signal of sized.filter(({ direction }) => direction === 'flat')) {
        expect(signal).not.toHaveProperty('atrNanos');
        expect(signal).not.toHaveProperty('barVolatility');
      }
    }
  });
});

describe('a bot that is sized by the bars', () => {
  it('asks for as many of them as its sizing needs', () => {
    const warmupOf = (sizing: SizingRule) => new BotCore(botOptions({ sizing })).warmupBars;
    expect(new BotCore(botOptions()).warmupBars).toBe(2);
    expect(warmupOf({ ...BY_ATR, atrBars: 30 })).toBe(30);
    expect(warmupOf({ ...BY_VOLATILITY, lookbackBars: 30 })).toBe(31);
    expect(warmupOf({ kind: 'equityFraction', fraction: 1 })).toBe(2);
  });

  it.each([BY_ATR, BY_VOLATILITY])(
    'goes on from a checkpoint with the same bits: $kind',
    (sizing) => {
      const whole = signalsOf(new BotCore(botOptions({ sizing })));
      const before = new BotCore(botOptions({ sizing }));
      signalsOf(before, CLOSES.slice(0, 4));
      const after = new BotCore(botOptions({ sizing }));
      after.restore(before.snapshot());
      const last = after.step(slice(5, bar(5, 'SPY', 105)), EMIT).signals;
      const next = after.step(slice(6, bar(6, 'SPY', 110)), EMIT).signals;
      expect([...last, ...next]).toEqual(whole.slice(-2));
    },
  );

  it('refuses a checkpoint that does not know what it goes by', () => {
    const json = new BotCore(botOptions()).snapshot();
    const sized = new BotCore(botOptions({ sizing: BY_ATR }));
    expect(() => sized.restore(json)).toThrow(AppError);
    expect(() => new BotCore(botOptions()).restore(json)).not.toThrow();
  });
});

describe('a backtest that is sized by the bars', () => {
  const DAY = '2024-07-02';

  it('opens nothing before it can measure the risk, says why, and holds no exit up', () => {
    const bars = session(DAY, [
      [1_000, 'long'],
      [1_010, 'flat'],
      [1_000],
      [1_010, 'long'],
      [1_010, 'flat'],
      [1_010],
    ]);
    const result = runBacktest(scriptedSpec({ sizing: BY_ATR }), [scripted('AAA', bars)]);
    expect(result.denials).toMatchObject([
      {
        slice: 0,
        policy: 'sizing',
        reason: 'the average true range of 3 bars is not known yet',
      },
    ]);
    // The mean of three ranges of 10 cents: 1,000 ÷ (2 × 0.10).
    const { fills } = result;
    expect([...fills.quantity.subarray(0, fills.count)]).toEqual([5_000, 5_000]);
  });

  it('measures in the shares of the day of the decision: a split changes what is held, not what is risked', () => {
    const prices = [1_000, 1_040, 1_000, 1_040, 1_000] as const;
    const sizeAfter = (ratio: number) => {
      const actions =
        ratio === 1
          ? []
          : [{ kind: 'split', exDate: '2024-07-03', newShares: ratio, oldShares: 1 } as const];
      const bars = [
        ...session(
          DAY,
          prices.map((cents) => [cents] as const),
        ),
        ...session('2024-07-03', [[1_000 / ratio, 'long'], [1_000 / ratio]]),
      ];
      const sizing = { ...BY_ATR, maxFraction: 100 };
      const result = runBacktest(scriptedSpec({ sizing }), [scripted('AAA', bars, { actions })]);
      return result.fills.quantity[0] ?? 0;
    };
    expect(sizeAfter(1)).toBeGreaterThan(100);
    expect(Math.abs(sizeAfter(4) - 4 * sizeAfter(1))).toBeLessThan(4);
  });

  it('takes the full path, and says so', () => {
    for (const sizing of [BY_ATR, BY_VOLATILITY]) {
      const spec = scriptedSpec({ sizing, strategy: maCross });
      const why = `no kernel sizes by ${sizing.kind}`;
      expect(planRun(spec, [])).toEqual({ path: 'full', why });
    }
  });
});
