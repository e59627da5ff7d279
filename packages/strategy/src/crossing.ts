/**
 * Says of a strategy that it is one crossing and nothing else: from its first decision on long at full strength while one value is
 * above another, flat while it is below, no new opinion at a tie; no limit, stop or target. Neither update nor decide look at
 * anything else, and the graph has these two values alone.
 */
export interface Crossing {
  /** Name of the value that is above while it is long. */
  readonly fast: string;
  readonly slow: string;
  /** `level` is long wherever the fast value is above; `cross` waits for the first decision at which it is below. */
  readonly entry: 'level' | 'cross';
}
