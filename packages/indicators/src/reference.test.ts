import * as indicatorts from 'indicatorts';
import * as signals from 'trading-signals';
import { describe, expect, it } from 'vitest';
import { adx, minusDi, plusDi } from './adx.ts';
import { anchoredVwap } from './anchored-vwap.ts';
import { atr } from './atr.ts';
import { bollingerLower, bollingerUpper } from './bollinger.ts';
import { donchianLower, donchianMiddle, donchianUpper } from './donchian.ts';
import { ema } from './ema.ts';
import { highest } from './highest.ts';
import { keltnerLower, keltnerUpper } from './keltner.ts';
import type { IndicatorBar, Kernel } from './kernel.ts';
import { logReturn } from './log-return.ts';
import { lowest } from './lowest.ts';
import { macdHistogram, macdLine, macdSignal } from './macd.ts';
import { onBalanceVolume } from './on-balance-volume.ts';
import { rateOfChange } from './rate-of-change.ts';
import { rsi } from './rsi.ts';
import { sessionVwap } from './session-vwap.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { stochasticD, stochasticK } from './stochastic.ts';
import { seriesOfBars } from './test-series.ts';
import { trueRange } from './true-range.ts';
import { wma } from './wma.ts';
import { zScore } from './z-score.ts';

type Column = readonly (number | null | undefined)[];

const bars = seriesOfBars(1_200);
const closes = bars.map((bar) => bar.closeNanos);
const highs = bars.map((bar) => bar.highNanos);
const lows = bars.map((bar) => bar.lowNanos);
const volumes = bars.map((bar) => bar.volume);
/** The bars in the words of trading-signals. */
const candles = bars.map((bar) => ({
  open: bar.openNanos,
  high: bar.highNanos,
  low: bar.lowNanos,
  close: bar.closeNanos,
  volume: bar.volume,
}));
/** A cent in nanos. */
const CENT = 10_000_000;
/** After so many bars the weight of a smoothed mean's start, (1 − 1 ÷ 14)^n, is below 1e-24 of it. */
const SETTLED = 800;

const run = <In>(kernel: Kernel<In>, input: readonly In[]): Column =>
  input.map((value) => kernel.next(value));
const overCloses = (kernel: Kernel<number>): Column => run(kernel, closes);
const overBars = (kernel: Kernel<IndicatorBar>): Column => run(kernel, bars);

