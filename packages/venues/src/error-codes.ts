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
  {
    code: 'VENUE.LIVE_LOCKED',
    meaning: 'An account wants live money and the installation does not allow it.',
    fix: 'Live money takes two keys: `mode: live` of the account and `installation.allowLive: true`.',
  },
  {
    code: 'VENUE.NO_ENDPOINT',
    meaning: 'An account names a venue, or a mode of one, for which there is no endpoint.',
    fix: 'Name one of those that the message lists.',
  },
  {
    code: 'VENUE.CREDENTIALS',
    meaning: 'The keys of a venue are missing, or the venue does not take them.',
    fix: 'Set the variables or mounted files that the message names; `capstan venues check` says whether the venue takes them.',
  },
  {
    code: 'VENUE.ENDPOINT',
    meaning: 'The address that is set for a venue is none, or is the one of the other mode.',
    fix: 'Correct or leave out the variable that the message names.',
  },
] as const;
