export { PORTFOLIO_ERRORS } from './error-codes.ts';
export { affordableLots, lessCommission, positionSize, type SizeInputs } from './full-size.ts';
export { EQUITY_FRACTION_MAX } from './limits.ts';
export { SIZING_POLICY, type SizeRequest, type Sizing, sizeSignal } from './size-signal.ts';
export { checkSizing, type SizingRule } from './sizing-rule.ts';
