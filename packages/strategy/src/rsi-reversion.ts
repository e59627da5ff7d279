import { rsi } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofField } from './graph.ts';
import { FLAT_SIDE, nextSide, SIDES, targetOfSide } from './side.ts';

/**
 * Mean reversion by the relative strength index.
 * @source J. Welles Wilder, New Concepts in Technical Trading Systems (1978): 30 and 70 as the usual bounds; leaving at the
 * middle is ours.
 */
export const rsiReversion = defineStrategy({
  name: 'rsi-reversion',
  title: 'RSI mean reversion',
  description:
    'Buys where the relative strength index is below `oversold` and leaves above `middle`; sells short where it is above ' +
    '`overbought` and leaves below `middle`.',
  params: {
    period: {
      type: 'integer',
      min: 2,
      max: 1_000,
      default: 14,
      description: 'Bars of the index.',
    },
    oversold: {
      type: 'number',
      min: 0,
      max: 100,
      default: 30,
      description: 'Index below which it buys.',
    },
    overbought: {
      type: 'number',
      min: 0,
      max: 100,
      default: 70,
      description: 'Index above which it sells short.',
    },
    middle: {
      type: 'number',
      min: 0,
      max: 100,
      default: 50,
      description: 'Index at which it leaves.',
    },
    sides: SIDES,
  },
  check: ({ oversold, middle, overbought }) =>
    oversold <= middle && middle <= overbought
      ? undefined
      : `'oversold' (${oversold}), 'middle' (${middle}) and 'overbought' (${overbought}) must be in this order`,
  indicators: ({ period }) => ({ index: ofField(rsi, { period }, 'close') }),
  initialState: FLAT_SIDE,
  update: ({ index }, state, { params }) => {
    const signals = {
      entersLong: index < params.oversold,
      exitsLong: index > params.middle,
      entersShort: index > params.overbought,
      exitsShort: index < params.middle,
    };
    return nextSide(state, signals, params.sides);
  },
  decide: ({ index }, { side }, { params }) =>
    targetOfSide(side, () => `RSI of ${params.period} bars is ${index.toFixed(2)}`),
});
