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

/** Makes of trades what the full path makes of the run. */
export function runOfTrades(account: CrossAccount, trades: CrossTrades): CrossRun {
  const { symbol, bars, openingMicros } = account;
  const { fillCount } = trades;
  const fills = fillsOf(account, trades);
  const finalCash = trades.cashMicros[fillCount - 1];
  const parts = {
    symbols: [symbol],
    orders: ordersOf(trades, fills),
    fills,
    cashEvents: [],
    finalCashMicros:
      fillCount === 0 || finalCash === undefined ? openingMicros : cashMicros(finalCash),
    positions: fillCount === 0 ? [] : [{ symbol, position: positionOf(trades) }],
  };
  const curve = curveOf(account, trades);
  return {
    ...parts,
    ...curve,
    timelineUs: bars.endUs,
    digest: (sha256) => digestOf(parts, sha256),
  };
}

function ordersOf(trades: CrossTrades, fills: FillColumns): OrderColumns {
  const { orderCount: count, fillCount, decidedRow, quantity } = trades;
  const orders = emptyOrders(count);
  orders.slice.set(decidedRow.subarray(0, count));
  orders.row.set(decidedRow.subarray(0, count));
  orders.quantity.set(quantity.subarray(0, count));
  orders.limitPriceNanos.fill(Number.NaN);
  orders.stopPriceNanos.fill(Number.NaN);
  orders.type.fill(MARKET);
  orders.timeInForce.fill(DAY);
  orders.leg.fill(LEGS.entry);
  orders.parent.fill(NO_PARENT);
  orders.cause.fill(BY_SIGNAL);
  orders.state.fill(FILLED, 0, fillCount).fill(WORKING, fillCount);
  orders.filledQuantity.set(quantity.subarray(0, fillCount));
  orders.endUs.set(fills.eventAtUs.subarray(0, fillCount));
  orders.endUs.fill(Number.NaN, fillCount);
  for (let at = 0; at < count; at += 1) {
    const isExit = at % 2;
    orders.side[at] = 1 - 2 * isExit;
    orders.reducing[at] = isExit;
  }
  return { ...orders, count };
}

function fillsOf({ bars, fillsAtClose }: CrossAccount, trades: CrossTrades): CrossRun['fills'] {
  const { fillCount: count, row, quantity, priceNanos, feeMicros, notionalMicros } = trades;
  const fills = emptyFills(count);
  fills.slice.set(row.subarray(0, count));
  fills.row.set(row.subarray(0, count));
  fills.quantity.set(quantity.subarray(0, count));
  fills.priceNanos.set(priceNanos.subarray(0, count));
  fills.feeMicros.set(feeMicros.subarray(0, count));
  const times = fillsAtClose ? bars.endUs : bars.startUs;
  for (let at = 0; at < count; at += 1) {
    fills.order[at] = at;
    fills.side[at] = 1 - 2 * (at % 2);
    fills.eventAtUs[at] = times[row[at] as number] as number;
  }
  return { ...fills, count, notionalMicros: notionalMicros.slice(0, count) };
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

/** Returns equity and gross worth after each bar. */
function curveOf({ instrument, openingMicros, bars }: CrossAccount, trades: CrossTrades) {
  const { closeNanos } = bars;
  const { fillCount, row, quantity, cashMicros: cashAfter } = trades;
  const rows = closeNanos.length;
  const equityMicros = new Float64Array(rows);
  const grossMicros = new Float64Array(rows);
  let cash: number = openingMicros;
  let from = 0;
  for (let at = 0; at <= fillCount; at += 1) {
    const to = at < fillCount ? (row[at] as number) : rows;
    const isHeld = at % 2 === 1;
    const factor = isHeld ? holdingFactor(instrument, quantity[at - 1] as number) : 0;
    if (isHeld) hold({ equityMicros, grossMicros }, closeNanos, { cash, factor, from, to });
    else for (let slice = from; slice < to; slice += 1) equityMicros[slice] = cash;
    cash = cashAfter[at] as number;
    from = to;
  }
  return { equityMicros, grossMicros };
}

function hold(
  { equityMicros, grossMicros }: Pick<CrossRun, 'equityMicros' | 'grossMicros'>,
  close: Float64Array,
  span: {
    readonly cash: number;
    readonly factor: number;
    readonly from: number;
    readonly to: number;
  },
): void {
  const { cash, factor, from, to } = span;
  for (let slice = from; slice < to; slice += 1) {
    const worth = (close[slice] as number) * factor;
    grossMicros[slice] = worth;
    equityMicros[slice] = cash + worth;
  }
}
