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
    fix: 'The message names the file: make room, or restore it, or move it away to begin anew; then start the exchange again.',
  },
  {
    code: 'EXCHANGE.SEQUENCE',
    meaning: 'A client knows more events than the exchange has: its journal is another one.',
    fix: 'Restore the journal that belongs to the database, or begin both anew.',
  },
] as const;
