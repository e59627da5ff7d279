import type { AlertGroup } from './alert.ts';

const FEED = { feed: 'bars', namespace: 'trade' } as const;
const of = (metric: string, more = ''): string => `${metric}{namespace="trade",feed="bars"${more}}`;

export const MARKET_DATA_ALERTS: AlertGroup = {
  name: 'market-data',
  about: 'What keeps bars from coming whole and in time.',
  alerts: [
    {
      name: 'CapstanFeedStale',
      severity: 'critical',
      for: '1m',
      value: 'max by (namespace, feed) (capstan_market_data_stale)',
      holds: '> 0',
      summary:
        'Nothing comes of the feed {{ $labels.feed }} in an open market: its bots stand still.',
      fires: {
        series: { [of('capstan_market_data_stale')]: '0 0 1x5' },
        atMinutes: 3,
        says: 'Nothing comes of the feed bars in an open market: its bots stand still.',
        labels: FEED,
      },
      quiet: { [of('capstan_market_data_stale')]: '0 0 1 0x5' },
    },
    {
      name: 'CapstanFeedDisconnected',
      severity: 'warning',
      for: '2m',
      value: 'max by (namespace, feed) (capstan_market_data_connected)',
      holds: '< 1',
      summary: 'The stream of the feed {{ $labels.feed }} is away; history stands in for it.',
      fires: {
        series: { [of('capstan_market_data_connected')]: '1 1 0x9' },
        atMinutes: 4,
        says: 'The stream of the feed bars is away; history stands in for it.',
        labels: FEED,
      },
      quiet: { [of('capstan_market_data_connected')]: '1 1 0 1x9' },
    },
    {
      name: 'CapstanSlicesLate',
      severity: 'warning',
      for: '10m',
      value:
        'histogram_quantile(0.9, sum by (namespace, feed, le) (rate(capstan_market_data_slice_delay_seconds_bucket[10m])))',
      holds: '> 10',
      summary:
        'Slices of the feed {{ $labels.feed }} are committed {{ $value | humanizeDuration }} after their end (p90).',
      fires: {
        series: {
          [of('capstan_market_data_slice_delay_seconds_bucket', ',le="10"')]: '0x40',
          [of('capstan_market_data_slice_delay_seconds_bucket', ',le="15"')]: '0+1x40',
          [of('capstan_market_data_slice_delay_seconds_bucket', ',le="+Inf"')]: '0+1x40',
        },
        atMinutes: 11,
        says: 'Slices of the feed bars are committed 14.5s after their end (p90).',
        labels: FEED,
      },
      quiet: {
        [of('capstan_market_data_slice_delay_seconds_bucket', ',le="10"')]: '0+1x40',
        [of('capstan_market_data_slice_delay_seconds_bucket', ',le="15"')]: '0+1x40',
        [of('capstan_market_data_slice_delay_seconds_bucket', ',le="+Inf"')]: '0+1x40',
      },
    },
    {
      name: 'CapstanClocksApart',
      severity: 'warning',
      for: '5m',
      value: 'max by (namespace, feed) (abs(capstan_market_data_clock_offset_seconds))',
      holds: '> 1',
      summary:
        'Our clock and that of the feed {{ $labels.feed }} are {{ $value | humanizeDuration }} apart.',
      fires: {
        series: { [of('capstan_market_data_clock_offset_seconds')]: '0 -3x20' },
        atMinutes: 6,
        says: 'Our clock and that of the feed bars are 3s apart.',
        labels: FEED,
      },
      quiet: { [of('capstan_market_data_clock_offset_seconds')]: '0.4x20' },
    },
  ],
};
