import type { Dashboard, Panel, Thresholds } from './dashboard.ts';
import { quantile, quantileOf, rate } from './promql.ts';

const ABOVE_ZERO: Thresholds = [
  [undefined, 'green'],
  [1, 'red'],
];
const KILL = { 0: 'off', 1: 'soft', 2: 'hard' } as const;

/** What lies between a bar and its fill, one line a hop. */
function hops(q: number, title: string): Panel {
  const account = (histogram: string) => quantile(q, histogram);
  return {
    title,
    about:
      'Where the time goes between a bar and its fill. The first three are measured at the bus, the others in execution. The market says when an order is filled: that hop is in the panel beside.',
    unit: 's',
    exemplars: true,
    queries: [
      {
        expr: quantileOf(q, 'capstan_journal_publish_seconds', 'role="feed"'),
        legend: 'bar committed → on the bus',
      },
      { expr: quantileOf(q, 'capstan_journal_hop_seconds', 'role="bot"'), legend: 'bar → signal' },
      {
        expr: quantileOf(q, 'capstan_journal_hop_seconds', 'role="risk"'),
        legend: 'signal → approved',
      },
      { expr: account('capstan_execution_send_delay_seconds'), legend: 'approved → sent' },
      { expr: account('capstan_execution_submit_seconds'), legend: 'sent → accepted' },
    ],
    alerts: ['CapstanDecisionsSlow', 'CapstanVenueSlow'],
  };
}

