import {
  BOT_STATES,
  CASH_EVENT_KINDS,
  CAUSE_KINDS,
  type CashEvent,
  cashMicros,
  type Denial,
  DIRECTIONS,
  FILL_KINDS,
  type Fill,
  type Intent,
  ORDER_SIDES,
  ORDER_STATES,
  ORDER_TYPES,
  type Order,
  priceNanos,
  quantity,
  type Signal,
  type SplitEvent,
  TIMEFRAMES,
  TIMES_IN_FORCE,
  timeUs,
} from '@capstan/domain';
import {
  type AuditRecord,
  type BarRecord,
  type BotRecord,
  type CheckpointRecord,
  COMMAND_STATES,
  type CommandRecord,
  type DriftRecord,
  type EquityRecord,
  JOB_STATES,
  type JobRecord,
  type LedgerCashRecord,
  type LedgerPositionRecord,
  type OutboxMessage,
  type ReplayCheckpointRecord,
  type ReplayRecord,
  type ReservationRecord,
  ROLES,
  SHUTDOWN_RULES,
  type SnapshotRecord,
  type StrayRecord,
  type TokenRecord,
} from '@capstan/ports';
import { bytes, count, flag, float, integer, json, oneOf, optional, text } from './column.ts';
import { table } from './table.ts';

const price = integer(priceNanos);
const cash = integer(cashMicros);
const units = integer(quantity);
const time = integer(timeUs);
const side = oneOf(ORDER_SIDES);
const orderType = oneOf(ORDER_TYPES);
const timeInForce = oneOf(TIMES_IN_FORCE);
const timeframe = oneOf(TIMEFRAMES);
const causeKind = oneOf(CAUSE_KINDS);

export const OUTBOX = table<OutboxMessage>('outbox', ['producer', 'sequence'], {
  producer: text,
  sequence: count,
  subject: text,
  headers: json(),
  data: bytes,
});

export const BARS = table<BarRecord>(
  'bars',
  ['runId', 'feed', 'symbol', 'timeframe', 'endUs', 'revision'],
  {
    runId: text,
    feed: text,
    symbol: text,
    timeframe,
    endUs: time,
    revision: count,
    venue: text,
    startUs: time,
    openNanos: price,
    highNanos: price,
    lowNanos: price,
    closeNanos: price,
    volume: count,
  },
);

export const SIGNALS = table<Signal>('signals', ['signalId'], {
  signalId: text,
  runId: text,
  botId: text,
  accountId: text,
  configRevision: count,
  symbol: text,
  timeframe,
  barEndUs: time,
  inputRevision: count,
  direction: oneOf(DIRECTIONS),
  strength: float,
  limitPriceNanos: optional(price),
  stopPriceNanos: optional(price),
  takeProfitPriceNanos: optional(price),
  timeInForce: optional(timeInForce),
  referencePriceNanos: price,
  reason: text,
  trailNanos: optional(price),
  trailBps: optional(float),
  entryStopPriceNanos: optional(price),
  atrNanos: optional(price),
  barVolatility: optional(float),
});

export const INTENTS = table<Intent>('intents', ['intentId'], {
  intentId: text,
  runId: text,
  accountId: text,
  botId: text,
  symbol: text,
  causeKind,
  causeId: text,
  side,
  quantity: units,
  type: orderType,
  limitPriceNanos: optional(price),
  stopPriceNanos: optional(price),
  timeInForce,
  reducing: flag,
  referencePriceNanos: price,
  decidedAtUs: time,
  exits: optional(json()),
});

export const DENIALS = table<Denial>('denials', ['denialId'], {
  denialId: text,
  runId: text,
  accountId: text,
  botId: text,
  symbol: text,
  intentId: optional(text),
  causeKind,
  causeId: text,
  policy: text,
  reason: text,
  decidedAtUs: time,
});

export const ORDERS = table<Order>('orders', ['orderId'], {
  orderId: text,
  intentId: text,
  runId: text,
  accountId: text,
  botId: text,
  symbol: text,
  side,
  quantity: units,
  type: orderType,
  limitPriceNanos: optional(price),
  stopPriceNanos: optional(price),
  timeInForce,
  reducing: flag,
  leg: count,
  attempt: count,
  decidedAtUs: time,
  expiresAtUs: time,
  state: oneOf(ORDER_STATES),
  venueOrderId: optional(text),
  filledQuantity: units,
  filledNotionalMicros: cash,
  reason: optional(text),
  version: count,
  updatedAtUs: time,
  trailNanos: optional(price),
  trailBps: optional(float),
  activationPriceNanos: optional(price),
  exits: optional(json()),
  executedQuantity: optional(units),
  replaces: optional(json()),
});

export const FILLS = table<Fill>('fills', ['accountId', 'fillId'], {
  accountId: text,
  fillId: text,
  kind: oneOf(FILL_KINDS),
  refersTo: optional(text),
  orderId: text,
  runId: text,
  botId: text,
  symbol: text,
  side,
  quantity: units,
  priceNanos: price,
  feeMicros: cash,
  eventAtUs: time,
  accountSequence: count,
});

