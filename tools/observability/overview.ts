import type { Dashboard, Thresholds } from './dashboard.ts';
import { p99 } from './promql.ts';

const NONE_IS_GOOD: Thresholds = [
  [undefined, 'green'],
  [1, 'red'],
];
/** A process's own series carry no service: it is looked up. */
const NAMED = '* on (job, instance) group_left (service) capstan_service_info{$w}';

export const OVERVIEW: Dashboard = {
  uid: 'capstan-overview',
  title: 'Capstan / Overview',
  about: 'Whether the platform trades, and what keeps it from it.',
  variables: [],
  rows: [
    {
      title: 'Is anything wrong?',
      width: 3,
      height: 4,
      panels: [
        {
          title: 'Kill switch',
          about: 'The hardest that is thrown. Soft: nothing is added. Hard: all is closed.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'max(capstan_execution_kill_switch{$w})' }],
          thresholds: [
            [undefined, 'green'],
            [1, 'orange'],
            [2, 'red'],
          ],
          names: { 0: 'off', 1: 'soft', 2: 'hard' },
          alerts: ['CapstanKillSwitchThrown'],
        },
        {
          title: 'Breakers open',
          about: 'Accounts that the venue refused so often that nothing is added.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'sum(max by (account) (capstan_execution_breaker_open{$w}))' }],
          thresholds: NONE_IS_GOOD,
          alerts: ['CapstanBreakerOpen'],
        },
        {
          title: 'Unknown orders',
          about: 'Orders of which nobody knows whether the venue has them.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'sum(max by (account) (capstan_execution_unknown_orders{$w}))' }],
          thresholds: NONE_IS_GOOD,
          alerts: ['CapstanOrderUnknown'],
        },
        {
          title: 'Open drifts',
          about: 'Where the ledger and the broker differ.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'sum(max by (account) (capstan_position_sync_open_drifts{$w}))' }],
          thresholds: NONE_IS_GOOD,
          alerts: ['CapstanDriftOpen'],
        },
        {
          title: 'Keys without an owner',
          about: 'Bots, accounts and feeds that no process works for now.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'sum(1 - max by (namespace, key) (capstan_journal_owned{$w}))' }],
          thresholds: NONE_IS_GOOD,
          alerts: ['CapstanKeyWithoutOwner'],
        },
        {
          title: 'Keys halted',
          about: 'Their input cannot be processed: they stand until a person looks.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'sum(capstan_journal_keys{$w,status="halted"})' }],
          thresholds: NONE_IS_GOOD,
          alerts: ['CapstanKeyHalted'],
        },
        {
          title: 'Without NATS',
          about: 'Processes whose connection to NATS is lost.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'sum(1 - capstan_bus_connected{$w})' }],
          thresholds: NONE_IS_GOOD,
          alerts: ['CapstanBusDisconnected'],
        },
        {
          title: 'Processes',
          about: 'How many answer.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'count(capstan_service_info{$w})' }],
          alerts: ['CapstanServiceMissing', 'CapstanRestarts'],
        },
      ],
    },
    {
      title: 'Flow',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Messages a second',
          about: 'Taken by owners, by role: feed, bot, risk, execution, report, position.',
          unit: 'ops',
          queries: [
            { expr: 'sum by (role) (rate(capstan_journal_messages_total{$w}[$__rate_interval]))' },
          ],
        },
        {
          title: 'Hops, p99',
          about:
            'From a message on the bus to what its reader made of it on the bus. The way of a decision is bot, then risk, then execution.',
          unit: 's',
          queries: [{ expr: p99('capstan_journal_hop_seconds', 'role') }],
          exemplars: true,
        },
        {
          title: 'Input lag, p99',
          about:
            'How long messages waited for their owner. It grows where an owner does not keep up.',
          unit: 's',
          queries: [{ expr: p99('capstan_journal_input_lag_seconds', 'role') }],
          exemplars: true,
          alerts: ['CapstanInputLag'],
        },
        {
          title: 'Steps that fail',
          about: 'The share of steps that ended in an error: the ownership starts over.',
          unit: 'percentunit',
          queries: [
            {
              expr: '1 - sum by (role) (rate(capstan_journal_step_seconds_count{$w,outcome="ok"}[$__rate_interval])) / sum by (role) (rate(capstan_journal_step_seconds_count{$w}[$__rate_interval]))',
            },
          ],
          alerts: ['CapstanKeyFailing'],
        },
        {
          title: 'Not on the bus yet',
          about: 'Messages that are committed and not published.',
          unit: 'none',
          queries: [{ expr: 'sum by (role) (capstan_journal_unpublished_messages{$w})' }],
          alerts: ['CapstanOutboxStuck'],
        },
        {
          title: 'Repeats and gaps',
          about:
            'Messages that came again and were dropped; messages that the bus had lost and the journal gave.',
          unit: 'ops',
          queries: [
            {
              expr: 'sum(rate(capstan_journal_repeats_total{$w}[$__rate_interval]))',
              legend: 'repeats',
            },
            { expr: 'sum(rate(capstan_journal_gaps_total{$w}[$__rate_interval]))', legend: 'gaps' },
          ],
        },
        {
          title: 'Keys by status',
          about: 'Owning, waiting for another owner, loading, failing, halted.',
          kind: 'stack',
          unit: 'none',
          queries: [{ expr: 'sum by (status) (capstan_journal_keys{$w})' }],
        },
        {
          title: 'Alerts raised a minute',
          about: "By kind, as Capstan's own channels tell them.",
          unit: 'none',
          queries: [
            {
              expr: '60 * sum by (kind, level) (rate(capstan_reporting_alerts_total{$w}[$__rate_interval]))',
            },
          ],
          alerts: ['CapstanAlertsUndelivered'],
        },
        {
          title: "Points of markets' days",
          about: 'Pre-market, open, kill times, close, end of day, as they are reached.',
          unit: 'none',
          queries: [
            { expr: 'sum by (calendar, kind) (capstan_reporting_session_events_total{$w})' },
          ],
        },
      ],
    },
    {
      title: 'Gateway',
      width: 8,
      height: 7,
      panels: [
        {
          title: 'Requests a second',
          about: 'Answered, by status: 4xx are the asker’s mistakes, 5xx ours.',
          kind: 'stack',
          unit: 'reqps',
          queries: [
            {
              expr: 'sum by (status) (rate(capstan_gateway_requests_total{$w}[$__rate_interval]))',
            },
          ],
          alerts: ['CapstanGatewayErrors'],
        },
        {
          title: 'Duration, p99',
          about: 'How long answers take, by route.',
          unit: 's',
          queries: [{ expr: p99('capstan_gateway_request_seconds', 'route') }],
          exemplars: true,
        },
        {
          title: 'Viewers',
          about: 'Dashboards that follow live.',
          unit: 'none',
          queries: [{ expr: 'sum(capstan_gateway_viewers{$w})', legend: 'viewers' }],
        },
      ],
    },
    {
      title: 'Processes',
      width: 6,
      height: 7,
      panels: [
        {
          title: 'Cores',
          about: 'Processor time used.',
          unit: 'none',
          decimals: 2,
          queries: [
            {
              expr: `sum by (service) (rate(process_cpu_seconds_total{$w}[$__rate_interval]) ${NAMED})`,
            },
          ],
        },
        {
          title: 'Memory',
          about: 'What processes hold.',
          unit: 'bytes',
          queries: [{ expr: `sum by (service) (process_resident_memory_bytes{$w} ${NAMED})` }],
        },
        {
          title: 'Event loop, p99',
          about: 'How late a process comes to what is next. Leases are renewed each second.',
          unit: 's',
          queries: [{ expr: `max by (service) (nodejs_eventloop_delay_p99_seconds{$w} ${NAMED})` }],
          alerts: ['CapstanEventLoopSlow'],
        },
        {
          title: 'Restarts in an hour',
          about: 'Of processes that keep their address; pods that were replaced are new ones.',
          unit: 'none',
          queries: [
            { expr: `sum by (service) (changes(process_start_time_seconds{$w}[1h]) ${NAMED})` },
          ],
          alerts: ['CapstanRestarts'],
        },
      ],
    },
  ],
};
