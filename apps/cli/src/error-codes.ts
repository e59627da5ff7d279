/** Every code of an `AppError` that the command throws. */
export const CLI_ERRORS = [
  {
    code: 'CLI.USAGE',
    meaning: 'The command was called in a way that makes no sense.',
    fix: 'Do what the message says; `capstan <command> --help` has examples.',
  },
  {
    code: 'CLI.LIVE',
    meaning: 'Trading with real money was asked for without a configuration of your own.',
    fix: 'Write one with both keys to live money and give it by `--config`, or use `--env paper`.',
  },
  {
    code: 'CLI.RUNNING',
    meaning: 'Another `capstan up` runs on the same data directory.',
    fix: 'Stop it with `capstan down`, or choose another directory with --data-dir.',
  },
  {
    code: 'CLI.NOT_RUNNING',
    meaning: 'No running stack was found, or it does not answer.',
    fix: 'Start one with `capstan up`, or name its directory with --data-dir.',
  },
  {
    code: 'CLI.START_FAILED',
    meaning: 'The stack did not become healthy in time, or ended while it started.',
    fix: 'Read the log that the message names.',
  },
  {
    code: 'CLI.STOP_FAILED',
    meaning: 'A process is still there after it was told to stop.',
    fix: 'End the process that the message names.',
  },
  {
    code: 'CLI.GATEWAY',
    meaning: 'The gateway refused a request.',
    fix: 'Read its answer in the message.',
  },
  {
    code: 'CLI.LOOKAHEAD_IDLE',
    meaning: 'A strategy took no decision on the bars that it was tried on, so nothing was proved.',
    fix: 'Try it on other bars, or with other parameters.',
  },
  {
    code: 'CLI.SMOKE',
    meaning: 'A trial order did not fill in time, or its position was not closed.',
    fix: 'Read in the message how far it came.',
  },
  {
    code: 'CLI.TOKEN',
    meaning: 'The operator token cannot be read, or the gateway does not know it.',
    fix: 'Run as the user who started the stack; the token file is in its data directory.',
  },
] as const;

/** A code of this package. */
export type CliErrorCode = (typeof CLI_ERRORS)[number]['code'];
