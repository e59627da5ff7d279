/** Bounds of this service. */
export const LIMITS = {
  /** Points of one answer. */
  pointsMax: 2_000,
  /** Most points read for one answer, before they are thinned. */
  pointsRead: 200_000,
  fillsRead: 100_000,
} as const;
