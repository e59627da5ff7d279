import { normalCdf } from '@capstan/analytics';

const EULER_MASCHERONI = 0.5772156649015329;
const HALVINGS = 80;

/** Returns x with Φ(x) = p. @param p above 0, below 1. */
function normalQuantile(p: number): number {
  let low = -40;
  let high = 40;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Returns the highest Sharpe ratio to be expected of independent trials of which none is any good.
 * @param ratios of the trials. @returns undefined below two trials or where they do not vary.
 * @source Bailey and López de Prado 2014, the deflated Sharpe ratio: expected maximum
 */
export function expectedBestSharpe(ratios: Float64Array): number | undefined {
  const known = ratios.filter((ratio) => Number.isFinite(ratio));
  const trials = known.length;
  if (trials < 2) return undefined;
  const mean = known.reduce((sum, ratio) => sum + ratio, 0) / trials;
  const squares = known.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (trials - 1));
  if (deviation === 0) return undefined;
  return (
    deviation *
    ((1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / trials) +
      EULER_MASCHERONI * normalQuantile(1 - 1 / (trials * Math.E)))
  );
}
