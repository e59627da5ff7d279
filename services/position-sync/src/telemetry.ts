/** What this service measures. */
export const METRICS = {
  snapshots: 'capstan_position_sync_snapshots_total',
  openDrifts: 'capstan_position_sync_open_drifts',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.snapshots]: { help: 'Snapshots of the broker, by account.' },
  [METRICS.openDrifts]: {
    help: 'Differences between ledger and broker that are open, by account.',
  },
} as const;
