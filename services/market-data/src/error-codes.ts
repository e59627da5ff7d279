/** The operating failures that this service names. */
export const MARKET_DATA_ERRORS = [
  {
    code: 'MARKET_DATA.FEED',
    meaning: 'A request names a feed that is not configured.',
    fix: 'Name one of the feeds under `feeds`.',
  },
] as const;
