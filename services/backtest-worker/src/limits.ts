/** Bounds of this service. */
export const LIMITS = {
  /** How often a long job says that it goes on; a third of what the queue waits for. */
  heartbeatMs: 10_000,
  /** How often a job that runs looks up: whether it is to stop, whether there is something to say. */
  lookUpMs: 50,
  /** How often it tells how far it is. */
  progressMs: 1_000,
  takeWaitMs: 5_000,
  retryMs: 1_000,
  /** A job given back is tried again after so long. */
  giveBackMs: 1_000,
  jobsMax: 1_000,
  /** Points of the equity curve that a result keeps. */
  curvePoints: 500,
} as const;
