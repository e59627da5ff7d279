import type { CashEvent, PostedAction, SplitEvent, VenueActivity } from '@capstan/domain';
import * as order from '../gen/capstan/execution/v1/order.ts';
import type * as wire from '../gen/capstan/execution/v1/paper_exchange_service.ts';
import { int64, malformed, present, wireEnum } from './wire.ts';

export const cashEventKinds = wireEnum('CashEventKind', {
  deposit: order.CashEventKind.CASH_EVENT_KIND_DEPOSIT,
  withdrawal: order.CashEventKind.CASH_EVENT_KIND_WITHDRAWAL,
  interest: order.CashEventKind.CASH_EVENT_KIND_INTEREST,
  dividend: order.CashEventKind.CASH_EVENT_KIND_DIVIDEND,
  charge: order.CashEventKind.CASH_EVENT_KIND_CHARGE,
  transfer: order.CashEventKind.CASH_EVENT_KIND_TRANSFER,
});

export function cashEventToWire(event: CashEvent): order.CashEvent {
  return {
    cashEventId: event.cashEventId,
    kind: cashEventKinds.toWire(event.kind),
    accountId: event.accountId,
    botId: event.botId,
    amountMicros: int64.of(event.amountMicros),
    eventAtUs: int64.of(event.eventAtUs),
    accountSequence: int64.of(event.accountSequence),
    symbol: event.symbol,
    activityId: event.activityId,
  };
}

export function cashEventFromWire(event: order.CashEvent): CashEvent {
  return {
    cashEventId: event.cashEventId,
    kind: cashEventKinds.fromWire(event.kind),
    accountId: event.accountId,
    botId: event.botId,
    amountMicros: int64.cash(event.amountMicros),
    eventAtUs: int64.time(event.eventAtUs),
    accountSequence: int64.number(event.accountSequence),
    ...present({ symbol: event.symbol, activityId: event.activityId }),
  };
}

function splitToWire(split: SplitEvent): order.Split {
  return {
    activityId: split.activityId,
    accountId: split.accountId,
    symbol: split.symbol,
    newShares: int64.of(split.newShares),
    oldShares: int64.of(split.oldShares),
    closeNanos: int64.of(split.closeNanos),
    fractionMicros: int64.of(split.fractionMicros),
    followsSequence: int64.of(split.followsSequence),
    eventAtUs: int64.of(split.eventAtUs),
    accountSequence: int64.of(split.accountSequence),
  };
}

function splitFromWire(split: order.Split): SplitEvent {
  return {
    kind: 'split',
    activityId: split.activityId,
    accountId: split.accountId,
    symbol: split.symbol,
    newShares: int64.number(split.newShares),
    oldShares: int64.number(split.oldShares),
    closeNanos: int64.price(split.closeNanos),
    fractionMicros: int64.cash(split.fractionMicros),
    followsSequence: int64.number(split.followsSequence),
    eventAtUs: int64.time(split.eventAtUs),
    accountSequence: int64.number(split.accountSequence),
  };
}

export function ledgerEventToWire(event: CashEvent | SplitEvent): order.LedgerEvent {
  return event.kind === 'split'
    ? { event: { $case: 'split', value: splitToWire(event) } }
    : { event: { $case: 'cash', value: cashEventToWire(event) } };
}

/** @throws CONTRACTS.MALFORMED */
export function ledgerEventFromWire({ event }: order.LedgerEvent): CashEvent | SplitEvent {
  if (event === undefined) throw malformed('LedgerEvent', 'event', 'absent');
  return event.$case === 'split' ? splitFromWire(event.value) : cashEventFromWire(event.value);
}

export function activityToWire(activity: VenueActivity): wire.VenueActivity {
  const { activityId, accountId, afterSequence } = activity;
  return {
    activityId,
    accountId,
    eventAtUs: int64.of(activity.eventAtUs),
    afterSequence: int64.optional(afterSequence),
    detail: detailToWire(activity),
  };
}

