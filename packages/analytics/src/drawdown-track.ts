/** How deep and how long a curve has been below its peak so far; a plain object for the reason that the sums are. */
export interface DrawdownTrack {
  peak: number;
  /** Equity below which the drawdown deepens: spares a division a point. */
  floor: number;
  /** Lowest equity ÷ peak before it − 1, at most 0. */
  depthFraction: number;
  /** Index of the last point or session at the peak, from 1; 0 is before the first. */
  peakAt: number;
  /** Longest recovered time below a peak. */
  longest: number;
}

/** Returns the track of a curve that begins at `initial`. */
export const beginTrack = (initial: number): DrawdownTrack => ({
  peak: initial,
  floor: initial,
  depthFraction: 0,
  peakAt: 0,
  longest: 0,
});

/** Returns the longest time below a peak, counting one that lasts until now. */
export function longestUntil(track: DrawdownTrack, now: number, last: number): number {
  const open = last < track.peak ? now - track.peakAt : 0;
  return open > track.longest ? open : track.longest;
}
