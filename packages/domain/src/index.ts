export {
  type Bar,
  type BarSlice,
  barProblem,
  intradayEndUs,
  TIMEFRAMES,
  type Timeframe,
  timeframeUs,
} from './bar.ts';
export {
  type BotSchedule,
  minuteOfDay,
  type ReadSchedule,
  readSchedule,
  SCHEDULE_DAYS,
  SCHEDULE_ENDS,
  type ScheduleDay,
  type ScheduleEnd,
  type ScheduleFields,
  sameSchedule,
  scheduleText,
  TIME_ZONES,
  type TimeZone,
} from './bot-schedule.ts';
export {
  type AtrRiskSizing,
  SIZING_KINDS,
  type SizingProblem,
  type SizingRule,
  sizingProblem,
  type VolatilityTargetSizing,
} from './bot-sizing.ts';
export { CASH_EVENT_KINDS, CASH_FLOWS, type CashEvent, type CashEventKind } from './cash-event.ts';
export {
  BOT_STATES,
  type BotSlice,
  type BotState,
  type Denial,
  DIRECTIONS,
  type Direction,
  type Intent,
  type Mark,
  type Signal,
} from './decision.ts';
export { sha256Hex } from './digest.ts';
export { dividendShares, holdersAt } from './entitlement.ts';
export { DOMAIN_ERRORS, type DomainErrorCode, type ErrorRow } from './error-codes.ts';
export {
  AppError,
  type AppErrorInit,
  assert,
  hasCode,
  InvariantError,
  type Retry,
  unreachable,
} from './errors.ts';
export { EXIT_LEGS, type Exits, exitsProblem, isExit, type Trail, trailProblem } from './exits.ts';
export { FILL_KINDS, type Fill, type FillKind } from './fill.ts';
export { type HistoryEntry, positionOf, standingFills } from './fill-history.ts';
export type { Grounds } from './grounds.ts';
export {
  CAUSE_KINDS,
  type CauseKind,
  DERIVED_IDS,
  deriveId,
  type IdPart,
  type IdScheme,
  type IntentKey,
  intentId,
  isDerivedId,
  type OrderKey,
  orderId,
  type SignalKey,
  signalId,
} from './ids.ts';
export {
  ASSET_CLASSES,
  type AssetClass,
  checkInstrument,
  type Instrument,
  InstrumentBook,
  movesNotionalCash,
  notionalMicros,
  roundToLot,
  roundToTick,
  usEquity,
} from './instrument.ts';
export {
  type CrossingPlace,
  crossOrder,
  crossPriceNanos,
  INTERNAL_VENUE,
  type InternalCross,
  isInternalFill,
  isInternalOrder,
} from './internal-cross.ts';
export {
  AccountLedger,
  type FillsOf,
  HOUSE,
  type LedgerEntry,
  type LedgerSnapshot,
} from './ledger.ts';
export { type LedgerCash, type LedgerRow, positionOfRow, rowOfPosition } from './ledger-row.ts';
export { EQUITY_FRACTION_MAX, FEE_BPS_MAX, FRACTION_MIN, MAX_LEDGER_AHEAD } from './limits.ts';
export {
  type MarketAction,
  type MarketEvent,
  type MarketQuote,
  type MarketSession,
  type MarketTrade,
  OPTION_RIGHTS,
  type OptionContract,
  type OptionGreeks,
  type OptionRight,
  type OptionSnapshot,
  type SecondBar,
} from './market-data.ts';
export { nearestName } from './nearest-name.ts';
export { type AttemptChanges, nextAttempt } from './next-attempt.ts';
export {
  type CashMicros,
  cashMicros,
  cashToFloat,
  formatCash,
  formatDecimal,
  formatPrice,
  isProductAtMost,
  MICROS_PER_UNIT,
  mulDivRound,
  NANOS_PER_MICRO,
  NANOS_PER_UNIT,
  type PriceNanos,
  parseCash,
  parseDecimal,
  parsePrice,
  powerOfTen,
  priceFromFloat,
  priceNanos,
  priceToFloat,
  type Quantity,
  quantity,
  type TimeUs,
  timeUs,
  US_PER_DAY,
  US_PER_MINUTE,
  US_PER_MS,
  US_PER_SECOND,
  ZERO_CASH,
  ZERO_QUANTITY,
} from './numbers.ts';
export {
  ORDER_SIDES,
  ORDER_STATES,
  ORDER_TYPES,
  type Order,
  type OrderReplaces,
  type OrderRevision,
  type OrderSide,
  type OrderState,
  type OrderTerms,
  type OrderType,
  TIMES_IN_FORCE,
  type TimeInForce,
} from './order.ts';
export {
  newOrder,
  type OrderEvent,
  revisionOf,
  type Transition,
  transition,
} from './order-machine.ts';
export {
  executedQuantity,
  isTerminal,
  isWorking,
  ORDER_EVENT_KINDS,
  ORDER_TABLE,
  type OrderEventKind,
  type OrderOutcome,
  openQuantity,
} from './order-table.ts';
export {
  applyFill,
  applyWorth,
  averagePriceNanos,
  equityMicros,
  FLAT_POSITION,
  type MarkedPosition,
  marketValueMicros,
  type Position,
  positionCashMicros,
  type Trade,
  unrealisedMicros,
  type WorthOfTrade,
} from './position.ts';
export { type ReadSizing, readSizing, SIZING_DEFAULTS, type SizingFields } from './read-sizing.ts';
export { sizingText } from './sizing-text.ts';
export { type Split, splitPosition } from './split.ts';
export { type SplitEvent, splitAmong } from './split-event.ts';
export type {
  PostedAction,
  SymbolRestriction,
  VenueActivity,
  VenueCash,
  VenueDividend,
  VenueSplit,
} from './venue-activity.ts';
export type { VenueEvent, VenueExecution, VenueExit, VenueReplaced } from './venue-event.ts';
