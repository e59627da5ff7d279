/** What this service measures. */
export const METRICS = {
  equity: 'capstan_reporting_equity',
  profit: 'capstan_reporting_profit',
  fees: 'capstan_reporting_fees',
  points: 'capstan_reporting_points_total',
  alerts: 'capstan_reporting_alerts_total',
  alertMessages: 'capstan_reporting_alert_messages_total',
  replayDifferences: 'capstan_reporting_replay_differences',
  replayUnexplained: 'capstan_reporting_replay_unexplained',
  replaysFailed: 'capstan_reporting_replays_failed_total',
  sessionEvents: 'capstan_reporting_session_events_total',
  rowsRemoved: 'capstan_reporting_rows_removed_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.equity]: {
    help: 'Equity at the last slice in currency units, by account and bot (* is the whole account).',
  },
  [METRICS.profit]: {
    help: 'Profit since the beginning at the last slice, in currency units, by account, bot and kind: realised, unrealised.',
  },
  [METRICS.fees]: {
    help: 'Commission and fees paid since the beginning, in currency units, by account and bot.',
  },
  [METRICS.points]: { help: 'Equity points written, by account.' },
  [METRICS.alerts]: { help: 'Alerts raised, repeats too, by kind and level.' },
  [METRICS.replayDifferences]: {
    help: 'In how much live differs from the replay of the last session, by account.',
  },
  [METRICS.replayUnexplained]: {
    help: 'Of those differences, the ones of which nobody knows why, by account.',
  },
  [METRICS.replaysFailed]: { help: 'Sessions that could not be replayed.' },
  [METRICS.sessionEvents]: {
    help: "Points of markets' days that were reached, by calendar and kind.",
  },
  [METRICS.rowsRemoved]: { help: 'Old rows removed, by kind.' },
  [METRICS.alertMessages]: { help: 'Messages to alert channels, by channel and result.' },
} as const;
