import { SeededRandom } from '@capstan/synthetic';

/** A thousand seeded random walks of ten thousand points from 100: 1 bp of drift and 1 % of noise a point. */
export function referenceCurves(count = 1_000, points = 10_000): Float64Array[] {
  const random = new SeededRandom(7);
  const nearNormal = () => {
    const sum = random.uniform() + random.uniform() + random.uniform() + random.uniform();
    return (sum - 2) * Math.sqrt(3);
  };
  return Array.from({ length: count }, () => {
    const curve = new Float64Array(points);
    curve[0] = 100;
    for (let point = 1; point < points; point += 1) {
      curve[point] = (curve[point - 1] ?? 0) * (1 + 1e-4 + 1e-2 * nearNormal());
    }
    return curve;
  });
}

/** Seeded returns with drift, clustering and now and then a fall. */
export function testReturns(count: number, seed = 3): Float64Array {
  const random = new SeededRandom(seed);
  return Float64Array.from({ length: count }, () => {
    const fall = random.uniform() < 0.02 ? -0.04 : 0;
    return 0.0004 + 0.011 * random.normal() + fall;
  });
}

/** The curve that returns make from `initial`, its points after each return. */
export function curveOf(returns: Float64Array, initial: number): Float64Array {
  let equity = initial;
  return returns.map((change) => {
    equity *= 1 + change;
    return equity;
  });
}
