/** The operating failures that this package names. */
export const STRATEGY_ERRORS = [
  {
    code: 'STRATEGY.UNKNOWN',
    meaning: 'No strategy of the registry has the name.',
    fix: 'Use one of the names that the message lists, or register a strategy of that name.',
  },
  {
    code: 'STRATEGY.DUPLICATE',
    meaning: 'Two definitions with one name were given to a registry.',
    fix: 'Rename one of them.',
  },
  {
    code: 'STRATEGY.DEFINITION',
    meaning:
      'A strategy contradicts itself: a default outside its bounds, a name that cannot be one.',
    fix: 'Correct what the message names in the file of the strategy.',
  },
  {
    code: 'STRATEGY.PARAMETER_UNKNOWN',
    meaning: 'A parameter was given that the strategy does not have.',
    fix: 'Use one of the names that the message lists.',
  },
  {
    code: 'STRATEGY.PARAMETER_TYPE',
    meaning: 'A parameter has a value of another type.',
    fix: 'Give a value of the type that the message names.',
  },
  {
    code: 'STRATEGY.PARAMETER_RANGE',
    meaning: 'A parameter lies outside its bounds or is not one of its choices.',
    fix: 'Give a value within what the message names.',
  },
  {
    code: 'STRATEGY.PARAMETER_RELATION',
    meaning: 'Parameters are each within bounds and do not fit together.',
    fix: 'Change one of those that the message names.',
  },
  {
    code: 'STRATEGY.STATE',
    meaning:
      'A strategy keeps state that would not survive JSON, so that it could not be restored.',
    fix: 'Keep finite numbers, strings, booleans, null, lists and plain objects of these.',
  },
  {
    code: 'STRATEGY.TARGET',
    meaning: 'A strategy returned a target that means nothing, such as a strength above 1.',
    fix: 'Correct the strategy; the message names the field.',
  },
  {
    code: 'STRATEGY.THREW',
    meaning: 'A strategy threw while it decided. The bot stops.',
    fix: 'Correct the strategy; the message names bot, symbol and bar.',
  },
  {
    code: 'STRATEGY.CALENDAR',
    meaning: 'A strategy needs the session of each bar, and no calendar was given.',
    fix: 'Give the bot the calendars of its symbols.',
  },
  {
    code: 'STRATEGY.CHECKPOINT',
    meaning: 'A checkpoint is of another bot setup, or is damaged.',
    fix: 'Discard it and warm up from history.',
  },
] as const;

/** A code of this package. */
export type StrategyErrorCode = (typeof STRATEGY_ERRORS)[number]['code'];
