/** What this service measures. */
export const METRICS = {
  /** Labels: account. */
  slices: 'capstan_risk_slices_total',
  /** Labels: account. */
  approvals: 'capstan_risk_approvals_total',
  /** Labels: account, policy. */
  denials: 'capstan_risk_denials_total',
  /** Labels: account. In currency units. */
  equity: 'capstan_risk_equity',
  /** Labels: account. In currency units. */
  gross: 'capstan_risk_gross_exposure',
  /** Labels: account. 0 off, 1 soft, 2 hard. */
  killSwitch: 'capstan_risk_kill_switch',
} as const;
