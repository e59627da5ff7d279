/** The operating failures that this service names. */
export const MARKET_DATA_ERRORS = [
  {
    code: 'MARKET_DATA.FEED',
    meaning: 'A request names a feed that is not configured.',
    fix: 'Name one of the feeds under `feeds`.',
  },
  {
    code: 'MARKET_DATA.STATE',
    meaning: 'A live feed has the name of one that was played into the same database.',
    fix: 'Give it another name, or a database of its own.',
  },
] as const;