/** Each value within 1e-9 of the reference, from a row on; `scale` stands in for a reference near 0. */
function expectSame(
  actual: Column,
  reference: Column,
  { from, scale = 0 }: { readonly from: number; readonly scale?: number },
): void {
  expect(actual.length).toBe(reference.length);
  let compared = 0;
  for (let row = from; row < actual.length; row += 1) {
    const wanted = reference[row];
    const value = actual[row];
    if (typeof wanted !== 'number' || typeof value !== 'number') {
      throw new Error(`row ${row}: ${value} against ${wanted}`);
    }
    const off = Math.abs(value - wanted) / Math.max(Math.abs(wanted), scale);
    if (off > 1e-9) throw new Error(`row ${row}: ${value} is ${off} off ${wanted}`);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(100);
}

/** A library's mean that starts at its first input, made to start as ours: at the mean of the first `period`. */
function seededEma(input: readonly number[], period: number): Column {
  const mean = new signals.EMA(period);
  const first = input.slice(0, period).reduce((sum, value) => sum + value / period, 0);
  return input.map((value, row) => {
    if (row < period - 1) return undefined;
    return mean.add(row === period - 1 ? first : value);
  });
}

/** What a class of trading-signals answers, input by input. */
function theirs<In, Out>(indicator: { add(input: In): Out }, input: readonly In[]): readonly Out[] {
  return input.map((value) => indicator.add(value));
}

describe('averages agree with trading-signals and indicatorts', () => {
  it.each([1, 2, 14, 50])('sma and wma over %i', (period) => {
    const simple = overCloses(sma.create({ period }));
    expectSame(simple, theirs(new signals.SMA(period), closes), { from: period - 1 });
    expectSame(simple, indicatorts.sma(closes, { period }), { from: period - 1 });
    const weighted = overCloses(wma.create({ period }));
    expectSame(weighted, theirs(new signals.WMA(period), closes), { from: period - 1 });
  });

  it.each([1, 2, 14, 50])(
    'ema over %i, once given our start, and with theirs in the end',
    (period) => {
      const ours = overCloses(ema.create({ period }));
      expectSame(ours, seededEma(closes, period), { from: period - 1 });
      expectSame(ours, indicatorts.ema(closes, { period }), { from: SETTLED });
    },
  );

  it('macd, once given our start, and with theirs in the end', () => {
    const [fast, slow, signal] = [12, 26, 9];
    const near = seededEma(closes, fast);
    const far = seededEma(closes, slow);
    const line = closes.map((_, row) => (near[row] ?? 0) - (far[row] ?? 0)).slice(slow - 1);
    const pad = Array.from({ length: slow - 1 }, () => undefined);
    const average = [...pad, ...seededEma(line, signal)];
    const ours = overCloses(macdLine.create({ fast, slow }));
    const ourSignal = overCloses(macdSignal.create({ fast, slow, signal }));
    const ourHistogram = overCloses(macdHistogram.create({ fast, slow, signal }));
    expectSame(ours, [...pad, ...line], { from: slow - 1, scale: CENT });
    expectSame(ourSignal, average, { from: slow + signal - 2, scale: CENT });
    const histogram = [...pad, ...line].map((value, row) => (value ?? 0) - (average[row] ?? 0));
    expectSame(ourHistogram, histogram, { from: slow + signal - 2, scale: CENT });
    const { macdLine: theirLine, signalLine } = indicatorts.macd(closes, { fast, slow, signal });
    expectSame(ours, theirLine, { from: SETTLED, scale: CENT });
    expectSame(ourSignal, signalLine, { from: SETTLED, scale: CENT });
  });
});

describe('spread agrees with trading-signals and indicatorts', () => {
  it.each([2, 20, 60])('standard deviation, z-score and bollinger over %i', (period) => {
    const from = period - 1;
    const deviation = overCloses(standardDeviation.create({ period }));
    expectSame(deviation, indicatorts.mstd(closes, { period }), { from, scale: CENT });
    const bands = theirs(new signals.BollingerBands(period, 2.5), closes);
    const upper = overCloses(bollingerUpper.create({ period, multiple: 2.5 }));
    const lower = overCloses(bollingerLower.create({ period, multiple: 2.5 }));
    expectSame(
      upper,
      bands.map((band) => band?.upper),
      { from },
    );
    expectSame(
      lower,
      bands.map((band) => band?.lower),
      { from },
    );
    const windows = closes.map((_, row) => closes.slice(Math.max(0, row - period + 1), row + 1));
    const scores = windows.map((window) =>
      window.length < period ? null : signals.getZScore(window),
    );
    expectSame(overCloses(zScore.create({ period })), scores, { from, scale: 1e-3 });
  });

  it('true range and atr, by Wilder and by simple mean', () => {
    const ranges = overBars(trueRange.create({}));
    expectSame(ranges, theirs(new signals.TR(), candles), { from: 0 });
    const wilder = overBars(atr.create({ period: 14 }));
    expectSame(wilder, theirs(new signals.ATR(14), candles), { from: 13 });
    const simple = sma.create({ period: 14 });
    const means = ranges.map((range) => simple.next(range ?? 0));
    expectSame(means, theirs(new signals.ATR(14, signals.SMA), candles), { from: 13 });
    expectSame(means, indicatorts.atr(highs, lows, closes, { period: 14 }).atrLine, { from: 14 });
  });

  it('keltner, once their average forgot its start', () => {
    const channel = new signals.KeltnerChannels({
      emaInterval: 20,
      atrInterval: 10,
      multiplier: 1.5,
    });
    const lines = theirs(channel, candles);
    const parameters = { period: 20, rangePeriod: 10, multiple: 1.5 };
    expectSame(
      overBars(keltnerUpper.create(parameters)),
      lines.map((line) => line?.upper),
      {
        from: SETTLED,
      },
    );
    expectSame(
      overBars(keltnerLower.create(parameters)),
      lines.map((line) => line?.lower),
      {
        from: SETTLED,
      },
    );
  });
});

describe('extremes agree with trading-signals and indicatorts', () => {
  it.each([1, 5, 20])('highest, lowest and donchian over %i', (period) => {
    const from = period - 1;
    expectSame(run(highest.create({ period }), highs), indicatorts.mmax(highs, { period }), {
      from,
    });
    expectSame(run(lowest.create({ period }), lows), indicatorts.mmin(lows, { period }), { from });
    const channel = theirs(new signals.DonchianChannels(period), candles);
    const ours = [donchianUpper, donchianMiddle, donchianLower].map((line) =>
      overBars(line.create({ period })),
    );
    expectSame(
      ours[0] ?? [],
      channel.map((line) => line?.upper),
      { from },
    );
    expectSame(
      ours[1] ?? [],
      channel.map((line) => line?.middle),
      { from },
    );
    expectSame(
      ours[2] ?? [],
      channel.map((line) => line?.lower),
      { from },
    );
  });

  it('stochastic, slow and fast', () => {
    for (const [period, smoothing, signal] of [
      [14, 3, 3],
      [5, 1, 4],
    ] as const) {
      const oscillator = new signals.StochasticOscillator({
        kPeriod: period,
        kSlowingPeriod: smoothing,
        dPeriod: signal,
      });
      const values = theirs(oscillator, candles);
      const from = period + smoothing + signal - 3;
      const k = overBars(stochasticK.create({ period, smoothing }));
      const d = overBars(stochasticD.create({ period, smoothing, signal }));
      expectSame(
        k,
        values.map((value) => value?.stochK),
        { from },
      );
      expectSame(
        d,
        values.map((value) => value?.stochD),
        { from },
      );
    }
  });
});

describe('momentum agrees with trading-signals and indicatorts', () => {
  it('rsi from its first value', () => {
    const ours = overCloses(rsi.create({ period: 14 }));
    expectSame(ours, theirs(new signals.RSI(14), closes), { from: 14 });
  });

  it('rate of change', () => {
    const ours = overCloses(rateOfChange.create({ period: 10 }));
    expectSame(ours, theirs(new signals.ROC(10), closes), { from: 10 });
    const percent = indicatorts.roc(closes, { period: 10 });
    expectSame(
      ours,
      percent.map((value) => value / 100),
      { from: 10, scale: 1e-4 },
    );
  });

  it('log return, by the logarithm of their change', () => {
    const changes = indicatorts.roc(closes, { period: 3 });
    expectSame(
      overCloses(logReturn.create({ period: 3 })),
      changes.map((percent) => Math.log1p(percent / 100)),
      { from: 3, scale: 1e-4 },
    );
  });

  it('adx and directional indicators, once their start is forgotten', () => {
    const period = 14;
    const library = new signals.ADX(period);
    const values = candles.map((candle) => ({
      adx: library.add(candle),
      plus: 100 * (library.pdi ?? 0),
      minus: 100 * (library.mdi ?? 0),
    }));
    const from = SETTLED;
    expectSame(
      overBars(adx.create({ period })),
      values.map((value) => value.adx),
      { from },
    );
    expectSame(
      overBars(plusDi.create({ period })),
      values.map((value) => value.plus),
      { from },
    );
    expectSame(
      overBars(minusDi.create({ period })),
      values.map((value) => value.minus),
      { from },
    );
  });

  it('adx from its first value, over moves by hand and means of trading-signals', () => {
    const period = 14;
    const means = Array.from({ length: 4 }, () => new signals.WSMA(period));
    const [ups, downs, ranges, index] = means as [
      signals.WSMA,
      signals.WSMA,
      signals.WSMA,
      signals.WSMA,
    ];
    const values = candles.slice(1).map((candle, before) => {
      const last = candles[before] ?? candle;
      const up = Math.max(candle.high - last.high, 0);
      const down = Math.max(last.low - candle.low, 0);
      const range = ranges.add(signals.getTrueRange(candle, last.close));
      const plus = (ups.add(up > down ? up : 0) ?? 0) / (range ?? 1);
      const minus = (downs.add(down > up ? down : 0) ?? 0) / (range ?? 1);
      if (range === null) return { plus: null, minus: null, adx: null };
      const dx = (100 * Math.abs(plus - minus)) / (plus + minus);
      return { plus: 100 * plus, minus: 100 * minus, adx: index.add(dx) };
    });
    const reference = [undefined, ...values];
    expectSame(
      overBars(plusDi.create({ period })),
      reference.map((row) => row?.plus),
      { from: period },
    );
    expectSame(
      overBars(minusDi.create({ period })),
      reference.map((row) => row?.minus),
      { from: period },
    );
    expectSame(
      overBars(adx.create({ period })),
      reference.map((row) => row?.adx),
      {
        from: 2 * period - 1,
      },
    );
  });
});

describe('volume agrees with trading-signals and indicatorts', () => {
  it('on-balance volume, exactly', () => {
    const ours = overBars(onBalanceVolume.create({}));
    expect(ours).toEqual(indicatorts.obv(closes, volumes));
    expect(ours.slice(1)).toEqual(theirs(new signals.OBV(2), candles).slice(1));
  });

  it('session vwap, each session a calculation of its own', () => {
    let library = new signals.VWAP();
    const reference = candles.map((candle, row) => {
      if (bars[row]?.sessionOpenUs !== bars[row - 1]?.sessionOpenUs) library = new signals.VWAP();
      return library.add(candle);
    });
    expectSame(overBars(sessionVwap.create({})), reference, { from: 0 });
  });

  it('anchored vwap, a calculation from the anchor on', () => {
    const at = 321;
    const library = new signals.VWAP();
    const reference = candles.map((candle, row) => (row < at ? null : library.add(candle)));
    const ours = overBars(anchoredVwap.create({ anchorUs: bars[at]?.endUs ?? 0 }));
    expectSame(ours, reference, { from: at });
    expect(ours.slice(0, at).every((value) => value === undefined)).toBe(true);
  });
});
