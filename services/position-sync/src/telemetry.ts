/** What this service measures. */
export const METRICS = {
  snapshots: 'capstan_position_sync_snapshots_total',
  openDrifts: 'capstan_position_sync_open_drifts',
  foreignOrders: 'capstan_position_sync_foreign_orders',
  recoveries: 'capstan_position_sync_recoveries_total',
  activities: 'capstan_position_sync_activities_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.snapshots]: { help: 'Snapshots of the broker, by account.' },
  [METRICS.openDrifts]: {
    help: 'Differences between ledger and broker that are open, by account.',
  },
  [METRICS.foreignOrders]: {
    help: 'Orders that work at the venue and are none of ours, by account.',
  },
  [METRICS.recoveries]: {
    help: "How often execution was asked to read its venue's events again, by account.",
  },
  [METRICS.activities]: {
    help: 'Corporate actions and cash without a trade that were booked, by account and kind.',
  },
} as const;
