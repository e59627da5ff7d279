import type { BusConnection } from '@capstan/bus';
import type { Meter } from '@capstan/ports';
import type { PostgresStoreHandle } from '@capstan/store';

/** What a process measures of its connections. */
export const METRICS = {
  busConnected: 'capstan_bus_connected',
  busReconnects: 'capstan_bus_reconnects',
  connections: 'capstan_store_connections',
  connectionsMax: 'capstan_store_connections_max',
  waiting: 'capstan_store_waiting_calls',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.busConnected]: { help: '1 while NATS is connected.' },
  [METRICS.busReconnects]: { help: 'How often the connection to NATS came back.' },
  [METRICS.connections]: { help: 'Connections to PostgreSQL, by state: busy or idle.' },
  [METRICS.connectionsMax]: { help: 'How many connections to PostgreSQL there may be.' },
  [METRICS.waiting]: { help: 'Calls that wait for a connection to PostgreSQL.' },
} as const;

/** Measures how a process's connections are. */
export function measurePlatform(
  meter: Meter,
  bus: ReturnType<BusConnection['status']>,
  store: ReturnType<PostgresStoreHandle['connections']>,
): void {
  meter.gauge(METRICS.busConnected, bus.connected ? 1 : 0);
  meter.gauge(METRICS.busReconnects, bus.reconnects);
  meter.gauge(METRICS.connections, store.busy, { state: 'busy' });
  meter.gauge(METRICS.connections, store.idle, { state: 'idle' });
  meter.gauge(METRICS.connectionsMax, store.max);
  meter.gauge(METRICS.waiting, store.waiting);
}
