import { cashMicros } from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';
import { RATE_SCALE } from '../../matching/limits.ts';
import type { SeriesColumns } from '../../run/series-columns.ts';
import { nearestQuotient } from './near-quotient.ts';
import { isWithinCaps } from './sweep-caps.ts';
import type { Stretches } from './sweep-columns.ts';
import { quickSize, type SweepMoney, worthOf } from './sweep-money.ts';

const PER_RATE = 1 / RATE_SCALE;

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
  /** The close of the bar that filled a buy, and of the one before that which filled a sale. */
  readonly markNanos: Float64Array;
  /** What the bars say at each turn. */
  readonly quotes: TurnQuotes;
  /** Room for the rows between a buy and its sale. */
  readonly stretches: Stretches;
}

/** What bars say at turns, by turn; gathered at once, since one by one they would wait for memory. */
export interface TurnQuotes {
  /** The bar that fills it, which may lie after the last. */
  readonly row: Int32Array;
  /** The close that decides. */
  readonly decidedNanos: Float64Array;
  /** What an order fills at but for slippage; NaN where there is no further bar. */
  readonly filledNanos: Float64Array;
  /** As {@link CrossTrades.markNanos}. */
  readonly markNanos: Float64Array;
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
    markNanos: new Float64Array(rows),
    quotes: {
      row: new Int32Array(rows),
      decidedNanos: new Float64Array(rows),
      filledNanos: new Float64Array(rows),
      markNanos: new Float64Array(rows),
    },
    stretches: { from: new Int32Array(rows), to: new Int32Array(rows), count: 0 },
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
 * Buys at each rise what the account has for it, and sells it at the fall. Numbers stay in one loop, which is compiled well.
 * @returns false where it came to a decision whose outcome it does not know.
 */
export function tradeTurns(rules: TradingRules, turns: Turns, trades: CrossTrades): boolean {
  const { bars, money, hard, slips } = rules;
  const { scales } = money;
  const { quotes } = trades;
  const rows = bars.endUs.length;
  gatherQuotes(rules, turns, quotes);
  let cash: number = rules.openingMicros;
  let quantity = 0;
  let place = 0;
  trades.orderCount = 0;
  trades.fillCount = 0;
  for (let turn = 0; turn < turns.count; turn += 1) {
    const decided = (turns.rows[turn] as number) - turns.warmupRows;
    const isBuy = turn % 2 === 0;
    if (isBuy) {
      const price = quotes.decidedNanos[turn] as number;
      quantity = quickSize(scales, price, cash);
      if (Number.isNaN(quantity)) quantity = money.size(price, cash);
      if (quantity === 0 || (rules.isCapped && !isWithinCaps(rules, { price, quantity, cash }))) {
        turn += 1;
        continue;
      }
    }
    if (hard?.[decided] === 1) return false;
    trades.decidedRow[place] = decided;
    trades.quantity[place] = quantity;
    trades.orderCount = place + 1;
    const row = quotes.row[turn] as number;
    if (row >= rows) return true;
    const quoted = quotes.filledNanos[turn] as number;
    const price = slips ? slipped(rules, row, isBuy ? 1 : -1) : quoted;
    const notional = worthOf(scales, price, quantity);
    const fee = feeOf(money, notional, quantity);
    cash = cashMicros((isBuy ? cash - notional : cash + notional) - fee);
    trades.row[place] = row;
    trades.priceNanos[place] = price;
    trades.notionalMicros[place] = notional;
    trades.feeMicros[place] = fee;
    trades.cashMicros[place] = cash;
    trades.markNanos[place] = quotes.markNanos[turn] as number;
    place += 1;
    trades.fillCount = place;
  }
  return true;
}

/** Gathers what the bars say at turns. */
export function gatherQuotes(
  { bars, delay }: TradingRules,
  { rows, count, warmupRows }: Turns,
  quotes: TurnQuotes,
): void {
  const { closeNanos, openNanos } = bars;
  const filled = delay === 0 ? closeNanos : openNanos;
  for (let turn = 0; turn < count; turn += 1) {
    const decided = (rows[turn] as number) - warmupRows;
    quotes.row[turn] = decided + delay;
    quotes.decidedNanos[turn] = closeNanos[decided] as number;
    quotes.filledNanos[turn] = filled[decided + delay] ?? Number.NaN;
    quotes.markNanos[turn] = closeNanos[decided + delay - (turn % 2)] ?? Number.NaN;
  }
}

function feeOf(money: SweepMoney, notional: number, quantity: number): number {
  const { feeRate } = money.scales;
  if (feeRate === 0) return 0;
  if (Number.isNaN(feeRate)) return money.commission(notional, quantity);
  return nearestQuotient(notional, feeRate, RATE_SCALE, PER_RATE);
}

/** Returns the price of a fill that is worse by the slippage, inside its bar. */
function slipped({ bars, money, delay }: TradingRules, row: number, side: 1 | -1): number {
  const quoted = (delay === 0 ? bars.closeNanos : bars.openNanos)[row] as number;
  const slip = money.slippage(quoted);
  return side > 0
    ? Math.min(quoted + slip, bars.highNanos[row] as number)
    : Math.max(quoted - slip, bars.lowNanos[row] as number);
}
