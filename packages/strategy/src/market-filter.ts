import { sma } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofField, ofSymbol } from './graph.ts';
import { priceText } from './price-text.ts';
import { FLAT_SIDE, nextSide, SIDES, targetOfSide } from './side.ts';

/**
 * A trend in a symbol that is followed only where the market goes the same way.
 * @source M. T. Faber, A Quantitative Approach to Tactical Asset Allocation, Journal of Wealth Management 9 (2007): price against
 * its own average; that the average is of the market as well is ours.
 */
export const marketFilter = defineStrategy({
  name: 'market-filter',
  title: 'Trend with the market',
  description:
    'In while the close is beyond its average and the close of `market` is beyond its own on the same side, out when either ' +
    'has crossed back.',
  params: {
    length: {
      type: 'integer',
      min: 2,
      max: 5_000,
      default: 20,
      description: 'Bars in the average of the symbol.',
    },
    market: {
      type: 'symbol',
      default: 'SPY',
      description: 'The symbol that stands for the market.',
    },
    market_length: {
      type: 'integer',
      min: 2,
      max: 5_000,
      default: 50,
      description: 'Bars in the average of the market.',
    },
    sides: SIDES,
  },
  indicators: ({ length, market, market_length }) => ({
    average: ofField(sma, { period: length }, 'close'),
    market: ofSymbol(market, ofField(sma, { period: 1 }, 'close')),
    marketAverage: ofSymbol(market, ofField(sma, { period: market_length }, 'close')),
  }),
  initialState: FLAT_SIDE,
  update: ({ average, market, marketAverage }, state, { bar: { closeNanos }, params }) => {
    const signals = {
      entersLong: closeNanos > average && market > marketAverage,
      exitsLong: closeNanos < average || market < marketAverage,
      entersShort: closeNanos < average && market < marketAverage,
      exitsShort: closeNanos > average || market > marketAverage,
    };
    return nextSide(state, signals, params.sides);
  },
  decide: ({ average, market, marketAverage }, { side }, { bar, params }) =>
    targetOfSide(
      side,
      () =>
        `close ${priceText(bar.closeNanos)} against ${priceText(average)}, ` +
        `${params.market} ${priceText(market)} against ${priceText(marketAverage)}`,
    ),
});
