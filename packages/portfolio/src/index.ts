export { allocate, type Candidate, type Weight } from './allocate.ts';
export { PORTFOLIO_ERRORS } from './error-codes.ts';
export { affordableLots, lessCommission, positionSize, type SizeInputs } from './full-size.ts';
export {
  type Change,
  type Changes,
  type ChangesRequest,
  type Holding,
  planChanges,
  type Refusal,
} from './plan-changes.ts';
export {
  checkPortfolio,
  type PortfolioRule,
  type RebalanceRule,
  type WeightRule,
} from './portfolio-rule.ts';
export { SIZING_POLICY, type SizeRequest, type Sizing, sizeSignal } from './size-signal.ts';
export { checkSizing, type SizingRule } from './sizing-rule.ts';
