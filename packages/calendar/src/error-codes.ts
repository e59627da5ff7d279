/** The operating failures that this package names. */
export const CALENDAR_ERRORS = [
  {
    code: 'CALENDAR.UNKNOWN',
    meaning: 'No calendar has the name.',
    fix: 'Use one of those that the message lists.',
  },
  {
    code: 'CALENDAR.DATE',
    meaning: 'A text is no date of the civil calendar.',
    fix: 'Write it like 2024-01-31.',
  },
  {
    code: 'CALENDAR.RANGE',
    meaning: 'A date or time lies outside the years that a calendar describes.',
    fix: 'Stay within the years that the message names.',
  },
] as const;
