import { rateOfChange } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofField } from './graph.ts';
import { FLAT_SIDE, nextSide, SIDES, targetOfSide } from './side.ts';

const BPS = 10_000;

/**
 * Time-series momentum.
 * @source T. Moskowitz, Y. H. Ooi, L. H. Pedersen, Time Series Momentum, Journal of Financial Economics 104 (2012): the sign
 * of the past return; the threshold is ours.
 */
export const momentum = defineStrategy({
  name: 'momentum',
  title: 'Momentum',
  description:
    'Enters in the direction of the change over the last `lookback` bars where it is larger than the threshold, and ' +
    'leaves when the change is no longer in that direction.',
  params: {
    lookback: {
      type: 'integer',
      min: 1,
      max: 5_000,
      default: 20,
      description: 'Bars over which the change is measured.',
    },
    threshold_bps: {
      type: 'number',
      min: 0,
      max: 100_000,
      default: 50,
      description: 'The change from which it enters, in basis points of the earlier close.',
    },
    sides: SIDES,
  },
  indicators: ({ lookback }) => ({
    change: ofField(rateOfChange, { period: lookback }, 'close'),
  }),
  initialState: FLAT_SIDE,
  update: ({ change }, state, { params }) => {
    const threshold = params.threshold_bps / BPS;
    const signals = {
      entersLong: change > threshold,
      exitsLong: change <= 0,
      entersShort: change < -threshold,
      exitsShort: change >= 0,
    };
    return nextSide(state, signals, params.sides);
  },
  decide: ({ change }, { side }, { params }) =>
    targetOfSide(
      side,
      () => `change of ${(change * BPS).toFixed(1)} bps over ${params.lookback} bars`,
    ),
});
