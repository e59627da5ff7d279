import { type OrderTerms, quantity, type TimeUs, timeUs } from '@capstan/domain';
import type { RunNames } from './backtest-spec.ts';
import type { OrderCause } from './order-columns.ts';
import type { SymbolRun } from './symbol-run.ts';

/** A command of the run itself to leave a position. */
export interface Flattening {
  readonly names: RunNames;
  readonly symbol: SymbolRun;
  readonly cause: Extract<OrderCause, 'halt' | 'endOfRun'>;
  readonly slice: number;
  readonly decidedAtUs: TimeUs;
}

/** Returns the market order that closes all that the bot holds of a symbol, good till it is filled. */
export function flattenTerms({ names, symbol, cause, slice, decidedAtUs }: Flattening): OrderTerms {
  const orderId = `${cause} ${slice} ${symbol.symbol}`;
  return {
    orderId,
    intentId: orderId,
    runId: names.runId,
    accountId: names.accountId,
    botId: names.botId,
    symbol: symbol.symbol,
    side: symbol.heldQuantity > 0 ? 'sell' : 'buy',
    quantity: quantity(Math.abs(symbol.heldQuantity)),
    type: 'market',
    timeInForce: 'gtc',
    reducing: true,
    leg: 0,
    attempt: 1,
    decidedAtUs,
    expiresAtUs: timeUs(Number.MAX_SAFE_INTEGER),
  };
}
