import {
  type CashMicros,
  cashMicros,
  type Instrument,
  type Quantity,
  ZERO_CASH,
  ZERO_QUANTITY,
} from '@capstan/domain';
import type { BacktestResult } from '../../run/backtest-result.ts';
import { digestOf } from '../../run/digest.ts';
import { emptyFills } from '../../run/fill-rows.ts';
import { holdingFactor } from '../../run/holding-worth.ts';
import {
  type FillColumns,
  LEGS,
  ORDER_CAUSES,
  ORDER_ENDS,
  ORDER_TYPE_CODES,
  type OrderColumns,
  TIME_IN_FORCE_CODES,
} from '../../run/order-columns.ts';
import { emptyOrders } from '../../run/order-rows.ts';
import type { SeriesColumns } from '../../run/series-columns.ts';
import type { CrossTrades } from './cross-trades.ts';

const MARKET = ORDER_TYPE_CODES.indexOf('market');
const DAY = TIME_IN_FORCE_CODES.indexOf('day');
const BY_SIGNAL = ORDER_CAUSES.indexOf('signal');
const WORKING = ORDER_ENDS.indexOf('working');
const FILLED = ORDER_ENDS.indexOf('filled');
const NO_PARENT = -1;

/** Of a result what metrics, trades and digest are made of. */
export type CrossRun = Pick<
  BacktestResult,
  | 'symbols'
  | 'timelineUs'
  | 'equityMicros'
  | 'orders'
  | 'cashEvents'
  | 'finalCashMicros'
  | 'positions'
  | 'digest'
> & {
  readonly grossMicros: Float64Array;
  /** With the notional of each. */
  readonly fills: FillColumns & { readonly notionalMicros: Float64Array };
};

/** What an account is that trades. */
export interface CrossAccount {
  readonly symbol: string;
  readonly instrument: Instrument;
  readonly openingMicros: CashMicros;
  readonly bars: SeriesColumns;
  /** Whether orders fill at the close that decided them, else at the next open. */
  readonly fillsAtClose: boolean;
}

/** Makes of trades what the full path makes of the run, in columns that the next one uses again. */
export class CrossRuns {
  readonly #account: CrossAccount;
  readonly #equityMicros: Float64Array;
  readonly #grossMicros: Float64Array;
  #orders = marketOrders(0);
  #fills = alternatingFills(0);

  constructor(account: CrossAccount) {
    this.#account = account;
    this.#equityMicros = new Float64Array(account.bars.endUs.length);
    this.#grossMicros = new Float64Array(account.bars.endUs.length);
  }

