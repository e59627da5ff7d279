/** Bounds of live feeds. */
export const LIMITS = {
  /** How often the vendor is asked for its time. */
  clockEveryMs: 30_000,
  /** A change of what our clock and the vendor's are apart by that is told. */
  clockToldUs: 100_000,
  /** A connection counts from so long after it was made: clocks are known this well. */
  connectMarginUs: 1_000_000,
  /** How far ahead of the vendor's clock a bar may lie. */
  aheadUs: 120_000_000,
  /** What is later than planned by this has stood still; it then waits as long again to hear what was told meanwhile. */
  stallMs: 250,
  stalledMs: 1_000,
  /** A machine that was asleep for this long has missed what was told meanwhile. */
  asleepUs: 5_000_000,
  /** How much of what was closed is compared with history where that is asked anyway. */
  lookBackUs: 180_000_000,
  /** Waits after failures; they double from the first to the longest. */
  retryFirstMs: 1_000,
  retryMaxMs: 30_000,
  /** Wait after a vendor has refused us: a person has to do something. */
  refusedMs: 60_000,
  /** Symbols whose history is fetched at once. */
  historySymbols: 50,
  /** How long ticks of a minute are kept after its end: what comes later corrects nothing. */
  ticksKeptUs: 600_000_000,
  /** Bars of a symbol's past. */
  pastRowsMax: 500_000,
  /** Rows written in one transaction. */
  rowsAtOnce: 5_000,
  /** How often it is looked at which bots there are. */
  botsEveryMs: 5_000,
  /** Revisions of a bar. */
  revisionsMax: 100,
} as const;
