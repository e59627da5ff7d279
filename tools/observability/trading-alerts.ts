import type { AlertGroup } from './alert.ts';

const PAPER = { account: 'paper', namespace: 'trade' } as const;
const of = (metric: string, more = ''): string =>
  `${metric}{namespace="trade",account="paper"${more}}`;
const gauge = (metric: string): string => `max by (namespace, account) (${metric})`;
const share = (part: string, whole: string, window: string): string =>
  `sum by (namespace, account) (increase(${part}[${window}])) / (sum by (namespace, account) (increase(${part}[${window}])) + sum by (namespace, account) (increase(${whole}[${window}])))`;
const p99 = (histogram: string): string =>
  `histogram_quantile(0.99, sum by (namespace, account, le) (rate(${histogram}_bucket[5m])))`;

export const TRADING_ALERTS: AlertGroup = {
  name: 'trading',
  about: 'What puts money at risk, or keeps an account from trading.',
  alerts: [
    {
      name: 'CapstanKillSwitchThrown',
      severity: 'warning',
      for: '0m',
      value: gauge('capstan_execution_kill_switch'),
      holds: '> 0',
      summary:
        'The kill switch of {{ $labels.account }} is thrown ({{ $value }}: 1 soft, 2 hard): nothing is added.',
      fires: {
        series: { [of('capstan_execution_kill_switch')]: '0 0 1x5' },
        atMinutes: 2,
        says: 'The kill switch of paper is thrown (1: 1 soft, 2 hard): nothing is added.',
        labels: PAPER,
      },
      quiet: { [of('capstan_execution_kill_switch')]: '0x20' },
    },
    {
      name: 'CapstanBreakerOpen',
      severity: 'critical',
      for: '0m',
      value: gauge('capstan_execution_breaker_open'),
      holds: '> 0',
      summary: 'The breaker of {{ $labels.account }} is open: the venue failed too often in a row.',
      fires: {
        series: { [of('capstan_execution_breaker_open')]: '0 0 1x5' },
        atMinutes: 2,
        says: 'The breaker of paper is open: the venue failed too often in a row.',
        labels: PAPER,
      },
      quiet: { [of('capstan_execution_breaker_open')]: '0x20' },
    },
    {
      name: 'CapstanOrderUnknown',
      severity: 'critical',
      for: '1m',
      value: gauge('capstan_execution_unknown_orders'),
      holds: '> 0',
      summary: '{{ $value }} orders of {{ $labels.account }} are UNKNOWN: their symbols are held.',
      fires: {
        series: { [of('capstan_execution_unknown_orders')]: '0 0 1x5' },
        atMinutes: 3,
        says: '1 orders of paper are UNKNOWN: their symbols are held.',
        labels: PAPER,
      },
      quiet: { [of('capstan_execution_unknown_orders')]: '0 0 1 0x5' },
    },
    {
      name: 'CapstanDriftOpen',
      severity: 'critical',
      for: '1m',
      value: gauge('capstan_position_sync_open_drifts'),
      holds: '> 0',
      summary: 'Ledger and broker of {{ $labels.account }} differ in {{ $value }} symbols.',
      fires: {
        series: { [of('capstan_position_sync_open_drifts')]: '0 0 2x5' },
        atMinutes: 3,
        says: 'Ledger and broker of paper differ in 2 symbols.',
        labels: PAPER,
      },
      quiet: { [of('capstan_position_sync_open_drifts')]: '0 0 1 0x5' },
    },
    {
      name: 'CapstanForeignOrders',
      severity: 'warning',
      for: '15m',
      value: gauge('capstan_position_sync_foreign_orders'),
      holds: '> 0',
      summary:
        '{{ $value }} orders work at the venue of {{ $labels.account }} that Capstan did not send.',
      fires: {
        series: { [of('capstan_position_sync_foreign_orders')]: '0 1x30' },
        atMinutes: 16,
        says: '1 orders work at the venue of paper that Capstan did not send.',
        labels: PAPER,
      },
      quiet: { [of('capstan_position_sync_foreign_orders')]: '0 1x10 0x20' },
    },
    {
      name: 'CapstanBotCrashed',
      severity: 'warning',
      for: '0m',
      value: 'sum by (namespace, bot) (increase(capstan_signal_bot_crashes_total[15m]))',
      holds: '> 0',
      summary: 'The bot {{ $labels.bot }} crashed.',
      fires: {
        series: { 'capstan_signal_bot_crashes_total{namespace="trade",bot="cross"}': '0 0 0 1x20' },
        atMinutes: 3,
        says: 'The bot cross crashed.',
        labels: { bot: 'cross', namespace: 'trade' },
      },
      quiet: { 'capstan_signal_bot_crashes_total{namespace="trade",bot="cross"}': '4x20' },
    },
    {
      name: 'CapstanDenialsHigh',
      severity: 'warning',
      for: '10m',
      value: share('capstan_risk_denials_total', 'capstan_risk_approvals_total', '10m'),
      holds: '> 0.8',
      summary:
        'Risk denies {{ $value | humanizePercentage }} of what the bots of {{ $labels.account }} want.',
      fires: {
        series: {
          [of('capstan_risk_denials_total', ',policy="gross-exposure"')]: '0+9x40',
          [of('capstan_risk_approvals_total')]: '0+1x40',
        },
        atMinutes: 11,
        says: 'Risk denies 90% of what the bots of paper want.',
        labels: PAPER,
      },
      quiet: {
        [of('capstan_risk_denials_total', ',policy="gross-exposure"')]: '0+5x40',
        [of('capstan_risk_approvals_total')]: '0+5x40',
      },
    },
    {
      name: 'CapstanVenueSlow',
      severity: 'warning',
      for: '5m',
      value: p99('capstan_execution_submit_seconds'),
      holds: '> 1',
      summary:
        'The venue of {{ $labels.account }} takes {{ $value | humanizeDuration }} to answer an order (p99).',
      fires: {
        series: {
          [of('capstan_execution_submit_seconds_bucket', ',le="1"')]: '0x40',
          [of('capstan_execution_submit_seconds_bucket', ',le="2.5"')]: '0+5x40',
          [of('capstan_execution_submit_seconds_bucket', ',le="+Inf"')]: '0+5x40',
        },
        atMinutes: 6,
        says: 'The venue of paper takes 2.485s to answer an order (p99).',
        labels: PAPER,
      },
      quiet: {
        [of('capstan_execution_submit_seconds_bucket', ',le="1"')]: '0+5x40',
        [of('capstan_execution_submit_seconds_bucket', ',le="2.5"')]: '0+5x40',
        [of('capstan_execution_submit_seconds_bucket', ',le="+Inf"')]: '0+5x40',
      },
    },
    {
      name: 'CapstanDecisionsSlow',
      severity: 'warning',
      for: '5m',
      value: p99('capstan_execution_send_delay_seconds'),
      holds: '> 5',
      summary:
        'Approved orders of {{ $labels.account }} wait {{ $value | humanizeDuration }} before they are sent (p99).',
      fires: {
        series: {
          [of('capstan_execution_send_delay_seconds_bucket', ',le="5"')]: '0x40',
          [of('capstan_execution_send_delay_seconds_bucket', ',le="10"')]: '0+5x40',
          [of('capstan_execution_send_delay_seconds_bucket', ',le="+Inf"')]: '0+5x40',
        },
        atMinutes: 6,
        says: 'Approved orders of paper wait 9.95s before they are sent (p99).',
        labels: PAPER,
      },
      quiet: {
        [of('capstan_execution_send_delay_seconds_bucket', ',le="5"')]: '0+5x40',
        [of('capstan_execution_send_delay_seconds_bucket', ',le="10"')]: '0+5x40',
        [of('capstan_execution_send_delay_seconds_bucket', ',le="+Inf"')]: '0+5x40',
      },
    },
    {
      name: 'CapstanSnapshotsStopped',
      severity: 'warning',
      for: '5m',
      value: 'sum by (namespace, account) (increase(capstan_position_sync_snapshots_total[10m]))',
      holds: '< 1',
      summary:
        'Nobody has asked the broker of {{ $labels.account }} for ten minutes what is there.',
      fires: {
        series: { [of('capstan_position_sync_snapshots_total')]: '0+6x10 60x40' },
        atMinutes: 25,
        says: 'Nobody has asked the broker of paper for ten minutes what is there.',
        labels: PAPER,
      },
      quiet: { [of('capstan_position_sync_snapshots_total')]: '0+1x60' },
    },
    {
      name: 'CapstanReplayUnexplained',
      severity: 'warning',
      for: '0m',
      value: gauge('capstan_reporting_replay_unexplained'),
      holds: '> 0',
      summary:
        'The last session of {{ $labels.account }} differs from its replay in {{ $value }} ways that nobody can explain.',
      fires: {
        series: { [of('capstan_reporting_replay_unexplained')]: '0 0 3x5' },
        atMinutes: 2,
        says: 'The last session of paper differs from its replay in 3 ways that nobody can explain.',
        labels: PAPER,
      },
      quiet: { [of('capstan_reporting_replay_unexplained')]: '0x20' },
    },
    {
      name: 'CapstanEquityFalls',
      severity: 'critical',
      for: '1m',
      value:
        '1 - max by (namespace, account) (capstan_reporting_equity{bot="*"}) / max by (namespace, account) (max_over_time(capstan_reporting_equity{bot="*"}[1d]))',
      holds: '> 0.05',
      summary:
        'The equity of {{ $labels.account }} is {{ $value | humanizePercentage }} below its highest of 24 hours.',
      fires: {
        series: { [of('capstan_reporting_equity', ',bot="*"')]: '100 100 94x20' },
        atMinutes: 3,
        says: 'The equity of paper is 6% below its highest of 24 hours.',
        labels: PAPER,
      },
      quiet: { [of('capstan_reporting_equity', ',bot="*"')]: '100 100 96x20' },
    },
  ],
};
