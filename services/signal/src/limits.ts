/** Bounds of this service. */
export const LIMITS = {
  /** Slices between two checkpoints of a bot. */
  checkpointSlices: 60,
  /** Most bars read back at once. */
  historyRows: 500_000,
  /** Bars a symbol read back to find its last close. */
  markBars: 10,
  /** A bot of more symbols than this reads all bars of its venue and drops what is not its own. */
  filteredSymbolsMax: 64,
  restartFirstMs: 1_000,
  restartMaxMs: 60_000,
  /** How often a host looks for bots that others created. */
  refreshMs: 5_000,
  commandTimeoutMs: 5_000,
  listMax: 1_000,
} as const;
