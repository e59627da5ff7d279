import { defineValueIndicator, PERIOD } from './indicator.ts';
import { fillExtremes, WindowExtreme } from './window-extreme.ts';

/**
 * The least of the last n inputs, this one included.
 * @source J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9, on price channels.
 */
export const lowest = defineValueIndicator({
  name: 'lowest',
  title: 'Lowest',
  description: 'The least of the last `period` inputs, in their unit.',
  parameters: { period: PERIOD },
  create: ({ period }) => new WindowExtreme(period, -1),
  fill: ({ period }, input, output) => fillExtremes(input, output, { period, side: -1 }),
});
