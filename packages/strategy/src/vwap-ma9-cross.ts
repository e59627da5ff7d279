import { sessionVwap, sma } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofBars, ofField } from './graph.ts';
import { priceText } from './price-text.ts';
import { allowedSide, SIDES, targetOfSide } from './side.ts';

/** A short average of closes against the session's volume-weighted average price. */
export const vwapMa9Cross = defineStrategy({
  name: 'vwap-ma9-cross',
  title: 'VWAP / MA9 cross',
  description:
    'Long while the average of the last `length` closes is above the volume-weighted average price of the session, flat or ' +
    'short while it is below. A tie changes nothing.',
  params: {
    length: {
      type: 'integer',
      min: 1,
      max: 1_000,
      default: 9,
      description: 'Bars in the average.',
    },
    sides: SIDES,
  },
  indicators: ({ length }) => ({
    average: ofField(sma, { period: length }, 'close'),
    vwap: ofBars(sessionVwap, {}),
  }),
  initialState: null,
  decide: ({ average, vwap }, _state, { params }) => {
    if (average === vwap) return undefined;
    const above = average > vwap;
    return targetOfSide(
      allowedSide(above ? 'long' : 'short', params.sides),
      () =>
        `average of ${params.length} bars ${priceText(average)} is ${above ? 'above' : 'below'} VWAP ${priceText(vwap)}`,
    );
  },
});
