/** What this service measures. */
export const METRICS = {
  jobs: 'capstan_backtest_worker_jobs_total',
  bars: 'capstan_backtest_worker_bars_total',
  jobSeconds: 'capstan_backtest_worker_job_seconds',
  busy: 'capstan_backtest_worker_busy',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.jobs]: { help: 'Jobs ended, by outcome.' },
  [METRICS.bars]: { help: 'Bars played.' },
  [METRICS.jobSeconds]: {
    help: 'What a job took of its worker, reading and storing included, by outcome: done, failed, given_back.',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600],
  },
  [METRICS.busy]: { help: '1 while the worker has a job, else 0.' },
} as const;
