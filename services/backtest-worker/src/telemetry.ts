/** What this service measures. */
export const METRICS = {
  jobs: 'capstan_backtest_worker_jobs_total',
  bars: 'capstan_backtest_worker_bars_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.jobs]: { help: 'Jobs ended, by outcome.' },
  [METRICS.bars]: { help: 'Bars played.' },
} as const;
