/** What this service measures. All carry the label account. */
export const METRICS = {
  slices: 'capstan_risk_slices_total',
  approvals: 'capstan_risk_approvals_total',
  /** Also by policy. */
  denials: 'capstan_risk_denials_total',
  equity: 'capstan_risk_equity',
  gross: 'capstan_risk_gross_exposure',
  killSwitch: 'capstan_risk_kill_switch',
  breakerOpen: 'capstan_risk_breaker_open',
  openDrifts: 'capstan_risk_open_drifts',
  clockOffset: 'capstan_risk_clock_offset_seconds',
} as const;

/** What the metrics page says of them. */
export const INSTRUMENTS = {
  [METRICS.slices]: { help: 'Slices passed on, by account.' },
  [METRICS.approvals]: { help: 'Orders approved, by account.' },
  [METRICS.denials]: { help: 'Denials, by account and policy.' },
  [METRICS.equity]: { help: 'Equity at the last marks, in currency units.' },
  [METRICS.gross]: { help: 'Worst gross exposure with all orders out, in currency units.' },
  [METRICS.killSwitch]: { help: 'The kill switch: 0 off, 1 soft, 2 hard.' },
  [METRICS.breakerOpen]: {
    help: "The account's breaker, as execution tells it: 0 closed, 1 open.",
  },
  [METRICS.clockOffset]: { help: "How far our clock and the venue's are apart, at the least." },
  [METRICS.openDrifts]: { help: 'Open drifts by which risk holds symbols.' },
} as const;