export const TRADING: Dashboard = {
  uid: 'capstan-trading',
  title: 'Capstan / Trading',
  about: 'What accounts are worth, what they hold and do, and how fast.',
  variables: [{ name: 'account', label: 'Account', of: 'capstan_risk_equity' }],
  rows: [
    {
      title: 'Money',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Equity',
          about: 'Cash and what is held at the last prices, by account.',
          unit: 'none',
          decimals: 2,
          queries: [
            {
              expr: 'max by (account) (capstan_reporting_equity{$w,bot="*"})',
              legend: '{{account}}',
            },
          ],
        },
        {
          title: 'Profit by bot',
          about: 'Realised and unrealised since the beginning.',
          unit: 'none',
          decimals: 2,
          queries: [
            {
              expr: 'sum by (account, bot) (max by (account, bot, kind) (capstan_reporting_profit{$w,bot!="*"}))',
              legend: '{{account}} {{bot}}',
            },
          ],
        },
        {
          title: 'Below the highest of a day',
          about: 'How far equity is below its highest of the last 24 hours.',
          unit: 'percentunit',
          queries: [
            {
              expr: '1 - max by (account) (capstan_reporting_equity{$w,bot="*"}) / max by (account) (max_over_time(capstan_reporting_equity{$w,bot="*"}[1d]))',
              legend: '{{account}}',
            },
          ],
          alerts: ['CapstanEquityFalls'],
        },
        {
          title: 'Gross exposure',
          about: 'The worst with all orders out, as risk counts it.',
          unit: 'none',
          decimals: 0,
          queries: [
            { expr: 'max by (account) (capstan_risk_gross_exposure{$w})', legend: '{{account}}' },
          ],
        },
        {
          title: 'Gross exposure to equity',
          about: '1 is all of the equity.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'max by (account) (capstan_risk_gross_exposure{$w}) / max by (account) (capstan_risk_equity{$w})',
              legend: '{{account}}',
            },
          ],
        },
        {
          title: 'Profit by kind, fees',
          about: 'Of whole accounts, since the beginning.',
          unit: 'none',
          decimals: 2,
          queries: [
            {
              expr: 'max by (account, kind) (capstan_reporting_profit{$w,bot="*"})',
              legend: '{{account}} {{kind}}',
            },
            {
              expr: 'max by (account) (capstan_reporting_fees{$w,bot="*"})',
              legend: '{{account}} fees',
            },
          ],
        },
      ],
    },
    {
      title: 'Safety',
      width: 6,
      height: 6,
      panels: [
        {
          title: 'Kill switch',
          about: 'Soft: nothing is added. Hard: what is open is cancelled and closed.',
          kind: 'stat',
          unit: 'none',
          queries: [
            { expr: 'max by (account) (capstan_execution_kill_switch{$w})', legend: '{{account}}' },
          ],
          names: KILL,
          thresholds: [
            [undefined, 'green'],
            [1, 'orange'],
            [2, 'red'],
          ],
          alerts: ['CapstanKillSwitchThrown'],
        },
        {
          title: 'Breaker',
          about: 'Open after so many failures of the venue in a row: nothing is added.',
          kind: 'stat',
          unit: 'none',
          queries: [
            {
              expr: 'max by (account) (capstan_execution_breaker_open{$w})',
              legend: '{{account}}',
            },
          ],
          names: { 0: 'closed', 1: 'open' },
          thresholds: ABOVE_ZERO,
          alerts: ['CapstanBreakerOpen'],
        },
        {
          title: 'Drift',
          about:
            'Differences between ledger and broker that are open; nothing is added to their symbols.',
          unit: 'none',
          queries: [
            {
              expr: 'max by (account) (capstan_position_sync_open_drifts{$w})',
              legend: '{{account}}',
            },
          ],
          thresholds: ABOVE_ZERO,
          alerts: ['CapstanDriftOpen'],
        },
        {
          title: 'UNKNOWN orders',
          about: 'Whether the venue has them is not known; their symbols are held until it is.',
          unit: 'none',
          queries: [
            {
              expr: 'max by (account) (capstan_execution_unknown_orders{$w})',
              legend: '{{account}}',
            },
          ],
          thresholds: ABOVE_ZERO,
          alerts: ['CapstanOrderUnknown'],
        },
      ],
    },
    {
      title: 'Orders',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Orders a minute, by what became of them',
          about: 'Changes of state, as execution commits them.',
          kind: 'stack',
          unit: 'none',
          queries: [{ expr: `60 * ${rate('capstan_execution_orders_total', 'state')}` }],
        },
        {
          title: 'Working',
          about: 'Orders that have not ended.',
          unit: 'none',
          queries: [
            {
              expr: 'max by (account) (capstan_execution_working_orders{$w})',
              legend: '{{account}}',
            },
          ],
        },
        {
          title: 'Fills a minute',
          about: 'Busts and corrections are of their own kind.',
          unit: 'none',
          queries: [{ expr: `60 * ${rate('capstan_execution_fills_total', 'account', 'kind')}` }],
        },
        {
          title: 'Approvals and denials a minute',
          about: 'What risk decided.',
          unit: 'none',
          queries: [
            { expr: `60 * ${rate('capstan_risk_approvals_total')}`, legend: 'approved' },
            { expr: `60 * ${rate('capstan_risk_denials_total')}`, legend: 'denied' },
          ],
          alerts: ['CapstanDenialsHigh'],
        },
        {
          title: 'Denials a minute, by policy',
          about: 'Which limit it was.',
          kind: 'stack',
          unit: 'none',
          queries: [{ expr: `60 * ${rate('capstan_risk_denials_total', 'policy')}` }],
          alerts: ['CapstanDenialsHigh'],
        },
        {
          title: 'Without a clear answer',
          about: 'Calls to the venue that failed or took too long, by call.',
          unit: 'none',
          queries: [{ expr: `60 * ${rate('capstan_execution_unclear_total', 'call', 'code')}` }],
          alerts: ['CapstanBreakerOpen', 'CapstanOrderUnknown'],
        },
      ],
    },
    {
      title: 'Latency by hop',
      width: 12,
      height: 9,
      panels: [
        hops(0.5, 'A decision’s way, p50'),
        hops(0.99, 'A decision’s way, p99'),
        {
          title: 'Decision → fill, by the market’s time',
          about: 'How long orders wait for the market.',
          unit: 's',
          queries: [
            {
              expr: quantile(0.5, 'capstan_execution_fill_seconds', 'account'),
              legend: '{{account}} p50',
            },
            {
              expr: quantile(0.99, 'capstan_execution_fill_seconds', 'account'),
              legend: '{{account}} p99',
            },
          ],
        },
        {
          title: 'Transactions, p99',
          about: 'What a decision waits for in each of its hops.',
          unit: 's',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, role) (rate(capstan_journal_commit_seconds_bucket{$n}[$__rate_interval])))',
              legend: '{{role}}',
            },
          ],
          exemplars: true,
          alerts: ['CapstanCommitsSlow'],
        },
      ],
    },
    {
      title: 'Bots',
      width: 8,
      height: 7,
      panels: [
        {
          title: 'Signals a minute',
          about: 'Given by bots: changes of opinion.',
          unit: 'none',
          queries: [
            {
              expr: '60 * sum by (bot) (rate(capstan_signal_signals_total{$n}[$__rate_interval]))',
            },
          ],
        },
        {
          title: 'Slices a second',
          about: 'Stepped by bots, decided by risk, dealt with by execution.',
          unit: 'none',
          queries: [
            {
              expr: 'sum(rate(capstan_signal_slices_total{$n}[$__rate_interval]))',
              legend: 'bots',
            },
            { expr: rate('capstan_risk_slices_total'), legend: 'risk' },
            { expr: rate('capstan_execution_slices_total'), legend: 'execution' },
          ],
        },
        {
          title: 'Crashes in an hour',
          about: 'A bot that crashed starts again from history after a while.',
          unit: 'none',
          queries: [{ expr: 'sum by (bot) (increase(capstan_signal_bot_crashes_total{$n}[1h]))' }],
          alerts: ['CapstanBotCrashed'],
        },
      ],
    },
    {
      title: 'Against the broker',
      width: 8,
      height: 7,
      panels: [
        {
          title: 'Snapshots a minute',
          about: 'How often position-sync asks the broker what is there.',
          unit: 'none',
          queries: [{ expr: `60 * ${rate('capstan_position_sync_snapshots_total', 'account')}` }],
          alerts: ['CapstanSnapshotsStopped'],
        },
        {
          title: 'Orders that are none of ours',
          about: 'They work at the venue, and Capstan did not send them.',
          unit: 'none',
          queries: [{ expr: 'max by (account) (capstan_position_sync_foreign_orders{$w})' }],
          alerts: ['CapstanForeignOrders'],
        },
        {
          title: 'Sessions replayed: differences, unexplained',
          about:
            'In how much the last session differs from its replay by the pure core. Empty until a session has ended.',
          unit: 'none',
          queries: [
            {
              expr: 'max by (account) (capstan_reporting_replay_differences{$w})',
              legend: '{{account}} differences',
            },
            {
              expr: 'max by (account) (capstan_reporting_replay_unexplained{$w})',
              legend: '{{account}} unexplained',
            },
          ],
          alerts: ['CapstanReplayUnexplained'],
        },
      ],
    },
  ],
};
