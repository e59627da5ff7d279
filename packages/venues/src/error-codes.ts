/** The operating failures that this package names. */
export const VENUES_ERRORS = [
  {
    code: 'VENUE.TIMEOUT',
    meaning: 'A venue gave no clear answer in time; the order may be there or not.',
    fix: 'Nothing: it is UNKNOWN until the venue is asked and says.',
  },
  {
    code: 'VENUE.UNAVAILABLE',
    meaning: 'A venue cannot be reached.',
    fix: 'Look at its process or its status page; orders wait, reducing what is confirmed stays possible.',
  },
] as const;
