/** Bounds of this service. */
export const LIMITS = {
  commandTimeoutMs: 15_000,
  askTimeoutMs: 5_000,
  /** A pass that failed is tried again after so long. */
  retryMs: 1_000,
  /** Words of a status: Kubernetes keeps them in its own store. */
  messageMax: 1_000,
} as const;
