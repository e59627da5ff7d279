/** The operating failures that this package names. */
export const CONTRACTS_ERRORS = [
  {
    code: 'CONTRACTS.NAME',
    meaning: 'A name that becomes part of a subject is empty.',
    fix: 'Give the bot, account, feed or symbol a name.',
  },
  {
    code: 'CONTRACTS.MALFORMED',
    meaning: 'A message holds a value that this version does not know.',
    fix: 'Run versions that know each other.',
  },
  {
    code: 'RPC.TIMEOUT',
    meaning: 'A service gave no answer in time.',
    fix: 'Ask again; `capstan status` says whether the service is well.',
  },
  {
    code: 'RPC.UNAVAILABLE',
    meaning: 'Nobody answers for a service.',
    fix: 'Start it, or look at why it is not ready with `capstan status`.',
  },
  {
    code: 'RPC.INTERNAL',
    meaning: 'A service failed in a way that it did not foresee.',
    fix: 'Look at its log.',
  },
] as const;