export const CASH_EVENTS = table<CashEvent>('cash_events', ['accountId', 'cashEventId'], {
  accountId: text,
  cashEventId: text,
  kind: oneOf(CASH_EVENT_KINDS),
  botId: text,
  symbol: optional(text),
  activityId: optional(text),
  amountMicros: cash,
  eventAtUs: time,
  accountSequence: count,
});

export const SPLITS = table<SplitEvent>('splits', ['accountId', 'activityId'], {
  accountId: text,
  activityId: text,
  kind: oneOf(['split']),
  symbol: text,
  newShares: count,
  oldShares: count,
  closeNanos: price,
  fractionMicros: cash,
  followsSequence: count,
  eventAtUs: time,
  accountSequence: count,
});

export const STRAYS = table<StrayRecord>('strays', ['accountId', 'sequence'], {
  accountId: text,
  sequence: count,
  orderId: text,
  kind: text,
  why: text,
  isForeign: flag,
  eventAtUs: time,
  executionId: optional(text),
  quantity: optional(units),
  priceNanos: optional(price),
  feeMicros: optional(cash),
  symbol: optional(text),
  side: optional(side),
});

export const RESERVATIONS = table<ReservationRecord>('reservations', ['orderId'], {
  orderId: text,
  accountId: text,
  botId: text,
  symbol: text,
  side,
  openQuantity: units,
  priceNanos: price,
  reducing: flag,
});

export const LEDGER_POSITIONS = table<LedgerPositionRecord>(
  'ledger_positions',
  ['accountId', 'botId', 'symbol'],
  {
    accountId: text,
    botId: text,
    symbol: text,
    quantity: units,
    costMicros: cash,
    realisedMicros: cash,
    feesMicros: cash,
  },
);

export const LEDGER_CASH = table<LedgerCashRecord>('ledger_cash', ['accountId', 'botId'], {
  accountId: text,
  botId: text,
  cashMicros: cash,
  throughSequence: optional(count),
});

export const REPLAYS = table<ReplayRecord>('replays', ['runId', 'tradeDate', 'accountId'], {
  runId: text,
  accountId: text,
  tradeDate: text,
  differences: count,
  unexplained: count,
  report: text,
  replayedAtUs: time,
});

export const REPLAY_CHECKPOINTS = table<ReplayCheckpointRecord>(
  'replay_checkpoints',
  ['runId', 'tradeDate'],
  { runId: text, tradeDate: text, format: count, state: text, writtenAtUs: time },
);

export const EQUITY = table<EquityRecord>('equity', ['runId', 'accountId', 'botId', 'atUs'], {
  runId: text,
  accountId: text,
  botId: text,
  atUs: time,
  cashMicros: cash,
  marketValueMicros: cash,
  realisedMicros: cash,
  unrealisedMicros: cash,
  feesMicros: cash,
});

export const SNAPSHOTS = table<SnapshotRecord>('snapshots', ['snapshotId'], {
  snapshotId: text,
  accountId: text,
  takenAtUs: time,
  venueSequence: count,
  cashMicros: cash,
  positions: json(),
  foreign: optional(json()),
});

export const DRIFTS = table<DriftRecord>('drifts', ['driftId'], {
  driftId: text,
  accountId: text,
  symbol: text,
  ledger: float,
  broker: float,
  openedAtUs: time,
  healedAtUs: optional(time),
});

export const BOTS = table<BotRecord>('bots', ['botId'], {
  botId: text,
  accountId: text,
  strategy: text,
  params: json(),
  symbols: json(),
  timeframe,
  feed: text,
  sizing: json(),
  schedule: optional(json()),
  configRevision: count,
  restartOnCrash: flag,
  onShutdown: oneOf(SHUTDOWN_RULES),
  state: oneOf(BOT_STATES),
  error: optional(text),
  restarts: count,
  lastSliceEndUs: optional(time),
  updatedAtUs: time,
});

export const CHECKPOINTS = table<CheckpointRecord>('checkpoints', ['botId'], {
  botId: text,
  runId: text,
  configRevision: count,
  kernelEpoch: text,
  sliceEndUs: time,
  streamEpochUs: time,
  streamSequence: count,
  data: bytes,
});

export const COMMANDS = table<CommandRecord>('commands', ['commandId'], {
  commandId: text,
  key: text,
  kind: text,
  payload: text,
  actor: text,
  createdAtUs: time,
  state: oneOf(COMMAND_STATES),
  result: optional(text),
});

export const AUDIT = table<AuditRecord>('audit', ['auditId'], {
  auditId: text,
  atUs: time,
  actor: text,
  action: text,
  subject: text,
  details: text,
});

export const TOKENS = table<TokenRecord>('tokens', ['tokenHash'], {
  tokenHash: text,
  name: text,
  role: oneOf(ROLES),
  createdAtUs: time,
});

export const JOBS = table<JobRecord>('jobs', ['jobId'], {
  jobId: text,
  spec: text,
  state: oneOf(JOB_STATES),
  result: optional(text),
  digest: optional(text),
  error: optional(text),
  createdAtUs: time,
  updatedAtUs: time,
});
