export { bracketBreakout } from './bracket-breakout.ts';
export { type Combination, combine, type Member } from './combine.ts';
export type { Crossing } from './crossing.ts';
export { type CrossingValues, crossingDirections } from './crossing-directions.ts';
export { defineStrategy } from './define-strategy.ts';
export {
  describeStrategy,
  type ParameterDescription,
  parametersSchema,
  type StrategyDescription,
  strategyWarmup,
} from './describe.ts';
export { donchianBreakout } from './donchian-breakout.ts';
export { ensemble } from './ensemble.ts';
export { STRATEGY_ERRORS, type StrategyErrorCode } from './error-codes.ts';
export {
  BAR_FIELDS,
  type BarField,
  type BarNode,
  type GraphValues,
  graphNeedsSession,
  graphPart,
  graphReferences,
  graphTimeframes,
  graphWarmup,
  type IndicatorGraph,
  type IndicatorNode,
  nodeKey,
  nodeWarmup,
  ofBars,
  ofField,
  ofNode,
  ofSymbol,
  type ValueNode,
} from './graph.ts';
export { alignColumn, type GraphColumnsInput, graphColumns } from './graph-columns.ts';
export { type GraphState, GraphStream } from './graph-stream.ts';
export { historyBars } from './history-bars.ts';
export { frozenState, type JsonValue } from './json-value.ts';
export { maCross } from './ma-cross.ts';
export { marketFilter } from './market-filter.ts';
export { momentum } from './momentum.ts';
export { multiTimeframeCross } from './multi-timeframe-cross.ts';
export { didYouMean, editDistance, nearestNames } from './nearest.ts';
export {
  OPINION,
  type OpinionColumns,
  targetAt,
  targetsInOrder,
  turnOf,
} from './opinion-columns.ts';
export type {
  BooleanParameter,
  ChoiceParameter,
  IntegerParameter,
  NumberParameter,
  Parameter,
  Parameters,
  ParameterValue,
  ParameterValues,
  SymbolParameter,
} from './parameter.ts';
export { priceText } from './price-text.ts';
export { BUILT_IN_STRATEGIES, StrategyRegistry } from './registry.ts';
export { type ResolvedParameters, resolveParameters } from './resolve-parameters.ts';
export { rsiReversion } from './rsi-reversion.ts';
export {
  allowedSide,
  FLAT_SIDE,
  nextSide,
  SIDES,
  type SideSignals,
  type SideState,
  targetOfSide,
} from './side.ts';
export type {
  ColumnsContext,
  DecisionContext,
  GraphColumns,
  Strategy,
  StrategyDefinition,
} from './strategy.ts';
export { type ReadingBot, symbolsHeard, symbolsRead } from './symbols-read.ts';
export { checkTarget, reasonText, sameTarget, type Target } from './target.ts';
export { threeDayMomentum } from './three-day-momentum.ts';
export { vwapAtr } from './vwap-atr.ts';
export { vwapMa9Cross } from './vwap-ma9-cross.ts';
