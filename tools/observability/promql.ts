/** Writes the quantile of a histogram, by labels. */
export function quantile(q: number, histogram: string, ...by: readonly string[]): string {
  const labels = ['le', ...by].join(', ');
  return `histogram_quantile(${q}, sum by (${labels}) (rate(${histogram}_bucket{$w}[$__rate_interval])))`;
}

export const p50 = (histogram: string, ...by: readonly string[]): string =>
  quantile(0.5, histogram, ...by);
export const p99 = (histogram: string, ...by: readonly string[]): string =>
  quantile(0.99, histogram, ...by);

/** As {@link quantile} for series of one label's value. */
export function quantileOf(q: number, histogram: string, only: string): string {
  return `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket{$n,${only}}[$__rate_interval])))`;
}

/** Writes a rate a second, summed by labels. */
export function rate(counter: string, ...by: readonly string[]): string {
  const labels = by.length === 0 ? '' : ` by (${by.join(', ')}) `;
  return `sum${labels}(rate(${counter}{$w}[$__rate_interval]))`;
}
