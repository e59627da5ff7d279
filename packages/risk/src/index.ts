export {
  type ApprovedOrder,
  divideOrder,
  isApproved,
  type ReducingOrder,
} from './approved-order.ts';
export {
  type Breaker,
  breakerReason,
  closedBreaker,
  decodeBreaker,
  encodeBreaker,
} from './breaker.ts';
export { checkLimits, type LimitsProblem, scopeText } from './check-limits.ts';
export { type ClosingRule, closingRules } from './closing-rules.ts';
export {
  decodeConditions,
  encodeConditions,
  type KnownConditions,
  type MarketConditions,
} from './conditions.ts';
export {
  type DailyLoss,
  dailyLossLimitMicros,
  limitsDailyLoss,
  watchesDailyLoss,
} from './daily-loss.ts';
export {
  DRIFTED_CASH,
  decodeDrifts,
  driftReason,
  encodeDrifts,
  foreignCash,
  foreignDebitMicros,
  type OpenDrift,
  type OpenDrifts,
  realDrifts,
  UNOPENED,
} from './drift.ts';
export { RISK_ERRORS } from './error-codes.ts';
export {
  approveReduction,
  type Evaluation,
  evaluate,
  REDUCTION_POLICY,
  type Resized,
} from './evaluate.ts';
export {
  bufferMicros,
  type Exposure,
  exposureMicros,
  exposureWith,
  intentPriceNanos,
  worstQuantity,
} from './exposure.ts';
export { KILL_MODES, KILL_OFF, type KillMode, type KillSwitch } from './kill-switch.ts';
export { LIMIT_KEYS, type LimitKey, ruleOf } from './limit-keys.ts';
export type { LimitKind } from './limit-kinds.ts';
export { type LimitNeeds, limitNeeds } from './limit-needs.ts';
export { type AppliedLimits, limitsFor } from './limit-scope.ts';
export {
  BPS_PARTS,
  CLOCK_OFFSET_WARN_US,
  CROSSINGS,
  type Crossing,
  DEFAULT_LIMITS,
  dayCalendar,
  ENTRY_TIMINGS,
  type EntryTiming,
  FLAT_BY,
  type FlatBy,
  MARKET_BEFORE_CLOSE_MINUTES,
  POLICY_NAMES,
  type PolicyName,
  type RiskLimits,
  type Scope,
  type ScopedLimits,
  type ScopeLimits,
} from './limits.ts';
export { POLICIES } from './policies/all-policies.ts';
export { executesAt } from './policies/market-hours.ts';
export type { Policy, Refusal } from './policy.ts';
export {
  changeLimits,
  type LimitFields,
  type LimitsChange,
  limitFields,
  type ReadLimits,
  readLimits,
  tryLimits,
} from './read-limits.ts';
export type { RiskView } from './risk-view.ts';
export { closesByTime, type OutsideWindow, outsideWindow } from './session-window.ts';
export {
  type Counted,
  type Proceeds,
  type RecentOrder,
  RiskTally,
  type TallyState,
  type TallyView,
} from './tally.ts';
