/** What this service measures. */
export const METRICS = {
  bars: 'capstan_market_data_bars_total',
  slices: 'capstan_market_data_slices_total',
  corrections: 'capstan_market_data_corrections_total',
  quotes: 'capstan_market_data_quotes_total',
  conflated: 'capstan_market_data_quotes_conflated_total',
  connected: 'capstan_market_data_connected',
  gaps: 'capstan_market_data_gaps_total',
  stale: 'capstan_market_data_stale',
  underlying: 'capstan_market_data_underlying_dollars',
  clockOffset: 'capstan_market_data_clock_offset_seconds',
  sliceDelay: 'capstan_market_data_slice_delay_seconds',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.bars]: { help: 'Bars published, by feed.' },
  [METRICS.slices]: { help: 'Slices published, by feed.' },
  [METRICS.corrections]: { help: 'Bars published anew as further revisions, by feed.' },
  [METRICS.quotes]: { help: 'Quotes published, by feed.' },
  [METRICS.conflated]: { help: 'Quotes that a later one took the place of, by feed.' },
  [METRICS.connected]: { help: "1 while a live feed's stream is there." },
  [METRICS.gaps]: {
    help: 'How often history gave what no stream had told, the beginning included, by feed.',
  },
  [METRICS.stale]: { help: '1 where nothing came of a live feed for too long in an open market.' },
  [METRICS.underlying]: {
    help: "An underlying's close, session VWAP and mean of nine closes (value: close, vwap, ma9).",
  },
  [METRICS.clockOffset]: { help: "How far our clock and the vendor's are apart at the least." },
  [METRICS.sliceDelay]: {
    help: 'From the end of a slice to its commit, in seconds, by feed.',
    buckets: [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 300],
  },
} as const;
