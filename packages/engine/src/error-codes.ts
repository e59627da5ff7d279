/** The operating failures that this package names. */
export const ENGINE_ERRORS = [
  {
    code: 'ENGINE.EXCHANGE_CONFIG',
    meaning: "A value of the simulated exchange's behaviour cannot be used.",
    fix: 'The message names the key and what it may be.',
  },
  {
    code: 'ENGINE.MATCHER_CONFIG',
    meaning: "A value of the matcher's configuration cannot be used.",
    fix: 'The message names the key and what it may be.',
  },
  {
    code: 'ENGINE.MATCHER_SNAPSHOT',
    meaning: 'A stored state of the matcher is of another version.',
    fix: 'Restore it with the release that wrote it.',
  },
  {
    code: 'ENGINE.RESAMPLE',
    meaning: 'A bar lies across two of the longer bars that are to be made of it.',
    fix: 'Resample bars of one minute.',
  },
  {
    code: 'ENGINE.SERIES',
    meaning: 'The bars or corporate actions of a backtest cannot be used together.',
    fix: 'The message names the symbol and the row.',
  },
] as const;
