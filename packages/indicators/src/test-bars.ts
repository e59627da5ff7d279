import fc from 'fast-check';
import type { BarColumns } from './bar-columns.ts';
import type { IndicatorBar } from './kernel.ts';

const CENT = 10_000_000;

/** A bar whose low, close, open and high lie on cents between 1 and about 1000 USD. */
export const arbitraryBar: fc.Arbitrary<IndicatorBar> = fc
  .record({
    cents: fc.array(fc.integer({ min: 100, max: 100_000 }), { minLength: 4, maxLength: 4 }),
    volume: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5_000_000 })),
    session: fc.constantFrom(undefined, 1, 2),
  })
  .map(({ cents, volume, session }) => {
    const [low = 0, open = 0, close = 0, high = 0] = [...cents]
      .sort((a, b) => a - b)
      .map((cent) => cent * CENT);
    return {
      openNanos: open,
      highNanos: high,
      lowNanos: low,
      closeNanos: close,
      volume,
      sessionOpenUs: session,
    };
  });

/** The bars with ends a microsecond apart, from 1. */
export function inTime(bars: readonly IndicatorBar[]): readonly IndicatorBar[] {
  return bars.map((bar, index) => ({ ...bar, endUs: index + 1 }));
}

/** The bars as columns, a microsecond apart where they do not say when they end. */
export function toColumns(bars: readonly IndicatorBar[]): BarColumns {
  const column = (read: (bar: IndicatorBar) => number): Float64Array =>
    Float64Array.from(bars, (bar) => read(bar));
  return {
    endUs: Float64Array.from(bars, (bar, index) => bar.endUs ?? index + 1),
    openNanos: column((bar) => bar.openNanos),
    highNanos: column((bar) => bar.highNanos),
    lowNanos: column((bar) => bar.lowNanos),
    closeNanos: column((bar) => bar.closeNanos),
    volume: column((bar) => bar.volume),
    sessionOpenUs: column((bar) => bar.sessionOpenUs ?? Number.NaN),
  };
}
