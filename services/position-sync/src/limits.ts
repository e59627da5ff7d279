/** Bounds of this service. */
export const LIMITS = {
  snapshotEveryMs: 15_000,
  /** After a fill, or a word on the kill switch, the next one comes sooner. */
  afterEventMs: 1_000,
  /** After a snapshot that differed, the next one comes sooner. */
  confirmAfterMs: 1_000,
  /** How often in a row the next one comes sooner for an answer of execution that is not that something is booked. */
  bookingsHurried: 5,
  /** How many looks at an account that is not open yet are hurried. */
  openingLooksHurried: 5,
  /** How long an account may be without a ledger before it is compared all the same: services start in any order. */
  unopenedMsMax: 120_000,
  /** Old snapshots removed at a time, and how often it is looked for more of them. */
  trimmedMax: 500,
  trimEveryMs: 600_000,
  driftsMax: 1_000,
  openOrdersMax: 10_000,
  /** Strays read at once. */
  straysMax: 1_000,
  /** Trades of somebody else that are kept for busts and corrections of them. */
  foreignExecutionsMax: 500,
} as const;
