import { composeKernel } from './compose-kernel.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { Window } from './window.ts';

/**
 * The rate of change since n inputs ago, x ÷ xₙ − 1 computed as (x − xₙ) ÷ xₙ: 0.01 is one percent. It has no value
 * where xₙ is 0.
 * @source J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 10; there as 100 · x ÷ xₙ.
 */
export const rateOfChange = defineValueIndicator({
  name: 'rate-of-change',
  title: 'Rate of change',
  description: 'Change since `period` inputs ago as a fraction of the input then.',
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const window = new Window(period);
    return composeKernel({
      warmup: period + 1,
      parts: { window },
      next: (value: number) => {
        const before = window.push(value);
        return before === undefined || before === 0 ? undefined : (value - before) / before;
      },
    });
  },
});
