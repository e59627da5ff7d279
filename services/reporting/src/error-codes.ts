/** The operating failures that this service names. */
export const REPORTING_ERRORS = [
  {
    code: 'REPORTING.CHANNEL',
    meaning: 'The alert channel that was named is not configured.',
    fix: 'Name one of those that the message lists.',
  },
  {
    code: 'REPORTING.REPLAY_GONE',
    meaning: 'What a replay would begin from is no longer kept.',
    fix: 'Keep the outbox for longer, or ask for a session that was replayed when it ended.',
  },
  {
    code: 'REPORTING.STATE',
    meaning: 'Stored state was written by another version.',
    fix: 'Run the version that wrote it.',
  },
] as const;
