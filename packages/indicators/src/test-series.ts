import type { IndicatorBar } from './kernel.ts';

const BARS_PER_SESSION = 80;

/** Draws numbers from 0 up to 1, always the same for a seed. */
function drawsOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A random walk of bars around 500 USD, a minute apart, in sessions of 80 bars. Prices are on single nanos, so that
 * no two moves are the same: implementations differ in what they do with ties.
 */
export function seriesOfBars(count: number, seed = 7): readonly IndicatorBar[] {
  const draw = drawsOf(seed);
  let closeNanos = 500_000_000_000;
  return Array.from({ length: count }, (_, index) => {
    const openNanos = closeNanos + Math.round((draw() - 0.5) * 300_000_001);
    closeNanos = openNanos + Math.round((draw() - 0.495) * 2_000_000_003);
    return {
      endUs: (index + 1) * 60_000_000,
      openNanos,
      highNanos: Math.max(openNanos, closeNanos) + Math.round(draw() * 700_000_007),
      lowNanos: Math.min(openNanos, closeNanos) - Math.round(draw() * 700_000_009),
      closeNanos,
      volume: 1 + Math.floor(draw() * 1_000_000),
      sessionOpenUs: Math.floor(index / BARS_PER_SESSION) * BARS_PER_SESSION * 60_000_000,
    };
  });
}
