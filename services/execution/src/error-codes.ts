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
    code: 'EXECUTION.RESOLUTION',
    meaning: 'A request to resolve an unknown order does not say what became of it.',
    fix: 'Say `filled` with the price, or `absent`.',
  },
  {
    code: 'VENUE.GAP',
    meaning: "An event of a venue's stream is missing.",
    fix: 'Nothing at first: the stream is opened again. If it lasts, look at the venue.',
  },
] as const;

export type ExecutionErrorCode = (typeof EXECUTION_ERRORS)[number]['code'];
