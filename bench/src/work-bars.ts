import { priceFromFloat, US_PER_MINUTE } from '@capstan/domain';
import type { BacktestSeries } from '@capstan/engine';
import { SeededRandom } from '@capstan/synthetic';

const FIRST_START_US = Date.UTC(2024, 0, 1) * 1_000;
const FIRST_PRICE = 100;

/** Nearly normal: the sum of four uniform numbers, of variance 1. */
function nearNormal(random: SeededRandom): number {
  const sum = random.uniform() + random.uniform() + random.uniform() + random.uniform();
  return (sum - 2) * Math.sqrt(3);
}

/** Returns the seeded minutes that the field is compared on: prices rounded to the nano, times without gaps. */
export function workBars(symbol: string, seed: number, count: number): BacktestSeries {
  const random = new SeededRandom(seed);
  const column = () => new Float64Array(count);
  const bars = {
    startUs: column(),
    endUs: column(),
    openNanos: column(),
    highNanos: column(),
    lowNanos: column(),
    closeNanos: column(),
    volume: column(),
  };
  let last = FIRST_PRICE;
  for (let row = 0; row < count; row += 1) {
    const noise = [0, 1, 2, 3].map(() => nearNormal(random)) as [number, number, number, number];
    const size = random.uniform();
    const open = last * (1 + 1e-4 * noise[0]);
    const close = open * (1 + 1e-3 * noise[1]);
    last = close;
    bars.startUs[row] = FIRST_START_US + row * US_PER_MINUTE;
    bars.endUs[row] = FIRST_START_US + (row + 1) * US_PER_MINUTE;
    bars.openNanos[row] = priceFromFloat(open);
    bars.closeNanos[row] = priceFromFloat(close);
    bars.highNanos[row] = priceFromFloat(Math.max(open, close) * (1 + 5e-4 * Math.abs(noise[2])));
    bars.lowNanos[row] = priceFromFloat(Math.min(open, close) * (1 - 5e-4 * Math.abs(noise[3])));
    bars.volume[row] = 100 + Math.floor(900 * size);
  }
  return { symbol, bars };
}

/** A thousand seeded walks of ten thousand points from 100: the curves of work E. */
export function workCurves(): readonly Float64Array[] {
  const random = new SeededRandom(7);
  return Array.from({ length: 1_000 }, () => {
    const curve = new Float64Array(10_000);
    curve[0] = FIRST_PRICE;
    for (let point = 1; point < curve.length; point += 1) {
      curve[point] = (curve[point - 1] ?? 0) * (1 + 1e-4 + 1e-2 * nearNormal(random));
    }
    return curve;
  });
}
