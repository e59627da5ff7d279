import * as common from '../gen/capstan/common/v1/common.ts';
import * as session from '../gen/capstan/control/v1/session.ts';
import * as order from '../gen/capstan/execution/v1/order.ts';
import * as exchange from '../gen/capstan/execution/v1/paper_exchange_service.ts';
import * as signal from '../gen/capstan/signal/v1/signal.ts';
import { wireEnum } from './wire.ts';

export const directions = wireEnum('Direction', {
  long: common.Direction.DIRECTION_LONG,
  short: common.Direction.DIRECTION_SHORT,
  flat: common.Direction.DIRECTION_FLAT,
});

export const orderSides = wireEnum('OrderSide', {
  buy: common.OrderSide.ORDER_SIDE_BUY,
  sell: common.OrderSide.ORDER_SIDE_SELL,
});

export const orderTypes = wireEnum('OrderType', {
  market: common.OrderType.ORDER_TYPE_MARKET,
  limit: common.OrderType.ORDER_TYPE_LIMIT,
  stop: common.OrderType.ORDER_TYPE_STOP,
  stopLimit: common.OrderType.ORDER_TYPE_STOP_LIMIT,
  trailingStop: common.OrderType.ORDER_TYPE_TRAILING_STOP,
});

export const timesInForce = wireEnum('TimeInForce', {
  day: common.TimeInForce.TIME_IN_FORCE_DAY,
  gtc: common.TimeInForce.TIME_IN_FORCE_GTC,
  ioc: common.TimeInForce.TIME_IN_FORCE_IOC,
  onOpen: common.TimeInForce.TIME_IN_FORCE_ON_OPEN,
  onClose: common.TimeInForce.TIME_IN_FORCE_ON_CLOSE,
});

export const timeframes = wireEnum('Timeframe', {
  '1m': common.Timeframe.TIMEFRAME_1M,
  '5m': common.Timeframe.TIMEFRAME_5M,
  '15m': common.Timeframe.TIMEFRAME_15M,
  '30m': common.Timeframe.TIMEFRAME_30M,
  '1h': common.Timeframe.TIMEFRAME_1H,
  '1d': common.Timeframe.TIMEFRAME_1D,
});

export const causeKinds = wireEnum('CauseKind', {
  signal: common.CauseKind.CAUSE_KIND_SIGNAL,
  schedule: common.CauseKind.CAUSE_KIND_SCHEDULE,
  command: common.CauseKind.CAUSE_KIND_COMMAND,
  protection: common.CauseKind.CAUSE_KIND_PROTECTION,
  adoption: common.CauseKind.CAUSE_KIND_ADOPTION,
});

export const orderStates = wireEnum('OrderState', {
  approved: order.OrderState.ORDER_STATE_APPROVED,
  submitting: order.OrderState.ORDER_STATE_SUBMITTING,
  unknown: order.OrderState.ORDER_STATE_UNKNOWN,
  accepted: order.OrderState.ORDER_STATE_ACCEPTED,
  partiallyFilled: order.OrderState.ORDER_STATE_PARTIALLY_FILLED,
  cancelling: order.OrderState.ORDER_STATE_CANCELLING,
  replacing: order.OrderState.ORDER_STATE_REPLACING,
  filled: order.OrderState.ORDER_STATE_FILLED,
  cancelled: order.OrderState.ORDER_STATE_CANCELLED,
  rejected: order.OrderState.ORDER_STATE_REJECTED,
  expired: order.OrderState.ORDER_STATE_EXPIRED,
  denied: order.OrderState.ORDER_STATE_DENIED,
});

export const fillKinds = wireEnum('FillKind', {
  fill: order.FillKind.FILL_KIND_FILL,
  bust: order.FillKind.FILL_KIND_BUST,
  correction: order.FillKind.FILL_KIND_CORRECTION,
});

export const botStates = wireEnum('BotState', {
  starting: signal.BotState.BOT_STATE_STARTING,
  running: signal.BotState.BOT_STATE_RUNNING,
  paused: signal.BotState.BOT_STATE_PAUSED,
  crashed: signal.BotState.BOT_STATE_CRASHED,
  stopped: signal.BotState.BOT_STATE_STOPPED,
});

export const venueOrderStates = wireEnum('VenueOrderState', {
  working: exchange.VenueOrderState.VENUE_ORDER_STATE_WORKING,
  filled: exchange.VenueOrderState.VENUE_ORDER_STATE_FILLED,
  cancelled: exchange.VenueOrderState.VENUE_ORDER_STATE_CANCELLED,
  rejected: exchange.VenueOrderState.VENUE_ORDER_STATE_REJECTED,
  expired: exchange.VenueOrderState.VENUE_ORDER_STATE_EXPIRED,
});

export const sessionEventKinds = wireEnum('SessionEventKind', {
  preMarket: session.SessionEventKind.SESSION_EVENT_KIND_PRE_MARKET,
  open: session.SessionEventKind.SESSION_EVENT_KIND_OPEN,
  killTime: session.SessionEventKind.SESSION_EVENT_KIND_KILL_TIME,
  close: session.SessionEventKind.SESSION_EVENT_KIND_CLOSE,
  endOfDay: session.SessionEventKind.SESSION_EVENT_KIND_END_OF_DAY,
  readiness: session.SessionEventKind.SESSION_EVENT_KIND_READINESS,
});
