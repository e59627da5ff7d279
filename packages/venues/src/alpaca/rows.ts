import { z } from 'zod';

const text = z.string();
const maybe = z.string().nullish();

const flatRow = z.object({
  id: text.min(1),
  client_order_id: text,
  order_class: maybe,
  symbol: maybe,
  side: maybe,
  qty: maybe,
  filled_qty: maybe,
  type: maybe,
  time_in_force: maybe,
  limit_price: maybe,
  stop_price: maybe,
  status: text,
  replaced_by: maybe,
  replaces: maybe,
  created_at: maybe,
  submitted_at: maybe,
  updated_at: maybe,
  canceled_at: maybe,
  expired_at: maybe,
  failed_at: maybe,
});

/** An order as Alpaca shows it, as far as it is read. Amounts are decimal texts. */
export const orderRow = flatRow.extend({
  /** Its exits, where they are shown in it. */
  legs: z.array(flatRow).nullish(),
});
export type OrderRow = z.output<typeof orderRow>;
export const orderRows = z.array(orderRow);

/** A fill as the account's activities list it. */
export const fillRow = z.object({
  /** A time and the execution's id, with two colons between. */
  id: text,
  order_id: text,
  symbol: text,
  side: text,
  price: text,
  qty: text,
  /** Filled of the order with this fill. */
  cum_qty: text,
  transaction_time: text,
});
export type FillRow = z.output<typeof fillRow>;
export const fillRows = z.array(fillRow);

/** A message of the stream of order updates, as the SDK hands it on. */
export const tradeUpdate = z.object({
  event: text,
  timestamp: z.date().nullish(),
  execution_id: maybe,
  price: maybe,
  qty: maybe,
  /** Exits in it are read where they can be: what they say is found otherwise too. */
  order: orderRow.extend({ legs: orderRow.shape.legs.catch(null) }),
});
export type TradeUpdate = z.output<typeof tradeUpdate>;

export const accountRow = z.object({
  id: text.nullish(),
  account_number: maybe,
  status: maybe,
  currency: maybe,
  cash: text,
  equity: maybe,
  trading_blocked: z.boolean().nullish(),
  account_blocked: z.boolean().nullish(),
  trade_suspended_by_user: z.boolean().nullish(),
  shorting_enabled: z.boolean().nullish(),
  options_trading_level: z.number().nullish(),
});
export type AccountRow = z.output<typeof accountRow>;

const positionRow = z.object({ symbol: text, qty: text, side: maybe, cost_basis: maybe });

export type PositionRow = z.output<typeof positionRow>;

export const positionRows = z.array(positionRow);

export const clockRow = z.object({ timestamp: text, is_open: z.boolean() });

export const assetRow = z.object({ symbol: text, status: maybe, tradable: z.boolean() });

/** An activity that is no fill. */
export const activityRow = z.object({
  id: text,
  activity_type: text,
  activity_sub_type: maybe,
  date: maybe,
  created_at: maybe,
  net_amount: maybe,
  symbol: maybe,
  qty: maybe,
  per_share_amount: maybe,
  status: maybe,
});
export type ActivityRow = z.output<typeof activityRow>;
export const activityRows = z.array(activityRow);

/** What an answer says that is no success. */
export const failureBody = z.object({
  code: z.union([z.number(), z.string()]).nullish(),
  message: maybe,
});
