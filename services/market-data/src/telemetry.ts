/** What this service measures. */
export const METRICS = {
  bars: 'capstan_market_data_bars_total',
  slices: 'capstan_market_data_slices_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.bars]: { help: 'Bars published, by feed.' },
  [METRICS.slices]: { help: 'Slices published, by feed.' },
} as const;
