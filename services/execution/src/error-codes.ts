/** The operating failures that this service names. */
export const EXECUTION_ERRORS = [
  {
    code: 'EXECUTION.ACCOUNT',
    meaning: 'A request names an account that is not configured.',
    fix: 'Name one of those under `accounts`.',
  },
  {
    code: 'EXECUTION.KILL',
    meaning: 'A request to throw the kill switch does not say how.',
    fix: 'Say `soft` or `hard`; `unkill` lifts it.',
  },
  {
    code: 'EXECUTION.LEASE',
    meaning: 'The lease of an account ended before an order went out; it was not sent.',
    fix: 'Nothing: the next owner asks the venue about every order and goes on.',
  },
  {
    code: 'VENUE.GAP',
    meaning: "An event of a venue's stream is missing.",
    fix: 'Nothing at first: the stream is opened again. If it lasts, look at the venue.',
  },
] as const;
