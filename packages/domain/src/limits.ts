/** Ledger entries an account may hold back while one before them is missing. */
export const MAX_LEDGER_AHEAD = 65_536;
