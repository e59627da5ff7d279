/** The operating failures that this package names. */
export const BACKTEST_ERRORS = [
  {
    code: 'RUN.FILE',
    meaning: 'The configuration of a run cannot be read.',
    fix: 'Name a readable YAML file with --config.',
  },
  {
    code: 'RUN.SYNTAX',
    meaning: 'The configuration of a run or of a fetch, or an override, is not YAML.',
    fix: 'Correct the place that the message names.',
  },
  {
    code: 'RUN.INVALID',
    meaning: 'Keys of a run are unknown, missing, or not what they may be.',
    fix: 'The message names file, line, column, key, value and what is allowed.',
  },
  {
    code: 'RUN.SYMBOLS',
    meaning: 'The data do not have a symbol of the run, or none was named.',
    fix: 'Use one of those that the message lists.',
  },
  {
    code: 'RUN.RANGE',
    meaning: 'No bar lies in the range of the run.',
    fix: 'Choose a range within what the message says there is.',
  },
  {
    code: 'RUN.TIMEFRAME',
    meaning: 'A strategy reads longer bars that cannot be made of those at hand.',
    fix: 'Run on one-minute bars, or import the longer ones into the lake.',
  },
  {
    code: 'RUN.STRATEGY_FILE',
    meaning: 'The file of a strategy cannot be loaded, or holds none.',
    fix: 'Export what defineStrategy returns, as the default or by name.',
  },
  {
    code: 'RUN.CONFIRM',
    meaning: 'A sweep is large and was not confirmed.',
    fix: 'Say --yes, or make the ranges coarser.',
  },
  {
    code: 'RUN.COMBINATIONS',
    meaning: 'A sweep has no combination that can run, or more than can be counted.',
    fix: 'Change the ranges that the message names.',
  },
  {
    code: 'RUN.DISK',
    meaning: 'The disk is full. What was done is kept.',
    fix: 'Free space and run the same command again.',
  },
  {
    code: 'RUN.WRITE',
    meaning: 'A file of a run directory cannot be written.',
    fix: 'Check that the folder can be written, or choose another with --output-dir.',
  },
  {
    code: 'RUN.DIRECTORY',
    meaning: 'A folder is no run directory, or is damaged.',
    fix: 'Name a folder that `capstan backtest` has made.',
  },
  {
    code: 'RUN.THREAD',
    meaning: 'A worker thread ended before its work was done.',
    fix: 'Run again with fewer threads; with less memory fewer fit.',
  },
] as const;

/** A code of this package. */
export type BacktestErrorCode = (typeof BACKTEST_ERRORS)[number]['code'];