  runOf(trades: CrossTrades): CrossRun {
    const { symbol, bars, openingMicros } = this.#account;
    const { orderCount, fillCount } = trades;
    if (this.#orders.row.length < orderCount) {
      this.#orders = marketOrders(2 * orderCount);
      this.#fills = alternatingFills(2 * orderCount);
    }
    const fills = this.#fillsOf(trades);
    const finalCash = trades.cashMicros[fillCount - 1];
    const parts = {
      symbols: [symbol],
      orders: this.#ordersOf(trades),
      fills,
      cashEvents: [],
      finalCashMicros:
        fillCount === 0 || finalCash === undefined ? openingMicros : cashMicros(finalCash),
      positions: fillCount === 0 ? [] : [{ symbol, position: positionOf(trades) }],
    };
    const curve = { equityMicros: this.#equityMicros, grossMicros: this.#grossMicros };
    fillCurve(this.#account, trades, curve);
    return {
      ...parts,
      ...curve,
      timelineUs: bars.endUs,
      digest: (sha256) => digestOf(parts, sha256),
    };
  }

  #ordersOf({ orderCount: count, fillCount, decidedRow, quantity }: CrossTrades): OrderColumns {
    const orders = this.#orders;
    orders.slice.set(decidedRow.subarray(0, count));
    orders.row.set(decidedRow.subarray(0, count));
    orders.quantity.set(quantity.subarray(0, count));
    orders.state.fill(FILLED, 0, fillCount).fill(WORKING, fillCount, count);
    orders.filledQuantity.set(quantity.subarray(0, fillCount));
    orders.filledQuantity.fill(0, fillCount, count);
    orders.endUs.set(this.#fills.eventAtUs.subarray(0, fillCount));
    orders.endUs.fill(Number.NaN, fillCount, count);
    return { ...orders, count };
  }

  #fillsOf(trades: CrossTrades): CrossRun['fills'] {
    const { fillCount: count, row, quantity, priceNanos, feeMicros, notionalMicros } = trades;
    const { bars, fillsAtClose } = this.#account;
    const fills = this.#fills;
    fills.slice.set(row.subarray(0, count));
    fills.row.set(row.subarray(0, count));
    const times = fillsAtClose ? bars.endUs : bars.startUs;
    for (let at = 0; at < count; at += 1) {
      fills.eventAtUs[at] = times[row[at] as number] as number;
    }
    return { ...fills, quantity, priceNanos, feeMicros, notionalMicros, count };
  }
}

/** Returns room for buys and sells in turn, with what all of them have alike. */
function marketOrders(capacity: number) {
  const orders = emptyOrders(capacity);
  orders.limitPriceNanos.fill(Number.NaN);
  orders.stopPriceNanos.fill(Number.NaN);
  orders.type.fill(MARKET);
  orders.timeInForce.fill(DAY);
  orders.leg.fill(LEGS.entry);
  orders.parent.fill(NO_PARENT);
  orders.cause.fill(BY_SIGNAL);
  for (let at = 0; at < capacity; at += 1) {
    const isExit = at % 2;
    orders.side[at] = 1 - 2 * isExit;
    orders.reducing[at] = isExit;
  }
  return orders;
}

function alternatingFills(capacity: number) {
  const fills = emptyFills(capacity);
  for (let at = 0; at < capacity; at += 1) {
    fills.order[at] = at;
    fills.side[at] = 1 - 2 * (at % 2);
  }
  return fills;
}

/** What is left after buys and whole sells in turn. */
function positionOf({ fillCount, quantity, notionalMicros, feeMicros }: CrossTrades) {
  const isOpen = fillCount % 2 === 1;
  const closed = isOpen ? fillCount - 1 : fillCount;
  let realised = 0;
  let fees = 0;
  for (let at = 0; at < closed; at += 2) {
    realised += (notionalMicros[at + 1] as number) - (notionalMicros[at] as number);
  }
  for (let at = 0; at < fillCount; at += 1) fees += feeMicros[at] as number;
  return {
    quantity: isOpen ? (quantity[closed] as Quantity) : ZERO_QUANTITY,
    costMicros: isOpen ? cashMicros(notionalMicros[closed] as number) : ZERO_CASH,
    realisedMicros: cashMicros(realised),
    feesMicros: cashMicros(fees),
  };
}

type Curve = Pick<CrossRun, 'equityMicros' | 'grossMicros'>;

/** Fills in equity and gross worth after each bar. */
function fillCurve(
  { instrument, openingMicros, bars }: CrossAccount,
  trades: CrossTrades,
  curve: Curve,
): void {
  const { closeNanos } = bars;
  const { fillCount, row, quantity, cashMicros: cashAfter } = trades;
  let cash: number = openingMicros;
  let from = 0;
  for (let at = 0; at <= fillCount; at += 1) {
    const to = at < fillCount ? (row[at] as number) : closeNanos.length;
    const isHeld = at % 2 === 1;
    const factor = isHeld ? holdingFactor(instrument, quantity[at - 1] as number) : 0;
    if (isHeld) hold(curve, closeNanos, { cash, factor, from, to });
    else rest(curve, { cash, from, to });
    cash = cashAfter[at] as number;
    from = to;
  }
}

interface Span {
  readonly cash: number;
  readonly from: number;
  readonly to: number;
}

function rest({ equityMicros, grossMicros }: Curve, { cash, from, to }: Span): void {
  for (let slice = from; slice < to; slice += 1) {
    equityMicros[slice] = cash;
    grossMicros[slice] = 0;
  }
}

function hold(
  { equityMicros, grossMicros }: Curve,
  close: Float64Array,
  { cash, factor, from, to }: Span & { readonly factor: number },
): void {
  for (let slice = from; slice < to; slice += 1) {
    const worth = (close[slice] as number) * factor;
    grossMicros[slice] = worth;
    equityMicros[slice] = cash + worth;
  }
}
