/** The operating failures that this package names. */
export const JOURNAL_ERRORS = [
  {
    code: 'JOURNAL.GAP',
    meaning:
      'A stream misses a message that its producer journaled, and the journal misses it too.',
    fix: 'Restore the database that belongs to the stream, or start both anew.',
  },
  {
    code: 'COMMAND.TIMEOUT',
    meaning: 'A command was written, and no owner of its key answered in time.',
    fix: 'Look at `capstan status`; the command is applied when an owner is there.',
  },
] as const;
