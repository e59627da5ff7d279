/** The operating failures that this service names. */
export const BACKTEST_WORKER_ERRORS = [
  {
    code: 'BACKTEST.SPEC',
    meaning: 'A job cannot be understood.',
    fix: 'The message names the key and what is allowed.',
  },
  {
    code: 'BACKTEST.SYMBOL',
    meaning: 'A job asks for a symbol that its bar file does not have.',
    fix: 'The message lists those that it has.',
  },
] as const;
