/** What this service measures. */
export const METRICS = {
  orders: 'capstan_paper_exchange_orders_total',
  slices: 'capstan_paper_exchange_slices_total',
} as const;
