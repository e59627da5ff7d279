/** What this service measures. */
export const METRICS = {
  slices: 'capstan_signal_slices_total',
  signals: 'capstan_signal_signals_total',
  crashes: 'capstan_signal_bot_crashes_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.slices]: { help: 'Slices stepped, by bot.' },
  [METRICS.signals]: { help: 'Signals given, by bot.' },
  [METRICS.crashes]: { help: 'Crashes, by bot.' },
} as const;
