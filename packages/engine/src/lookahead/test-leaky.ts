import { defineValueIndicator, PERIOD, sma } from '@capstan/indicators';
import {
  type ColumnsContext,
  defineStrategy,
  OPINION,
  ofField,
  ofSymbol,
  type Parameters,
  type Strategy,
} from '@capstan/strategy';

const plain = {
  title: 'Leaks',
  description: 'Knows what it cannot.',
  params: {},
  indicators: () => ({ mean: ofField(sma, { period: 5 }, 'close') }),
  initialState: null,
} as const;

type Context = ColumnsContext<Parameters>;

/** A strategy that is long where `isLong` holds for a row, by columns alone; told bar by bar it has no opinion. */
function byColumns(name: string, isLong: (row: number, context: Context) => boolean): Strategy {
  return defineStrategy({
    ...plain,
    name,
    decide: () => undefined,
    decideColumns: ({ mean }, context) => {
      const direction = new Int8Array(mean.length).fill(OPINION.none);
      for (let row = context.fromRow; row < mean.length; row += 1) {
        if (Number.isNaN(mean[row])) continue;
        direction[row] = isLong(row, context) ? OPINION.long : OPINION.flat;
      }
      return { direction, reasonAt: () => 'as seen' };
    },
  });
}

/** The mean of the inputs on both sides of each, which no stream can have. */
const centredMean = defineValueIndicator({
  name: 'centred-mean',
  title: 'Centred mean',
  description: 'Leaks.',
  parameters: { period: PERIOD },
  create: (parameters) => sma.create(parameters),
  fill: ({ period }, input, output) => {
    for (let row = 0; row < input.length; row += 1) {
      const from = Math.max(0, row - period);
      const window = input.slice(from, row + period + 1);
      output[row] = window.reduce((sum, value) => sum + value, 0) / window.length;
    }
    return true;
  },
});

/** The simple mean, but what is missing at the start is filled from later. */
const backFilledMean = defineValueIndicator({
  name: 'back-filled-mean',
  title: 'Back-filled mean',
  description: 'Leaks.',
  parameters: { period: PERIOD },
  create: (parameters) => sma.create(parameters),
  fill: ({ period }, input, output) => {
    const kernel = sma.create({ period });
    for (let row = 0; row < input.length; row += 1) {
      output[row] = kernel.next(input[row] ?? 0) ?? Number.NaN;
    }
    output.fill(output[period - 1] ?? Number.NaN, 0, period - 1);
    return true;
  },
});

function overMean(indicator: typeof sma): Strategy {
  return defineStrategy({
    ...plain,
    name: `over-${indicator.name}`,
    indicators: () => ({ mean: ofField(indicator, { period: 5 }, 'close') }),
    decide: ({ mean }, _state, { bar }) =>
      bar.closeNanos > mean
        ? { direction: 'long', strength: 1, reason: `above ${mean}` }
        : { direction: 'flat', strength: 0, reason: `not above ${mean}` },
  });
}

/** Decides by how often it was ever asked: what no replay can repeat. */
function countsItsCalls(): Strategy {
  let calls = 0;
  return defineStrategy({
    ...plain,
    name: 'counts-its-calls',
    decide: () => {
      calls += 1;
      return calls % 7 < 3
        ? { direction: 'long', strength: 1, reason: `call ${calls}` }
        : { direction: 'flat', strength: 0, reason: `call ${calls}` };
    },
  });
}

/** Remembers every close that it was ever shown, and looks the next one up when it is asked again. */
function remembersTheFuture(): Strategy {
  const closes = new Map<number, number>();
  return defineStrategy({
    ...plain,
    name: 'remembers-the-future',
    decide: (_values, _state, { bar }) => {
      closes.set(bar.endUs, bar.closeNanos);
      const next = closes.get(bar.endUs + (bar.endUs - bar.startUs)) ?? bar.closeNanos;
      return next > bar.closeNanos
        ? { direction: 'long', strength: 1, reason: 'up' }
        : { direction: 'flat', strength: 0, reason: 'down' };
    },
  });
}

/** Its own mean is honest, that of the market is not. */
function overMarketMean(): Strategy {
  return defineStrategy({
    ...plain,
    name: 'over-market-mean',
    indicators: () => ({
      last: ofSymbol('SPY', ofField(sma, { period: 1 }, 'close')),
      mean: ofSymbol('SPY', ofField(centredMean, { period: 5 }, 'close')),
    }),
    decide: ({ last, mean }) =>
      last > mean
        ? { direction: 'long', strength: 1, reason: `above ${mean}` }
        : { direction: 'flat', strength: 0, reason: `not above ${mean}` },
  });
}

const close = (bars: Context['bars'], row: number) => bars.closeNanos[row] ?? 0;

/** Strategies that know the future, each in another way. */
export const LEAKY: readonly (readonly [what: string, strategy: Strategy])[] = [
  [
    'the next close',
    byColumns('next-close', (row, { bars }) => close(bars, row + 1) > close(bars, row)),
  ],
  [
    "the next bar's volume",
    byColumns('next-volume', (row, { bars }) => (bars.volume[row + 1] ?? 0) > 50_000),
  ],
  [
    'the highest close of all',
    byColumns(
      'global-maximum',
      (row, { bars }) => close(bars, row) > 0.99 * Math.max(...bars.closeNanos),
    ),
  ],
  [
    'the mean of all closes',
    byColumns('global-mean', (row, { bars }) => {
      const sum = bars.closeNanos.reduce((total, one) => total + one, 0);
      return close(bars, row) > sum / bars.closeNanos.length;
    }),
  ],
  [
    'how many bars are left',
    byColumns('rows-left', (row, { bars }) => bars.endUs.length - row > 10),
  ],
  [
    'how it ends',
    byColumns('outcome', (row, { bars }) => close(bars, bars.endUs.length - 1) > close(bars, row)),
  ],
  ['both sides of its window', overMean(centredMean)],
  ['the next closes of another symbol', overMarketMean()],
  ['what it fills in at the start', overMean(backFilledMean)],
  ['how often it was asked', countsItsCalls()],
  ['what it saw in an earlier run', remembersTheFuture()],
  [
    'columns that say other than it does',
    byColumns('two-minds', (row, { bars }) => close(bars, row) > close(bars, row - 1)),
  ],
];
