import { fillMeans, fillWholeMeans } from './fill-means.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { WindowMean } from './window-mean.ts';

/**
 * The simple moving average, (x₁ + … + xₙ) ÷ n: exact over integers, so that ties of two averages are ties.
 * @source J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9.
 */
export const sma = defineValueIndicator({
  name: 'sma',
  title: 'Simple moving average',
  description: 'The mean of the last `period` inputs, in their unit.',
  parameters: { period: PERIOD },
  create: ({ period }) => new WindowMean(period),
  fillWhole: ({ period }, input, output, magnitude) =>
    fillWholeMeans(input, output, { period, magnitude }),
  fill: ({ period }, input, output) => fillMeans(input, output, period),
});
