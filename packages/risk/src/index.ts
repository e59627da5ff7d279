export { type ApprovedOrder, isApproved, type ReducingOrder } from './approved-order.ts';
export {
  type Breaker,
  breakerReason,
  closedBreaker,
  decodeBreaker,
  encodeBreaker,
} from './breaker.ts';
export { type DailyLoss, dailyLossLimitMicros, watchesDailyLoss } from './daily-loss.ts';
export { RISK_ERRORS } from './error-codes.ts';
export { approveReduction, type Evaluation, evaluate, REDUCTION_POLICY } from './evaluate.ts';
export {
  bufferMicros,
  type Exposure,
  exposureMicros,
  exposureWith,
  intentPriceNanos,
  worstQuantity,
} from './exposure.ts';
export { KILL_MODES, KILL_OFF, type KillMode, type KillSwitch } from './kill-switch.ts';
export {
  checkLimits,
  DEFAULT_LIMITS,
  ENTRY_TIMINGS,
  type EntryTiming,
  POLICY_NAMES,
  type PolicyName,
  type RiskLimits,
} from './limits.ts';
export type { Policy, Refusal } from './policy.ts';
export type { RiskView } from './risk-view.ts';
