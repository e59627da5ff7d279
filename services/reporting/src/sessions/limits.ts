/** Bounds of the days of a market. */
export const LIMITS = {
  /** How far back a market's days are walked after a time in which nobody did. */
  catchUpUs: 31 * 86_400_000_000,
  sessionTickMs: 1_000,
  /** How long after a session's first task it is looked at what is ready for it: services start in any order. */
  readinessGraceMs: 30_000,
  /** A broker of whom nothing was heard for so long is not ready; he is asked every 15 s. */
  brokerSilentUs: 60_000_000,
  clockBehindUs: 2_000_000,
  driftsTold: 20,
  /** Old rows removed by one transaction, and transactions of a kind of rows at the end of a day. */
  pruneRows: 1_000,
  pruneBatches: 500,
  /** Fills of one account that are read for a day. */
  fillsRead: 100_000,
} as const;
