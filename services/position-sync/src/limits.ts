/** Bounds of this service. */
export const LIMITS = {
  snapshotEveryMs: 15_000,
  /** After a snapshot that differed, the next one comes sooner. */
  confirmAfterMs: 1_000,
  driftsMax: 1_000,
  openOrdersMax: 10_000,
} as const;