function detailToWire(activity: VenueActivity): wire.VenueActivity['detail'] {
  if (activity.kind === 'split') {
    const { symbol, newShares, oldShares, closeNanos, fractionMicros } = activity;
    const value = {
      symbol,
      newShares: int64.of(newShares),
      oldShares: int64.of(oldShares),
      closeNanos: int64.of(closeNanos),
      fractionMicros: int64.of(fractionMicros),
    };
    return { $case: 'split', value };
  }
  const amountMicros = int64.of(activity.amountMicros);
  if (activity.kind !== 'dividend') {
    return { $case: 'cash', value: { kind: cashEventKinds.toWire(activity.kind), amountMicros } };
  }
  const { symbol, perUnitNanos, exAtUs } = activity;
  const figures = {
    perUnitNanos: int64.optional(perUnitNanos),
    exAtUs: int64.optional(exAtUs),
  };
  return { $case: 'dividend', value: { symbol, amountMicros, ...figures } };
}

export function postedActionToWire(action: PostedAction): wire.PostActionRequest['action'] {
  if (action.kind === 'split') {
    const { symbol, newShares, oldShares, closeNanos } = action;
    const figures = { newShares: int64.of(newShares), oldShares: int64.of(oldShares) };
    return { $case: 'split', value: { symbol, ...figures, closeNanos: int64.of(closeNanos) } };
  }
  if (action.kind === 'dividend') {
    const { symbol, perUnitNanos } = action;
    return { $case: 'dividend', value: { symbol, perUnitNanos: int64.of(perUnitNanos) } };
  }
  if (action.kind === 'restriction') {
    const { symbol, halted, shortRestricted } = action;
    return { $case: 'restriction', value: { symbol, halted, shortRestricted } };
  }
  const { accountId, kind, amountMicros } = action;
  const value = { accountId, kind: cashEventKinds.toWire(kind) };
  return { $case: 'cash', value: { ...value, amountMicros: int64.of(amountMicros) } };
}

/** @throws CONTRACTS.MALFORMED */
export function postedActionFromWire(action: wire.PostActionRequest['action']): PostedAction {
  if (action === undefined) throw malformed('PostActionRequest', 'action', 'absent');
  switch (action.$case) {
    case 'split': {
      const { symbol, newShares, oldShares, closeNanos } = action.value;
      const [shares, of] = [int64.number(newShares), int64.number(oldShares)];
      if (shares < 1) throw malformed('PostedSplit', 'newShares', shares);
      if (of < 1) throw malformed('PostedSplit', 'oldShares', of);
      const closed = int64.price(closeNanos);
      return { kind: 'split', symbol, newShares: shares, oldShares: of, closeNanos: closed };
    }
    case 'dividend': {
      const { symbol, perUnitNanos } = action.value;
      return { kind: 'dividend', symbol, perUnitNanos: int64.price(perUnitNanos) };
    }
    case 'restriction':
      return { kind: 'restriction', ...action.value };
    case 'cash': {
      const { accountId, kind: said, amountMicros } = action.value;
      const kind = cashEventKinds.fromWire(said);
      if (kind === 'dividend') throw malformed('PostedCash', 'kind', kind);
      return { kind, accountId, amountMicros: int64.cash(amountMicros) };
    }
  }
}

/** @throws CONTRACTS.MALFORMED */
export function activityFromWire(activity: wire.VenueActivity): VenueActivity {
  const { activityId, accountId, detail, afterSequence: after } = activity;
  const head = {
    ...{ activityId, accountId, eventAtUs: int64.time(activity.eventAtUs) },
    ...present({ afterSequence: after === undefined ? undefined : int64.number(after) }),
  };
  if (detail === undefined) throw malformed('VenueActivity', 'detail', 'absent');
  switch (detail.$case) {
    case 'split': {
      const { symbol, newShares, oldShares, closeNanos, fractionMicros } = detail.value;
      return {
        ...{ ...head, kind: 'split', symbol },
        ...{ newShares: int64.number(newShares), oldShares: int64.number(oldShares) },
        ...{ closeNanos: int64.price(closeNanos), fractionMicros: int64.cash(fractionMicros) },
      };
    }
    case 'dividend': {
      const { symbol, perUnitNanos, exAtUs } = detail.value;
      return {
        ...{ ...head, kind: 'dividend', symbol },
        amountMicros: int64.cash(detail.value.amountMicros),
        ...present({
          perUnitNanos: perUnitNanos === undefined ? undefined : int64.price(perUnitNanos),
          exAtUs: exAtUs === undefined ? undefined : int64.time(exAtUs),
        }),
      };
    }
    case 'cash': {
      const kind = cashEventKinds.fromWire(detail.value.kind);
      if (kind === 'dividend') throw malformed('VenueCash', 'kind', kind);
      return { ...head, kind, amountMicros: int64.cash(detail.value.amountMicros) };
    }
  }
}
