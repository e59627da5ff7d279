/** The operating failures that this service names. */
export const PAPER_EXCHANGE_ERRORS = [
  {
    code: 'EXCHANGE.ACCOUNT',
    meaning: 'A request names an account that the exchange does not have.',
    fix: 'List it under `accounts` with venue paper.',
  },
  {
    code: 'EXCHANGE.JOURNAL',
    meaning: 'The exchange cannot read or write its own journal.',
    fix: 'The message names file and line; restore the file or move it away to begin anew.',
  },
] as const;
