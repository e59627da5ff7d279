/** Bounds of this service. */
export const LIMITS = {
  /** How often a long job says that it goes on. */
  heartbeatMs: 10_000,
  takeWaitMs: 5_000,
  retryMs: 1_000,
  /** A job given back is tried again after so long. */
  giveBackMs: 1_000,
  jobsMax: 1_000,
  /** Points of the equity curve that a result keeps. */
  curvePoints: 500,
} as const;
