/** What this service measures. */
export const METRICS = {
  orders: 'capstan_paper_exchange_orders_total',
  slices: 'capstan_paper_exchange_slices_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.orders]: { help: 'Orders answered, by answer.' },
  [METRICS.slices]: { help: 'Slices matched, by feed.' },
} as const;
