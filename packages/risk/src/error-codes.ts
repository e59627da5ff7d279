/** The operating failures that this package names. */
export const RISK_ERRORS = [
  {
    code: 'RISK.LIMITS',
    meaning: "An account's limits have a value that cannot be used.",
    fix: 'Correct the key that the message names.',
  },
] as const;
