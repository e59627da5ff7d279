import {
  type CashEvent,
  cashMicros,
  type Denial,
  type Fill,
  type Intent,
  type Order,
  type OrderTerms,
  priceNanos,
  quantity,
  type Signal,
  type SplitEvent,
  timeUs,
} from '@capstan/domain';
import type {
  AuditRecord,
  BarRecord,
  BotRecord,
  CheckpointRecord,
  CommandRecord,
  DriftRecord,
  EquityRecord,
  JobRecord,
  LedgerPositionRecord,
  OutboxMessage,
  ReplayCheckpointRecord,
  ReplayRecord,
  ReservationRecord,
  SnapshotRecord,
  StrayRecord,
} from '@capstan/ports';

/** Start of the samples' time, UTC microseconds. */
export const START_US = 1_767_623_400_000_000;

/** Returns the time `seconds` after the start of the samples. */
export const at = (seconds: number) => timeUs(START_US + seconds * 1_000_000);

/** Returns the bytes of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function sampleBar(of: Partial<BarRecord> = {}): BarRecord {
  return {
    symbol: 'SPY',
    timeframe: '1m',
    startUs: at(0),
    endUs: at(60),
    revision: 0,
    openNanos: priceNanos(500_000_000_000),
    highNanos: priceNanos(501_500_000_000),
    lowNanos: priceNanos(499_000_000_001),
    closeNanos: priceNanos(501_000_000_000),
    volume: 12_345,
    runId: 'live',
    feed: 'demo',
    venue: 'synthetic',
    ...of,
  };
}

export function sampleSignal(of: Partial<Signal> = {}): Signal {
  return {
    signalId: 'signal-1',
    runId: 'live',
    botId: 'trend',
    accountId: 'paper',
    configRevision: 1,
    symbol: 'SPY',
    timeframe: '1m',
    barEndUs: at(60),
    inputRevision: 0,
    direction: 'long',
    strength: 0.1,
    referencePriceNanos: priceNanos(501_000_000_000),
    reason: 'fast above slow: 501.2 > 499.8',
    ...of,
  };
}

export function sampleIntent(of: Partial<Intent> = {}): Intent {
  return {
    intentId: 'intent-1',
    runId: 'live',
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    causeKind: 'signal',
    causeId: 'signal-1',
    side: 'buy',
    quantity: quantity(10),
    type: 'market',
    timeInForce: 'day',
    reducing: false,
    referencePriceNanos: priceNanos(501_000_000_000),
    decidedAtUs: at(60),
    ...of,
  };
}

export function sampleDenial(of: Partial<Denial> = {}): Denial {
  return {
    denialId: 'denial-1',
    runId: 'live',
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    causeKind: 'signal',
    causeId: 'signal-1',
    policy: 'market-hours',
    reason: 'the market is closed until 14:30',
    decidedAtUs: at(60),
    ...of,
  };
}

export function sampleTerms(of: Partial<OrderTerms> = {}): OrderTerms {
  return {
    orderId: 'order-1',
    intentId: 'intent-1',
    runId: 'live',
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    side: 'buy',
    quantity: quantity(10),
    type: 'market',
    timeInForce: 'day',
    reducing: false,
    leg: 0,
    attempt: 1,
    decidedAtUs: at(60),
    expiresAtUs: at(120),
    ...of,
  };
}

export function sampleOrder(of: Partial<Order> = {}): Order {
  return {
    ...sampleTerms(),
    state: 'approved',
    filledQuantity: quantity(0),
    filledNotionalMicros: cashMicros(0),
    version: 1,
    updatedAtUs: at(60),
    ...of,
  };
}

export function sampleFill(of: Partial<Fill> = {}): Fill {
  return {
    fillId: 'fill-1',
    kind: 'fill',
    orderId: 'order-1',
    runId: 'live',
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    side: 'buy',
    quantity: quantity(4),
    priceNanos: priceNanos(501_010_000_000),
    feeMicros: cashMicros(12_500),
    eventAtUs: at(61),
    accountSequence: 1,
    ...of,
  };
}

export function sampleCashEvent(of: Partial<CashEvent> = {}): CashEvent {
  return {
    cashEventId: 'cash-1',
    kind: 'dividend',
    accountId: 'paper',
    botId: 'trend',
    amountMicros: cashMicros(-1_250_000),
    symbol: 'SPY',
    activityId: 'activity-1',
    eventAtUs: at(62),
    accountSequence: 1,
    ...of,
  };
}

export function sampleSplit(of: Partial<SplitEvent> = {}): SplitEvent {
  return {
    kind: 'split',
    activityId: 'activity-2',
    accountId: 'paper',
    symbol: 'SPY',
    newShares: 3,
    oldShares: 2,
    closeNanos: priceNanos(501_010_000_000),
    fractionMicros: cashMicros(-250_505_000),
    followsSequence: 0,
    eventAtUs: at(63),
    accountSequence: 1,
    ...of,
  };
}

export function sampleReservation(of: Partial<ReservationRecord> = {}): ReservationRecord {
  return {
    orderId: 'order-1',
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    side: 'buy',
    openQuantity: quantity(10),
    priceNanos: priceNanos(501_000_000_000),
    reducing: false,
    ...of,
  };
}

export function sampleLedgerPosition(of: Partial<LedgerPositionRecord> = {}): LedgerPositionRecord {
  return {
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    quantity: quantity(-4),
    costMicros: cashMicros(-2_004_040_000),
    realisedMicros: cashMicros(-1),
    feesMicros: cashMicros(12_500),
    ...of,
  };
}

export function sampleBot(of: Partial<BotRecord> = {}): BotRecord {
  return {
    botId: 'trend',
    accountId: 'paper',
    strategy: 'sma-cross',
    params: { fast: 10, slow: 30.5, label: 'a "b"', trailing: true },
    symbols: ['QQQ', 'SPY'],
    timeframe: '1m',
    feed: 'demo',
    sizing: { kind: 'equityFraction', fraction: 0.1 },
    configRevision: 1,
    restartOnCrash: true,
    onShutdown: 'flatten',
    state: 'running',
    restarts: 0,
    updatedAtUs: at(0),
    ...of,
  };
}

export function sampleCheckpoint(of: Partial<CheckpointRecord> = {}): CheckpointRecord {
  return {
    botId: 'trend',
    runId: 'live',
    configRevision: 1,
    kernelEpoch: 'SPY/1m/demo',
    sliceEndUs: at(60),
    streamEpochUs: at(-100),
    streamSequence: 17,
    data: bytes('kernel'),
    ...of,
  };
}

export function sampleEquity(of: Partial<EquityRecord> = {}): EquityRecord {
  return {
    runId: 'live',
    accountId: 'paper',
    botId: 'trend',
    atUs: at(60),
    cashMicros: cashMicros(100_000_000_000),
    marketValueMicros: cashMicros(-2_004_000_000),
    realisedMicros: cashMicros(-5),
    unrealisedMicros: cashMicros(40_000),
    feesMicros: cashMicros(12_500),
    ...of,
  };
}

export function sampleReplay(of: Partial<ReplayRecord> = {}): ReplayRecord {
  return {
    runId: 'live',
    accountId: 'paper',
    tradeDate: '2026-03-02',
    differences: 0,
    unexplained: 0,
    report: '[]',
    replayedAtUs: at(60),
    ...of,
  };
}

export function sampleReplayCheckpoint(
  of: Partial<ReplayCheckpointRecord> = {},
): ReplayCheckpointRecord {
  return {
    runId: 'live',
    tradeDate: '2026-03-02',
    format: 1,
    state: '{}',
    writtenAtUs: at(60),
    ...of,
  };
}

export function sampleSnapshot(of: Partial<SnapshotRecord> = {}): SnapshotRecord {
  return {
    snapshotId: 'snapshot-1',
    accountId: 'paper',
    takenAtUs: at(70),
    venueSequence: 9,
    cashMicros: cashMicros(99_999_000_000),
    positions: [{ symbol: 'SPY', quantity: quantity(4), costMicros: cashMicros(2_004_040_000) }],
    foreign: {
      rule: 'ignore',
      orders: [{ orderId: 'theirs', symbol: 'QQQ', side: 'sell', filledQuantity: quantity(0) }],
      positions: [{ symbol: 'QQQ', quantity: quantity(-7) }],
      cashMicros: cashMicros(3_500_000_000),
    },
    ...of,
  };
}

export function sampleDrift(of: Partial<DriftRecord> = {}): DriftRecord {
  return {
    driftId: 'drift-1',
    accountId: 'paper',
    symbol: '$cash',
    ledger: -4,
    broker: 5,
    openedAtUs: at(80),
    ...of,
  };
}

export function sampleStray(of: Partial<StrayRecord> = {}): StrayRecord {
  return {
    accountId: 'paper',
    sequence: 7,
    orderId: 'somebody',
    kind: 'filled',
    why: 'no order of ours has this id',
    isForeign: true,
    eventAtUs: at(70),
    ...of,
  };
}

export function sampleCommand(of: Partial<CommandRecord> = {}): CommandRecord {
  return {
    commandId: 'command-1',
    key: 'bot/trend',
    kind: 'PauseBot',
    payload: '{"reason":"lunch"}',
    actor: 'operator',
    createdAtUs: at(1),
    state: 'pending',
    ...of,
  };
}

export function sampleJob(of: Partial<JobRecord> = {}): JobRecord {
  return {
    jobId: 'job-1',
    spec: '{"strategy":"sma-cross"}',
    state: 'queued',
    createdAtUs: at(1),
    updatedAtUs: at(1),
    ...of,
  };
}

export function sampleOutbox(of: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    producer: 'bot/trend',
    sequence: 1,
    subject: 'trading.signal.trend',
    headers: { 'capstan-event-id': 'e1' },
    data: Uint8Array.of(0, 1, 127, 128, 255),
    ...of,
  };
}

export function sampleAuditOf(auditId: string, atUs = at(5)): AuditRecord {
  return { auditId, atUs, actor: 'operator', action: 'PauseBot', subject: 'trend', details: '{}' };
}
