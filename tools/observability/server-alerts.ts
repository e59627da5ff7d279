import type { AlertGroup } from './alert.ts';

export const SERVER_ALERTS: AlertGroup = {
  name: 'servers',
  about: 'NATS and PostgreSQL, as their own exporters tell: without these nothing here ever fires.',
  alerts: [
    {
      name: 'CapstanNatsStorageFull',
      severity: 'critical',
      for: '5m',
      value:
        'max by (namespace, server_name) (jetstream_server_total_message_bytes / jetstream_server_max_storage)',
      holds: '> 0.8',
      summary:
        'JetStream of {{ $labels.server_name }} has used {{ $value | humanizePercentage }} of its storage.',
      fires: {
        series: {
          'jetstream_server_total_message_bytes{namespace="trade",server_name="n"}': '10 90x20',
          'jetstream_server_max_storage{namespace="trade",server_name="n"}': '100x20',
        },
        atMinutes: 6,
        says: 'JetStream of n has used 90% of its storage.',
        labels: { namespace: 'trade', server_name: 'n' },
      },
      quiet: {
        'jetstream_server_total_message_bytes{namespace="trade",server_name="n"}': '70x20',
        'jetstream_server_max_storage{namespace="trade",server_name="n"}': '100x20',
      },
    },
    {
      name: 'CapstanPostgresDown',
      severity: 'critical',
      for: '1m',
      value: 'min by (namespace, instance) (pg_up)',
      holds: '< 1',
      summary: 'PostgreSQL does not answer its exporter {{ $labels.instance }}: nothing is traded.',
      fires: {
        series: { 'pg_up{namespace="trade",instance="x"}': '1 0x9' },
        atMinutes: 2,
        says: 'PostgreSQL does not answer its exporter x: nothing is traded.',
        labels: { namespace: 'trade', instance: 'x' },
      },
      quiet: { 'pg_up{namespace="trade",instance="x"}': '1 0 1x9' },
    },
    {
      name: 'CapstanPostgresConnections',
      severity: 'warning',
      for: '5m',
      value:
        'sum by (namespace, instance) (pg_stat_activity_count) / max by (namespace, instance) (pg_settings_max_connections)',
      holds: '> 0.8',
      summary:
        '{{ $value | humanizePercentage }} of the connections that PostgreSQL takes are used.',
      fires: {
        series: {
          'pg_stat_activity_count{namespace="trade",instance="x",state="idle"}': '10 90x20',
          'pg_settings_max_connections{namespace="trade",instance="x"}': '100x20',
        },
        atMinutes: 6,
        says: '90% of the connections that PostgreSQL takes are used.',
        labels: { namespace: 'trade', instance: 'x' },
      },
      quiet: {
        'pg_stat_activity_count{namespace="trade",instance="x",state="idle"}': '70x20',
        'pg_settings_max_connections{namespace="trade",instance="x"}': '100x20',
      },
    },
  ],
};
