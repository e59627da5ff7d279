/** What this service measures. */
export const METRICS = {
  bars: 'capstan_market_data_bars_total',
  slices: 'capstan_market_data_slices_total',
} as const;
