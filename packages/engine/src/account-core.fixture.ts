import { CalendarBook } from '@capstan/calendar';
import {
  type BotSlice,
  type Fill,
  InstrumentBook,
  newOrder,
  type Order,
  type OrderTerms,
  type PriceNanos,
  parsePrice,
  quantity,
  type Signal,
  type TimeUs,
  timeUs,
  usEquity,
  ZERO_CASH,
} from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import { DEFAULT_LIMITS, KILL_OFF, type RiskLimits } from '@capstan/risk';
import type { AccountConfig } from './account-config.ts';
import type { SliceRequest } from './account-slice.ts';

/** 2024-01-03 12:00 in New York, in the middle of a session. */
export const NOON: TimeUs = timeUs(1_704_301_200_000_000);
export const HUNDRED: PriceNanos = parsePrice('100');
export const TEN: SizingRule = { kind: 'fixedQuantity', quantity: 10 };

export function configOf(limits: Partial<RiskLimits> = {}): AccountConfig {
  const calendars = new CalendarBook();
  return {
    accountId: 'paper',
    instruments: new InstrumentBook([usEquity('AAA'), usEquity('BBB')]),
    calendarOf: (name) => calendars.get(name),
    limits: { ...DEFAULT_LIMITS, ...limits },
    countsPast: true,
  };
}

export function signalOf(botId: string, symbol: string, changes: Partial<Signal> = {}): Signal {
  const barEndUs = changes.barEndUs ?? NOON;
  return {
    signalId: `${botId}-${symbol}-${barEndUs}`,
    runId: 'run',
    botId,
    accountId: 'paper',
    configRevision: 1,
    symbol,
    timeframe: '1m',
    barEndUs,
    inputRevision: 0,
    direction: 'long',
    strength: 1,
    referencePriceNanos: HUNDRED,
    reason: 'because',
    ...changes,
  };
}

/** A running bot's slice of these signals, with a mark of 100 for each symbol. */
export function sliceOf(
  botId: string,
  signals: readonly Signal[],
  changes: Partial<BotSlice> = {},
): BotSlice {
  const sliceEndUs = changes.sliceEndUs ?? NOON;
  return {
    runId: 'run',
    botId,
    accountId: 'paper',
    feed: 'demo',
    sliceEndUs,
    state: 'running',
    signals,
    marks: ['AAA', 'BBB'].map((symbol) => ({ symbol, priceNanos: HUNDRED, barEndUs: sliceEndUs })),
    ...changes,
  };
}

export function requestOf(
  slices: readonly BotSlice[],
  changes: Partial<SliceRequest> = {},
): SliceRequest {
  const sliceEndUs = slices[0]?.sliceEndUs ?? NOON;
  return {
    sliceEndUs,
    nowUs: sliceEndUs,
    slices,
    sizingOf: () => TEN,
    killSwitch: KILL_OFF,
    ...changes,
  };
}

export function fillOf(
  order: OrderTerms,
  accountSequence: number,
  amount: number,
  changes: Partial<Fill> = {},
): Fill {
  const { orderId, runId, accountId, botId, symbol, side } = order;
  return {
    fillId: `fill-${accountSequence}`,
    kind: 'fill',
    orderId,
    runId,
    accountId,
    botId,
    symbol,
    side,
    quantity: quantity(amount),
    priceNanos: HUNDRED,
    feeMicros: ZERO_CASH,
    eventAtUs: NOON,
    accountSequence,
    ...changes,
  };
}

export function orderOf(terms: OrderTerms, changes: Partial<Order>): Order {
  return { ...newOrder({ ...terms }, NOON), ...changes };
}
