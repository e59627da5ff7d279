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
  {
    code: 'LAKE.KEY',
    meaning: 'A venue, symbol or timeframe is none.',
    fix: 'Use one of those that the message lists.',
  },
  {
    code: 'LAKE.ZONE',
    meaning: 'A time zone is unknown, or none is named where one is needed.',
    fix: 'Name one of the IANA database, such as America/New_York.',
  },
  {
    code: 'LAKE.RULE',
    meaning:
      'A rule for anomalies names no kind or no action, or one that the kind does not allow.',
    fix: 'Use one of those that the message lists.',
  },
  {
    code: 'LAKE.ALIGNMENT',
    meaning: "Bars lie neither at whole lengths from the session's open nor of the clock.",
    fix: 'Check timeframe, time zone and stamp of the file.',
  },
  {
    code: 'LAKE.TIMEFRAME',
    meaning: 'Most rows of a file follow each other sooner than bars of the timeframe can.',
    fix: 'Say the timeframe that the message names.',
  },
  {
    code: 'LAKE.REFUSED',
    meaning: 'Rows of a file break a rule that refuses them; nothing of it was taken.',
    fix: 'Correct the file, or choose another rule with --on-anomaly.',
  },
  {
    code: 'LAKE.NO_SERIES',
    meaning: 'The lake has no such series.',
    fix: 'Run the command that the message names.',
  },
  {
    code: 'LAKE.RANGE',
    meaning: 'A series has no bar in the range.',
    fix: 'Choose a range within what the message says there is.',
  },
  {
    code: 'LAKE.AMBIGUOUS',
    meaning: 'Several series of the lake fit.',
    fix: 'Name the venue.',
  },
  {
    code: 'LAKE.DAMAGED',
    meaning: 'The files of a series are not what its manifest says.',
    fix: 'Import the series again.',
  },
  {
    code: 'LAKE.BUSY',
    meaning: 'Another process writes the same series.',
    fix: 'Wait until it has ended, then run the command again.',
  },
  {
    code: 'LAKE.DISK',
    meaning: 'The disk is full. What was done before is kept, and what was there is as it was.',
    fix: 'Free space and run the same command again.',
  },
  {
    code: 'LAKE.WRITE',
    meaning: 'A file of the lake cannot be written.',
    fix: 'Check that the folder can be written.',
  },
  {
    code: 'LAKE.EXISTS',
    meaning: 'The lake has the series already.',
    fix: 'Add to it with --merge, or replace it with --replace.',
  },
  {
    code: 'LAKE.CONFLICT',
    meaning: 'New bars contradict those that are there; nothing was changed.',
    fix: 'Replace the whole series, or leave the bars out that the message names.',
  },
  {
    code: 'LAKE.ADJUSTED',
    meaning:
      'Adjusted bars were to be used together with corporate actions, which would count twice.',
    fix: 'Use raw bars with the actions, or adjusted bars without them.',
  },
  {
    code: 'LAKE.FORMAT',
    meaning: 'The ending of a file to be written says no format.',
    fix: 'Name it .csv, .csv.gz or .parquet.',
  },
] as const;
