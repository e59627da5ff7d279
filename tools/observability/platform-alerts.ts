import type { AlertGroup } from './alert.ts';

const inTrade = (metric: string, more: string): string => `${metric}{namespace="trade",${more}}`;
const p99By = (label: string, histogram: string): string =>
  `histogram_quantile(0.99, sum by (namespace, ${label}, le) (rate(${histogram}_bucket[5m])))`;
const slow = (histogram: string, below: string, above: string) => ({
  [inTrade(`${histogram}_bucket`, `role="risk",le="${below}"`)]: '0x40',
  [inTrade(`${histogram}_bucket`, `role="risk",le="${above}"`)]: '0+5x40',
  [inTrade(`${histogram}_bucket`, 'role="risk",le="+Inf"')]: '0+5x40',
});
const fast = (histogram: string, below: string) => ({
  [inTrade(`${histogram}_bucket`, `role="risk",le="${below}"`)]: '0+5x40',
  [inTrade(`${histogram}_bucket`, 'role="risk",le="+Inf"')]: '0+5x40',
});
const RISK = { namespace: 'trade', role: 'risk' } as const;
const RISK_JOB = { namespace: 'trade', job: 'risk' } as const;
const SERVICE = inTrade('capstan_service_info', 'service="risk",job="risk",instance="a"');

