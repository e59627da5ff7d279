/** The operating failures that this service names. */
export const REPORTING_ERRORS = [
  {
    code: 'REPORTING.STATE',
    meaning: 'Stored state was written by another version.',
    fix: 'Run the version that wrote it.',
  },
] as const;
