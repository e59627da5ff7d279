import type { Dashboard } from './dashboard.ts';
import { p50, p99, rate } from './promql.ts';

export const MARKET_DATA: Dashboard = {
  uid: 'capstan-market-data',
  title: 'Capstan / Market data',
  about: 'Whether bars come, whole and in time.',
  variables: [{ name: 'feed', label: 'Feed', of: 'capstan_market_data_slices_total' }],
  rows: [
    {
      title: 'Live feeds',
      width: 6,
      height: 5,
      panels: [
        {
          title: 'Stream',
          about: "Whether a live feed's stream is there.",
          kind: 'stat',
          unit: 'none',
          queries: [
            { expr: 'min by (feed) (capstan_market_data_connected{$w})', legend: '{{feed}}' },
          ],
          names: { 0: 'away', 1: 'there' },
          thresholds: [
            [undefined, 'red'],
            [1, 'green'],
          ],
          alerts: ['CapstanFeedDisconnected'],
        },
        {
          title: 'Stale',
          about: 'Nothing came for too long in an open market.',
          kind: 'stat',
          unit: 'none',
          queries: [{ expr: 'max by (feed) (capstan_market_data_stale{$w})', legend: '{{feed}}' }],
          names: { 0: 'fresh', 1: 'stale' },
          thresholds: [
            [undefined, 'green'],
            [1, 'red'],
          ],
          alerts: ['CapstanFeedStale'],
        },
        {
          title: 'Clocks apart',
          about: "How far our clock and the vendor's are apart, at the least.",
          kind: 'stat',
          unit: 's',
          queries: [
            {
              expr: 'max by (feed) (abs(capstan_market_data_clock_offset_seconds{$w}))',
              legend: '{{feed}}',
            },
          ],
          thresholds: [
            [undefined, 'green'],
            [0.5, 'yellow'],
            [2, 'red'],
          ],
          alerts: ['CapstanClocksApart'],
        },
        {
          title: 'Stream lost in an hour',
          about: 'How often it went and came.',
          kind: 'stat',
          unit: 'none',
          queries: [
            {
              expr: 'sum by (feed) (changes(capstan_market_data_connected{$w}[1h]))',
              legend: '{{feed}}',
            },
          ],
          alerts: ['CapstanFeedDisconnected'],
        },
      ],
    },
    {
      title: 'In time',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'End of a slice → committed',
          about: 'Of live feeds: what the vendor takes, and the grace.',
          unit: 's',
          queries: [
            {
              expr: p50('capstan_market_data_slice_delay_seconds', 'feed'),
              legend: '{{feed}} p50',
            },
            {
              expr: p99('capstan_market_data_slice_delay_seconds', 'feed'),
              legend: '{{feed}} p99',
            },
          ],
          exemplars: true,
          alerts: ['CapstanSlicesLate'],
        },
        {
          title: 'Committed → on the bus, p99',
          about: 'From the commit of a slice to the bus having it.',
          unit: 's',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le) (rate(capstan_journal_publish_seconds_bucket{$n,role="feed"}[$__rate_interval])))',
              legend: 'feeds',
            },
          ],
          exemplars: true,
        },
        {
          title: 'On the bus → bots, p99',
          about: 'How long bars waited for their bots.',
          unit: 's',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le) (rate(capstan_journal_input_lag_seconds_bucket{$n,role="bot"}[$__rate_interval])))',
              legend: 'bots',
            },
          ],
          exemplars: true,
          alerts: ['CapstanInputLag'],
        },
      ],
    },
    {
      title: 'What comes',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Bars a second',
          about: 'Published, by feed.',
          unit: 'none',
          queries: [{ expr: rate('capstan_market_data_bars_total', 'feed') }],
        },
        {
          title: 'Slices a minute',
          about: 'A feed of one-minute bars has one a minute while its market is open.',
          unit: 'none',
          queries: [{ expr: `60 * ${rate('capstan_market_data_slices_total', 'feed')}` }],
          alerts: ['CapstanFeedStale'],
        },
        {
          title: 'Gaps filled, bars corrected',
          about:
            'How often history gave what no stream had told, the beginning included; bars that the vendor told anew.',
          unit: 'none',
          queries: [
            {
              expr: 'sum by (feed) (increase(capstan_market_data_gaps_total{$w}[1h]))',
              legend: '{{feed}} gaps in an hour',
            },
            {
              expr: 'sum by (feed) (increase(capstan_market_data_corrections_total{$w}[1h]))',
              legend: '{{feed}} corrections in an hour',
            },
          ],
        },
        {
          title: 'Quotes a second',
          about: 'Published, and those that a later one took the place of first.',
          unit: 'none',
          queries: [
            { expr: rate('capstan_market_data_quotes_total', 'feed'), legend: '{{feed}}' },
            {
              expr: rate('capstan_market_data_quotes_conflated_total', 'feed'),
              legend: '{{feed}} conflated',
            },
          ],
        },
      ],
    },
  ],
};
