import type { AlertGroup } from './alert.ts';

const JOBS = (outcome: string): string =>
  `capstan_backtest_worker_jobs_total{namespace="trade",outcome="${outcome}"}`;
const WAITING = 'capstan_gateway_backtest_queue_jobs{namespace="trade",state="waiting"}';
const TRADE = { namespace: 'trade' } as const;

export const WORKER_ALERTS: AlertGroup = {
  name: 'workers',
  about: 'What keeps backtests from being done.',
  alerts: [
    {
      name: 'CapstanQueueStands',
      severity: 'warning',
      for: '15m',
      value: 'max by (namespace) (capstan_gateway_backtest_queue_jobs{state="waiting"})',
      holds:
        '> 0 unless on (namespace) sum by (namespace) (increase(capstan_backtest_worker_jobs_total[15m])) > 0',
      summary: '{{ $value }} backtests wait, and none has ended for a quarter of an hour.',
      fires: {
        series: { [WAITING]: '0 3x40' },
        atMinutes: 16,
        says: '3 backtests wait, and none has ended for a quarter of an hour.',
        labels: TRADE,
      },
      quiet: { [WAITING]: '0 3x40', [JOBS('done')]: '0+1x40' },
    },
    {
      name: 'CapstanJobsFail',
      severity: 'warning',
      for: '5m',
      value:
        'sum by (namespace) (increase(capstan_backtest_worker_jobs_total{outcome="failed"}[15m])) / sum by (namespace) (increase(capstan_backtest_worker_jobs_total[15m]))',
      holds: '> 0.2',
      summary: '{{ $value | humanizePercentage }} of backtests fail.',
      fires: {
        series: { [JOBS('done')]: '0+1x40', [JOBS('failed')]: '0+1x40' },
        atMinutes: 6,
        says: '50% of backtests fail.',
        labels: TRADE,
      },
      quiet: { [JOBS('done')]: '0+9x40', [JOBS('failed')]: '0+1x40' },
    },
  ],
};
