import { composeKernel, defineValueIndicator, PERIOD, Previous, WindowMean } from './index.ts';

/** The mean size of the last `period` changes. */
export const meanChange = defineValueIndicator({
  name: 'mean-change',
  title: 'Mean change',
  description: 'The mean size of the last `period` changes, in the unit of the inputs.',
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const previous = new Previous();
    const mean = new WindowMean(period);
    return composeKernel({
      warmup: period + 1,
      parts: { previous, mean },
      next: (value: number) => {
        const before = previous.exchange(value);
        return before === undefined ? undefined : mean.next(Math.abs(value - before));
      },
    });
  },
});
