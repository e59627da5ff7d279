import { cashMicros } from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';
import type { SeriesColumns } from '../../run/series-columns.ts';
import { isWithinCaps } from './sweep-caps.ts';
import type { SweepMoney } from './sweep-money.ts';

/** What a crossing traded: buys and sells in turn. Columns of `count` rows or more, used again by the next crossing. */
export interface CrossTrades {
  /** Orders: the last one may have met no bar. */
  orderCount: number;
  /** Fills, each of the order of its row. */
  fillCount: number;
  /** The bar at whose close an order was decided. */
  readonly decidedRow: Int32Array;
  /** The bar that filled it. */
  readonly row: Int32Array;
  readonly quantity: Float64Array;
  readonly priceNanos: Float64Array;
  readonly notionalMicros: Float64Array;
  readonly feeMicros: Float64Array;
  /** Cash after it. */
  readonly cashMicros: Float64Array;
}

/** Makes room for trades. */
export function emptyTrades(rows: number): CrossTrades {
  return {
    orderCount: 0,
    fillCount: 0,
    decidedRow: new Int32Array(rows),
    row: new Int32Array(rows),
    quantity: new Float64Array(rows),
    priceNanos: new Float64Array(rows),
    notionalMicros: new Float64Array(rows),
    feeMicros: new Float64Array(rows),
    cashMicros: new Float64Array(rows),
  };
}

/** What trades follow, the same for all crossings of a sweep. */
export interface TradingRules {
  readonly bars: SeriesColumns;
  readonly money: SweepMoney;
  readonly limits: RiskLimits;
  readonly openingMicros: number;
  /** Rows from a decision to its fill. */
  readonly delay: 0 | 1;
  readonly slips: boolean;
  /** Whether there are limits that may refuse an entry. */
  readonly isCapped: boolean;
  /** 1 at rows whose decisions a sweep does not know the outcome of. */
  readonly hard: Uint8Array | undefined;
}

/** Turns of a crossing: rows at which it rises and falls in turn, as many as are said, and rows that come before the first bar. */
export interface Turns {
  readonly rows: Int32Array;
  readonly count: number;
  readonly warmupRows: number;
}

/**
 * Buys at each rise what the account has for it, and sells it at the fall.
 * @returns false where it came to a decision whose outcome it does not know.
 */
export function tradeTurns(rules: TradingRules, turns: Turns, trades: CrossTrades): boolean {
  const { bars, money, delay, openingMicros, hard } = rules;
  const { closeNanos } = bars;
  const rows = closeNanos.length;
  trades.orderCount = 0;
  trades.fillCount = 0;
  let cash = openingMicros;
  for (let turn = 0; turn < turns.count; turn += 2) {
    const rise = (turns.rows[turn] as number) - turns.warmupRows;
    const price = closeNanos[rise] as number;
    const quantity = money.size(price, cash);
    if (quantity === 0 || (rules.isCapped && !isWithinCaps(rules, { price, quantity, cash })))
      continue;
    if (hard?.[rise] === 1) return false;
    order(trades, rise, quantity);
    if (rise + delay >= rows) return true;
    cash = fill(rules, trades, { row: rise + delay, cash, side: 1 });
    if (turn + 1 >= turns.count) return true;
    const fall = (turns.rows[turn + 1] as number) - turns.warmupRows;
    if (hard?.[fall] === 1) return false;
    order(trades, fall, quantity);
    if (fall + delay >= rows) return true;
    cash = fill(rules, trades, { row: fall + delay, cash, side: -1 });
  }
  return true;
}

function order(trades: CrossTrades, row: number, quantity: number): void {
  const at = trades.orderCount;
  trades.decidedRow[at] = row;
  trades.quantity[at] = quantity;
  trades.orderCount = at + 1;
}

/** Fills the last order. @returns the cash after it. */
function fill(
  { bars, money, delay, slips }: TradingRules,
  trades: CrossTrades,
  at: { readonly row: number; readonly cash: number; readonly side: 1 | -1 },
): number {
  const { row, side } = at;
  const place = trades.fillCount;
  const quantity = trades.quantity[place] as number;
  const quoted = (delay === 0 ? bars.closeNanos : bars.openNanos)[row] as number;
  const price = slips ? slipped(bars, row, side, { quoted, slip: money.slippage(quoted) }) : quoted;
  const notional = money.notional(price, quantity);
  const fee = money.commission(notional, quantity);
  const cash = cashMicros(at.cash - side * notional - fee);
  trades.row[place] = row;
  trades.priceNanos[place] = price;
  trades.notionalMicros[place] = notional;
  trades.feeMicros[place] = fee;
  trades.cashMicros[place] = cash;
  trades.fillCount = place + 1;
  return cash;
}

/** Returns a price that is worse by the slippage, inside its bar. */
function slipped(
  { lowNanos, highNanos }: SeriesColumns,
  row: number,
  side: 1 | -1,
  { quoted, slip }: { readonly quoted: number; readonly slip: number },
): number {
  return side > 0
    ? Math.min(quoted + slip, highNanos[row] as number)
    : Math.max(quoted - slip, lowNanos[row] as number);
}
