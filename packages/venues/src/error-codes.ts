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
  {
    code: 'MARKET.CREDENTIALS',
    meaning: 'A vendor of market data refuses the key.',
    fix: 'Correct the variables that the message names; a key that was made anew has another secret too.',
  },
  {
    code: 'MARKET.ENTITLEMENT',
    meaning: 'The plan of the account does not hold what was asked of a vendor.',
    fix: 'Ask for what the message says the plan holds, or change the plan.',
  },
  {
    code: 'MARKET.SYMBOL',
    meaning: 'A vendor does not know a symbol.',
    fix: 'Write it as the vendor does; the message names it.',
  },
  {
    code: 'MARKET.RATE',
    meaning: 'A vendor goes on saying that it is asked too often.',
    fix: 'See what else uses the key, lower the rate in the configuration, and run it again: what was fetched is kept.',
  },
  {
    code: 'MARKET.ANSWER',
    meaning: 'What a vendor answered was cut off, or is not what it says it answers.',
    fix: 'Run it again; where it stays, the message shows the answer to report.',
  },
  {
    code: 'MARKET.UNAVAILABLE',
    meaning: 'A vendor of market data cannot be reached, or fails by itself, after all tries.',
    fix: 'Look at the network and at the status page of the vendor, then run it again.',
  },
] as const;