export const PLATFORM_ALERTS: AlertGroup = {
  name: 'platform',
  about: 'What keeps services from doing their work.',
  alerts: [
    {
      name: 'CapstanServiceMissing',
      severity: 'critical',
      for: '2m',
      value:
        'count by (namespace, service) (max_over_time(capstan_service_info{service!="backtest-worker"}[1d]))',
      holds: 'unless count by (namespace, service) (capstan_service_info)',
      summary: 'No process of {{ $labels.service }} answers.',
      fires: {
        series: { [SERVICE]: '1x3 stale' },
        atMinutes: 6,
        says: 'No process of risk answers.',
        labels: { namespace: 'trade', service: 'risk' },
      },
      quiet: { [SERVICE]: '1x20' },
    },
    {
      name: 'CapstanKeyHalted',
      severity: 'critical',
      for: '0m',
      value: 'sum by (namespace, role) (capstan_journal_keys{status="halted"})',
      holds: '> 0',
      summary:
        '{{ $value }} keys of {{ $labels.role }} stand: their input cannot be processed, and nobody goes on before a person looks.',
      fires: {
        series: { [inTrade('capstan_journal_keys', 'role="risk",status="halted"')]: '0 0 1x5' },
        atMinutes: 2,
        says: '1 keys of risk stand: their input cannot be processed, and nobody goes on before a person looks.',
        labels: RISK,
      },
      quiet: {
        [inTrade('capstan_journal_keys', 'role="risk",status="halted"')]: '0x9',
        [inTrade('capstan_journal_keys', 'role="risk",status="owning"')]: '1x9',
      },
    },
    {
      name: 'CapstanKeyFailing',
      severity: 'warning',
      for: '3m',
      value: 'sum by (namespace, role) (capstan_journal_keys{status="failing"})',
      holds: '> 0',
      summary: '{{ $value }} keys of {{ $labels.role }} start over again and again.',
      fires: {
        series: { [inTrade('capstan_journal_keys', 'role="risk",status="failing"')]: '0 1x9' },
        atMinutes: 4,
        says: '1 keys of risk start over again and again.',
        labels: RISK,
      },
      quiet: { [inTrade('capstan_journal_keys', 'role="risk",status="failing"')]: '0 1 0 1 0x5' },
    },
    {
      name: 'CapstanKeyWithoutOwner',
      severity: 'critical',
      for: '1m',
      value: 'max by (namespace, key) (capstan_journal_owned)',
      holds: '< 1',
      summary: 'No process owns {{ $labels.key }}: nothing is done for it.',
      fires: {
        series: {
          [inTrade('capstan_journal_owned', 'key="risk/paper",instance="a"')]: '1 0x9',
          [inTrade('capstan_journal_owned', 'key="risk/paper",instance="b"')]: '0x9',
        },
        atMinutes: 2,
        says: 'No process owns risk/paper: nothing is done for it.',
        labels: { namespace: 'trade', key: 'risk/paper' },
      },
      quiet: {
        [inTrade('capstan_journal_owned', 'key="risk/paper",instance="a"')]: '1 0x9',
        [inTrade('capstan_journal_owned', 'key="risk/paper",instance="b"')]: '0 1x9',
      },
    },
    {
      name: 'CapstanBusDisconnected',
      severity: 'critical',
      for: '1m',
      value: 'min by (namespace, job) (capstan_bus_connected)',
      holds: '< 1',
      summary: 'A process of {{ $labels.job }} has lost NATS: its leases lapse.',
      fires: {
        series: { [inTrade('capstan_bus_connected', 'job="risk",instance="a"')]: '1 0x9' },
        atMinutes: 2,
        says: 'A process of risk has lost NATS: its leases lapse.',
        labels: RISK_JOB,
      },
      quiet: { [inTrade('capstan_bus_connected', 'job="risk",instance="a"')]: '1 0 1x9' },
    },
    {
      name: 'CapstanOutboxStuck',
      severity: 'warning',
      for: '2m',
      value: 'sum by (namespace, role) (capstan_journal_unpublished_messages)',
      holds: '> 1000',
      summary: '{{ $value }} messages of {{ $labels.role }} are committed and not on the bus.',
      fires: {
        series: { [inTrade('capstan_journal_unpublished_messages', 'role="risk"')]: '0 2000x9' },
        atMinutes: 3,
        says: '2000 messages of risk are committed and not on the bus.',
        labels: RISK,
      },
      quiet: {
        [inTrade('capstan_journal_unpublished_messages', 'role="risk"')]: '0 2000 5 2000 5x9',
      },
    },
    {
      name: 'CapstanInputLag',
      severity: 'warning',
      for: '5m',
      value: p99By('role', 'capstan_journal_input_lag_seconds'),
      holds: '> 10',
      summary: 'Messages wait {{ $value | humanizeDuration }} for {{ $labels.role }} (p99).',
      fires: {
        series: slow('capstan_journal_input_lag_seconds', '10', '30'),
        atMinutes: 6,
        says: 'Messages wait 29.8s for risk (p99).',
        labels: RISK,
      },
      quiet: fast('capstan_journal_input_lag_seconds', '10'),
    },
    {
      name: 'CapstanCommitsSlow',
      severity: 'warning',
      for: '5m',
      value: p99By('role', 'capstan_journal_commit_seconds'),
      holds: '> 0.5',
      summary: 'Transactions of {{ $labels.role }} take {{ $value | humanizeDuration }} (p99).',
      fires: {
        series: slow('capstan_journal_commit_seconds', '0.5', '1'),
        atMinutes: 6,
        says: 'Transactions of risk take 995ms (p99).',
        labels: RISK,
      },
      quiet: fast('capstan_journal_commit_seconds', '0.5'),
    },
    {
      name: 'CapstanPoolExhausted',
      severity: 'warning',
      for: '2m',
      value: 'max by (namespace, job) (capstan_store_waiting_calls)',
      holds: '> 0',
      summary: '{{ $value }} calls of {{ $labels.job }} wait for a connection to PostgreSQL.',
      fires: {
        series: { [inTrade('capstan_store_waiting_calls', 'job="risk",instance="a"')]: '0 3x9' },
        atMinutes: 3,
        says: '3 calls of risk wait for a connection to PostgreSQL.',
        labels: RISK_JOB,
      },
      quiet: { [inTrade('capstan_store_waiting_calls', 'job="risk",instance="a"')]: '0 3 0 3 0x9' },
    },
    {
      name: 'CapstanEventLoopSlow',
      severity: 'warning',
      for: '5m',
      value: 'max by (namespace, job) (nodejs_eventloop_delay_p99_seconds)',
      holds: '> 0.5',
      summary:
        'A process of {{ $labels.job }} comes {{ $value | humanizeDuration }} late to what is next: it may lose its leases.',
      fires: {
        series: {
          [inTrade('nodejs_eventloop_delay_p99_seconds', 'job="risk",instance="a"')]: '0 0.7x9',
        },
        atMinutes: 6,
        says: 'A process of risk comes 700ms late to what is next: it may lose its leases.',
        labels: RISK_JOB,
      },
      quiet: {
        [inTrade('nodejs_eventloop_delay_p99_seconds', 'job="risk",instance="a"')]: '0 0.7 0.1x9',
      },
    },
    {
      name: 'CapstanRestarts',
      severity: 'warning',
      for: '0m',
      value:
        'sum by (namespace, service) (changes(process_start_time_seconds[30m]) * on (namespace, job, instance) group_left (service) capstan_service_info)',
      holds: '> 2',
      summary: '{{ $labels.service }} was started {{ $value }} times in half an hour.',
      fires: {
        series: {
          [SERVICE]: '1x40',
          [inTrade('process_start_time_seconds', 'job="risk",instance="a"')]:
            '100 100 200 300 400x30',
        },
        atMinutes: 4,
        says: 'risk was started 3 times in half an hour.',
        labels: { namespace: 'trade', service: 'risk' },
      },
      quiet: {
        [SERVICE]: '1x40',
        [inTrade('process_start_time_seconds', 'job="risk",instance="a"')]: '100 100 200x30',
      },
    },
    {
      name: 'CapstanGatewayErrors',
      severity: 'warning',
      for: '5m',
      value:
        '1 - sum by (namespace) (rate(capstan_gateway_requests_total{status!~"5.."}[5m])) / sum by (namespace) (rate(capstan_gateway_requests_total[5m]))',
      holds: '> 0.05',
      summary:
        'The gateway answers {{ $value | humanizePercentage }} of requests with an error of its own.',
      fires: {
        series: {
          [inTrade('capstan_gateway_requests_total', 'status="200"')]: '0+9x40',
          [inTrade('capstan_gateway_requests_total', 'status="503"')]: '0+1x40',
        },
        atMinutes: 6,
        says: 'The gateway answers 10% of requests with an error of its own.',
        labels: { namespace: 'trade' },
      },
      quiet: {
        [inTrade('capstan_gateway_requests_total', 'status="200"')]: '0+9x40',
        [inTrade('capstan_gateway_requests_total', 'status="404"')]: '0+1x40',
        [inTrade('capstan_gateway_requests_total', 'status="503"')]: '0x40',
      },
    },
    {
      name: 'CapstanAlertsUndelivered',
      severity: 'warning',
      for: '0m',
      value:
        'sum by (namespace, channel) (increase(capstan_reporting_alert_messages_total{result="failed"}[15m]))',
      holds: '> 0',
      summary: "Capstan's alerts do not reach the channel {{ $labels.channel }}.",
      fires: {
        series: {
          [inTrade('capstan_reporting_alert_messages_total', 'channel="ops",result="failed"')]:
            '0 0 0 1x20',
        },
        atMinutes: 3,
        says: "Capstan's alerts do not reach the channel ops.",
        labels: { namespace: 'trade', channel: 'ops' },
      },
      quiet: {
        [inTrade('capstan_reporting_alert_messages_total', 'channel="ops",result="sent"')]:
          '0+1x20',
        [inTrade('capstan_reporting_alert_messages_total', 'channel="ops",result="failed"')]:
          '2x20',
      },
    },
  ],
};
