/** The operating failures that this package names. */
export const LAKE_ERRORS = [
  {
    code: 'LAKE.FILE',
    meaning: 'A bar file is missing, unreadable or empty.',
    fix: 'Name a CSV file of bars with a header, plain or gzip.',
  },
  {
    code: 'LAKE.COLUMN',
    meaning: 'A bar file has no column for a field.',
    fix: 'Map the column by name in the feed, under `columns`.',
  },
  {
    code: 'LAKE.VALUE',
    meaning: 'A cell is not what its column says, or a bar contradicts itself.',
    fix: 'The message names line, column and what was expected.',
  },
  {
    code: 'LAKE.ORDER',
    meaning: 'Bars of a symbol are not strictly increasing in time.',
    fix: 'Sort the file by time and keep one row a bar.',
  },
] as const;
