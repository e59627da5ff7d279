/** What this service measures. */
export const METRICS = {
  equity: 'capstan_reporting_equity',
  points: 'capstan_reporting_points_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.equity]: {
    help: 'Equity at the last slice in currency units, by account and bot (* is the whole account).',
  },
  [METRICS.points]: { help: 'Equity points written, by account.' },
} as const;
