/** The operating failures that this service names. */
export const SIGNAL_ERRORS = [
  {
    code: 'SIGNAL.RELOAD',
    meaning: 'A bot was created, stopped or started: it is set up anew. It passes by itself.',
    fix: 'Nothing.',
  },
  {
    code: 'SIGNAL.BOT',
    meaning: 'A request names a bot that does not exist, or describes one that cannot be.',
    fix: 'See `capstan bots`.',
  },
] as const;
