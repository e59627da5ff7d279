import { type CashEvent, cashMicros, priceNanos, quantity, type TimeUs } from '@capstan/domain';
import type { StrayRecord } from '@capstan/ports';

/** What a venue says beside fills of ours. */
export function strangeAt(T: TimeUs): {
  readonly stray: StrayRecord;
  readonly cashEvent: CashEvent;
} {
  const cashEvent: CashEvent = {
    cashEventId: 'cash-1',
    kind: 'dividend',
    accountId: 'paper',
    botId: 'trend',
    amountMicros: cashMicros(5_000_000),
    symbol: 'SPY',
    activityId: 'dividend-1',
    eventAtUs: T,
    accountSequence: 2,
  };
  const stray: StrayRecord = {
    accountId: 'paper',
    sequence: 9,
    orderId: 'somebody',
    kind: 'filled',
    why: 'no order of ours has this id',
    isForeign: true,
    eventAtUs: T,
    executionId: 'E9',
    quantity: quantity(5),
    priceNanos: priceNanos(101_000_000_000),
    feeMicros: cashMicros(0),
  };
  return { stray, cashEvent };
}
