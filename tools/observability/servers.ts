import type { Dashboard } from './dashboard.ts';
import { p50, p99 } from './promql.ts';

export const SERVERS: Dashboard = {
  uid: 'capstan-servers',
  title: 'Capstan / NATS and PostgreSQL',
  about:
    'What the services see of both, and what both tell of themselves. The second needs exporters: prometheus-nats-exporter with -varz and -jsz=all, and postgres_exporter.',
  variables: [],
  rows: [
    {
      title: 'As services see them',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Transactions',
          about: 'Steps of owners, from the call to the answer.',
          unit: 's',
          queries: [
            { expr: p50('capstan_journal_commit_seconds'), legend: 'p50' },
            { expr: p99('capstan_journal_commit_seconds'), legend: 'p99' },
          ],
          exemplars: true,
          alerts: ['CapstanCommitsSlow'],
        },
        {
          title: 'Committed → on the bus',
          about: 'What NATS takes to store and acknowledge.',
          unit: 's',
          queries: [
            { expr: p50('capstan_journal_publish_seconds'), legend: 'p50' },
            { expr: p99('capstan_journal_publish_seconds'), legend: 'p99' },
          ],
          exemplars: true,
        },
        {
          title: 'Connections to PostgreSQL',
          about: 'Of all services; as many as there may be.',
          unit: 'none',
          queries: [
            { expr: 'sum by (state) (capstan_store_connections{$w})' },
            { expr: 'sum(capstan_store_connections_max{$w})', legend: 'max' },
          ],
        },
        {
          title: 'Calls that wait for a connection',
          about: 'Above 0 for long: the pool is too small, or PostgreSQL too slow.',
          unit: 'none',
          queries: [{ expr: 'sum by (job) (capstan_store_waiting_calls{$w})' }],
          alerts: ['CapstanPoolExhausted'],
        },
        {
          title: 'Connected to NATS',
          about: 'Processes that are, and that are not.',
          unit: 'none',
          queries: [
            { expr: 'sum(capstan_bus_connected{$w})', legend: 'connected' },
            { expr: 'sum(1 - capstan_bus_connected{$w})', legend: 'not' },
          ],
          alerts: ['CapstanBusDisconnected'],
        },
        {
          title: 'Reconnects in an hour',
          about: 'How often connections to NATS came back.',
          unit: 'none',
          queries: [{ expr: 'sum(changes(capstan_bus_reconnects{$w}[1h]))', legend: 'reconnects' }],
        },
      ],
    },
    {
      title: 'NATS (needs prometheus-nats-exporter)',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Messages a second',
          about: 'In and out, of the server.',
          unit: 'ops',
          queries: [
            { expr: 'sum(rate(gnatsd_varz_in_msgs{$w}[$__rate_interval]))', legend: 'in' },
            { expr: 'sum(rate(gnatsd_varz_out_msgs{$w}[$__rate_interval]))', legend: 'out' },
          ],
        },
        {
          title: 'Connections, slow consumers',
          about: 'A slow consumer is cut off; it comes back and reads on.',
          unit: 'none',
          queries: [
            { expr: 'sum(gnatsd_varz_connections{$w})', legend: 'connections' },
            { expr: 'sum(gnatsd_varz_slow_consumers{$w})', legend: 'slow consumers' },
          ],
        },
        {
          title: 'Storage used',
          about: 'Of what JetStream may store. Full, it takes no message more.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'max by (server_name) (jetstream_server_total_message_bytes{$w} / jetstream_server_max_storage{$w})',
            },
          ],
          thresholds: [
            [undefined, 'green'],
            [0.8, 'red'],
          ],
          alerts: ['CapstanNatsStorageFull'],
        },
        {
          title: 'Stored, by stream',
          about: 'What each stream takes of the disk.',
          kind: 'stack',
          unit: 'bytes',
          queries: [{ expr: 'max by (stream_name) (jetstream_stream_total_bytes{$w})' }],
        },
        {
          title: 'Messages a second, by stream',
          about: 'As they are stored.',
          unit: 'ops',
          queries: [
            {
              expr: 'max by (stream_name) (rate(jetstream_stream_last_seq{$w}[$__rate_interval]))',
            },
          ],
        },
        {
          title: 'Memory',
          about: 'Of the server.',
          unit: 'bytes',
          queries: [{ expr: 'max by (server_id) (gnatsd_varz_mem{$w})' }],
        },
      ],
    },
    {
      title: 'PostgreSQL (needs postgres_exporter)',
      width: 8,
      height: 8,
      panels: [
        {
          title: 'Transactions a second',
          about: 'Committed, and rolled back.',
          unit: 'ops',
          queries: [
            {
              expr: 'sum(rate(pg_stat_database_xact_commit{$w}[$__rate_interval]))',
              legend: 'committed',
            },
            {
              expr: 'sum(rate(pg_stat_database_xact_rollback{$w}[$__rate_interval]))',
              legend: 'rolled back',
            },
          ],
        },
        {
          title: 'Connections',
          about: 'Of as many as the server takes.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'sum(pg_stat_activity_count{$w}) / max(pg_settings_max_connections{$w})',
              legend: 'used',
            },
          ],
          thresholds: [
            [undefined, 'green'],
            [0.8, 'red'],
          ],
          alerts: ['CapstanPostgresConnections'],
        },
        {
          title: 'Longest transaction',
          about: 'One that stays open keeps old rows from being removed.',
          unit: 's',
          queries: [{ expr: 'max by (datname) (pg_stat_activity_max_tx_duration{$w})' }],
        },
        {
          title: 'Size',
          about: 'Of each database on the disk.',
          unit: 'bytes',
          queries: [{ expr: 'max by (datname) (pg_database_size_bytes{$w})' }],
        },
        {
          title: 'Read from memory',
          about: 'The share of blocks that were in the cache.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'sum(rate(pg_stat_database_blks_hit{$w}[$__rate_interval])) / (sum(rate(pg_stat_database_blks_hit{$w}[$__rate_interval])) + sum(rate(pg_stat_database_blks_read{$w}[$__rate_interval])))',
              legend: 'hits',
            },
          ],
        },
        {
          title: 'Deadlocks in an hour',
          about: 'There should be none.',
          unit: 'none',
          queries: [
            { expr: 'sum(increase(pg_stat_database_deadlocks{$w}[1h]))', legend: 'deadlocks' },
          ],
        },
      ],
    },
  ],
};
