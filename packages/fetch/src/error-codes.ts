/** The operating failures that this package names. */
export const FETCH_ERRORS = [
  {
    code: 'FETCH.FILE',
    meaning: 'The configuration of a fetch cannot be read.',
    fix: 'Name a readable YAML file with --config; configs/fetch.yaml is a sample.',
  },
  {
    code: 'FETCH.INVALID',
    meaning: 'Keys of a fetch are unknown, missing, or not what they may be.',
    fix: 'The message names file, line, column, key, value and what is allowed.',
  },
  {
    code: 'FETCH.PROVIDER',
    meaning: 'A vendor does not have what a fetch asks for, such as a timeframe or an adjustment.',
    fix: 'Ask for what the message says it has, or take another provider.',
  },
  {
    code: 'FETCH.SPAN',
    meaning: 'No day of the span that is asked for is over.',
    fix: 'End it on a day before today: the day that runs is never taken for complete.',
  },
  {
    code: 'FETCH.SOURCE',
    meaning: 'The lake has a series of this name from another source.',
    fix: 'Give the fetch a venue of its own, or put its bars in place of the others with --force.',
  },
] as const;
