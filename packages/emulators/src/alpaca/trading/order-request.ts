import { hasCode, type PriceNanos, parseDecimal, priceNanos } from '@capstan/domain';
import { z } from 'zod';
import { unprocessable } from '../refusal.ts';
import {
  type AlpacaOrderClass,
  type AlpacaOrderType,
  type AlpacaTimeInForce,
  ORDER_CLASSES,
  ORDER_TYPES,
  TIMES_IN_FORCE,
} from './order.ts';

/** An order as it is asked for, read but not judged. Quantities have nine decimals, prices are nanos. */
export interface OrderRequest {
  readonly symbol: string;
  readonly side: 'buy' | 'sell' | undefined;
  readonly type: AlpacaOrderType;
  readonly timeInForce: AlpacaTimeInForce;
  readonly orderClass: AlpacaOrderClass;
  readonly extendedHours: boolean;
  readonly clientOrderId?: string;
  readonly positionIntent?: string;
  readonly quantity?: number;
  readonly notionalMicros?: number;
  readonly limitNanos?: PriceNanos;
  readonly stopNanos?: PriceNanos;
  readonly trailNanos?: PriceNanos;
  readonly trailPercent?: string;
  readonly takeProfitNanos?: PriceNanos;
  readonly stopLoss?: { readonly stopNanos: PriceNanos; readonly limitNanos?: PriceNanos };
  readonly legs: readonly LegRequest[];
}

export interface LegRequest {
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly ratio: number;
  readonly positionIntent?: string;
}

/** What a replace changes; absent stays as it is. */
export interface PatchRequest {
  readonly quantity?: number;
  readonly timeInForce?: AlpacaTimeInForce;
  readonly limitNanos?: PriceNanos;
  readonly stopNanos?: PriceNanos;
  readonly trail?: string;
  readonly clientOrderId?: string;
}

const amount = z.union([z.string(), z.number()]).transform(String).nullish();
const text = z.string().nullish();
const CLIENT_ID_MAX = 128;

const ORDER = z.object({
  symbol: text,
  qty: amount,
  notional: amount,
  side: z.enum(['buy', 'sell']).nullish(),
  type: z.enum(ORDER_TYPES),
  time_in_force: z.enum(TIMES_IN_FORCE),
  limit_price: amount,
  stop_price: amount,
  trail_price: amount,
  trail_percent: amount,
  extended_hours: z.boolean().nullish(),
  client_order_id: z.string().max(CLIENT_ID_MAX).nullish(),
  order_class: z.enum([...ORDER_CLASSES, '']).nullish(),
  take_profit: z.object({ limit_price: amount }).nullish(),
  stop_loss: z.object({ stop_price: amount, limit_price: amount }).nullish(),
  position_intent: text,
  legs: z
    .array(
      z.object({
        symbol: z.string(),
        ratio_qty: amount,
        side: z.enum(['buy', 'sell']),
        position_intent: text,
      }),
    )
    .nullish(),
});

const PATCH = z.object({
  qty: amount,
  time_in_force: z.enum(TIMES_IN_FORCE).nullish(),
  limit_price: amount,
  stop_price: amount,
  trail: amount,
  client_order_id: z.string().max(CLIENT_ID_MAX).nullish(),
});

/** Reads the body of a new order. @throws Refusal 422 naming the field that cannot be read. */
export function readOrder(body: unknown): OrderRequest {
  const row = parsed(ORDER, body);
  const stopLoss = row.stop_loss ?? undefined;
  const legs = (row.legs ?? []).map(({ symbol, side, ratio_qty, position_intent }) => ({
    ...{ symbol, side, ratio: Number(ratio_qty ?? '1') },
    ...given({ positionIntent: position_intent }),
  }));
  return {
    symbol: row.symbol ?? '',
    side: row.side ?? undefined,
    type: row.type,
    timeInForce: row.time_in_force,
    orderClass: row.order_class === '' ? 'simple' : (row.order_class ?? 'simple'),
    extendedHours: row.extended_hours ?? false,
    legs,
    ...given({
      clientOrderId: row.client_order_id === '' ? undefined : row.client_order_id,
      positionIntent: row.position_intent,
      quantity: decimal('qty', row.qty, 9),
      notionalMicros: decimal('notional', row.notional, 6),
      limitNanos: price('limit_price', row.limit_price),
      stopNanos: price('stop_price', row.stop_price),
      trailNanos: price('trail_price', row.trail_price),
      trailPercent: row.trail_percent,
      takeProfitNanos: price('take_profit.limit_price', row.take_profit?.limit_price),
      stopLoss: stopLoss === undefined ? undefined : readStopLoss(stopLoss),
    }),
  };
}

/** Reads the body of a replace. @throws Refusal 422 */
export function readPatch(body: unknown): PatchRequest {
  const row = parsed(PATCH, body);
  return given({
    quantity: decimal('qty', row.qty, 9),
    timeInForce: row.time_in_force,
    limitNanos: price('limit_price', row.limit_price),
    stopNanos: price('stop_price', row.stop_price),
    trail: row.trail,
    clientOrderId: row.client_order_id,
  });
}

type Text = string | null | undefined;

function readStopLoss(row: { stop_price?: Text; limit_price?: Text }) {
  const stopNanos = price('stop_loss.stop_price', row.stop_price);
  if (stopNanos === undefined) throw unprocessable('stop_loss requires stop_price');
  return { stopNanos, ...given({ limitNanos: price('stop_loss.limit_price', row.limit_price) }) };
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw unprocessable(
    `invalid ${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'unreadable'}`,
  );
}

function decimal(name: string, value: string | null | undefined, places: number) {
  if (value === null || value === undefined) return undefined;
  try {
    return parseDecimal(value, places);
  } catch (error) {
    if (!hasCode(error, 'NUMBER.FORMAT')) throw error;
    throw unprocessable(`invalid ${name}: ${value}`);
  }
}

function price(name: string, value: string | null | undefined): PriceNanos | undefined {
  const nanos = decimal(name, value, 9);
  return nanos === undefined ? undefined : priceNanos(nanos);
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** Leaves out what is not there. */
function given<T extends object>(fields: T): Given<T> {
  const there = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(there) as Given<T>;
}
