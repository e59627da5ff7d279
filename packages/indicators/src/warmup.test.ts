import { describe, expect, it } from 'vitest';
import { BUILT_IN_INDICATORS } from './built-ins.ts';
import type { Indicator } from './indicator.ts';
import { seriesOfBars } from './test-series.ts';

const bars = seriesOfBars(60);

/** Short windows, each another; the anchor is the first bar. */
function parametersOf({ parameters }: Indicator): Readonly<Record<string, number>> {
  const given: Record<string, number> = { anchorUs: bars[0]?.endUs ?? 0, multiple: 1.5 };
  Object.keys(parameters).forEach((name, at) => {
    given[name] ??= [7, 4, 5][at] ?? 3;
  });
  return Object.fromEntries(Object.keys(parameters).map((name) => [name, given[name] ?? 0]));
}

/** What comes out, input by input. */
function outputsOf(indicator: Indicator): readonly (number | undefined)[] {
  const parameters = parametersOf(indicator);
  if (indicator.input === 'bar') {
    const kernel = indicator.create(parameters);
    return bars.map((bar) => kernel.next(bar));
  }
  const kernel = indicator.create(parameters);
  return bars.map((bar) => kernel.next(bar.closeNanos));
}

describe.each(BUILT_IN_INDICATORS.map((one) => [one.name, one] as const))('%s', (_, indicator) => {
  const { warmup } = indicator.create(parametersOf(indicator));
  const outputs = outputsOf(indicator);

  it('has its first value at the end of its warm-up, and one for each bar after', () => {
    const missing = outputs.map((value) => value === undefined);
    expect(missing).toEqual(bars.map((_bar, row) => row < warmup - 1));
  });

  it('gives finite numbers', () => {
    expect(outputs.slice(warmup - 1).every(Number.isFinite)).toBe(true);
  });
});
