/** The operating failures that this service names. */
export const RISK_SERVICE_ERRORS = [
  {
    code: 'RISK_SERVICE.FILL_GAP',
    meaning: 'A fill arrived while one before it is neither in the stream nor in the journal.',
    fix: 'It is tried again; if it stays, compare the journal with the backup it was restored from.',
  },
  {
    code: 'RISK_SERVICE.STATE',
    meaning: "An account's stored state was written by another version of the service.",
    fix: 'Run the version that wrote it.',
  },
  {
    code: 'RISK_SERVICE.ACCOUNT',
    meaning: 'A request names an account that is not configured.',
    fix: 'Name one of the accounts under `accounts`.',
  },
] as const;
