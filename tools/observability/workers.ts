import type { Dashboard } from './dashboard.ts';
import { p50, p99, rate } from './promql.ts';

export const WORKERS: Dashboard = {
  uid: 'capstan-workers',
  title: 'Capstan / Workers',
  about: 'The queue of backtests, and who works it.',
  variables: [],
  rows: [
    {
      title: 'Queue',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Jobs in the queue',
          about: 'Waiting, and in hand. Every gateway tells the same.',
          kind: 'stack',
          unit: 'none',
          queries: [{ expr: 'max by (state) (capstan_gateway_backtest_queue_jobs{$w})' }],
          alerts: ['CapstanQueueStands'],
        },
        {
          title: 'Workers',
          about: 'How many there are, and how many have a job.',
          unit: 'none',
          queries: [
            { expr: 'count(capstan_backtest_worker_busy{$w})', legend: 'workers' },
            { expr: 'sum(capstan_backtest_worker_busy{$w})', legend: 'busy' },
          ],
        },
        {
          title: 'Time until the queue is empty',
          about: 'At the pace of the last ten minutes; nothing is shown while nothing ends.',
          unit: 's',
          queries: [
            {
              expr: 'sum(max by (state) (capstan_gateway_backtest_queue_jobs{$w})) / sum(rate(capstan_backtest_worker_jobs_total{$w}[10m]))',
              legend: 'left',
            },
          ],
        },
      ],
    },
    {
      title: 'Work',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Jobs a second',
          about: 'Ended, by outcome.',
          kind: 'stack',
          unit: 'none',
          queries: [{ expr: rate('capstan_backtest_worker_jobs_total', 'outcome') }],
          alerts: ['CapstanJobsFail'],
        },
        {
          title: 'Bars a second',
          about: 'Played by all workers together.',
          unit: 'none',
          queries: [{ expr: rate('capstan_backtest_worker_bars_total'), legend: 'bars' }],
        },
        {
          title: 'Duration of a job',
          about: 'Reading and storing included.',
          unit: 's',
          queries: [
            { expr: p50('capstan_backtest_worker_job_seconds'), legend: 'p50' },
            { expr: p99('capstan_backtest_worker_job_seconds'), legend: 'p99' },
          ],
        },
        {
          title: 'Efficiency',
          about:
            'The share of their time that workers have a job. Low with a queue: they wait for something else; low without: there are too many.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'sum(rate(capstan_backtest_worker_job_seconds_sum{$w}[$__rate_interval])) / count(capstan_backtest_worker_busy{$w})',
              legend: 'busy',
            },
          ],
        },
        {
          title: 'Bars a second of work',
          about: 'What one worker plays while it has a job.',
          unit: 'none',
          queries: [
            {
              expr: `${rate('capstan_backtest_worker_bars_total')} / ${rate('capstan_backtest_worker_job_seconds_sum')}`,
              legend: 'a worker',
            },
          ],
        },
      ],
    },
  ],
};
