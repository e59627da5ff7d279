/** What this service measures. */
export const METRICS = {
  slices: 'capstan_signal_slices_total',
  signals: 'capstan_signal_signals_total',
  crashes: 'capstan_signal_bot_crashes_total',
} as const;
