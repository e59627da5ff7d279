/** Bounds of this service. */
export const LIMITS = {
  commandTimeoutMs: 15_000,
  askTimeoutMs: 5_000,
  /** Resources that are looked after at the same time. */
  looksAtOnce: 16,
  /** A resource that failed is looked at again after so long, twice as long after each further failure. */
  retryFirstMs: 1_000,
  retryMaxMs: 60_000,
  /** Failures in a row after which its status says that nothing is known of it. */
  failuresUntilTold: 2,
  /** How long an answer of Kubernetes is waited for. */
  kubernetesTimeoutMs: 10_000,
  /** Words of a status: Kubernetes keeps them in its own store. */
  messageMax: 1_000,
  /** The longest that a backtest's resource may be kept after its end: a year. */
  keptSecondsMax: 31_536_000,
} as const;
