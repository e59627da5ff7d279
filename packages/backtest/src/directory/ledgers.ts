import { join } from 'node:path';
import {
  type BacktestResult,
  ORDER_CAUSES,
  ORDER_ENDS,
  ORDER_TYPE_CODES,
  TIME_IN_FORCE_CODES,
} from '@capstan/engine';
import { type TableColumn, type TableToWrite, type TableValues, writeTable } from '@capstan/lake';
import type { SymbolData } from '../load/run-data.ts';

type Kind = 'integer' | 'float';

/** The Parquet files of a run, by name. */
export const LEDGERS = {
  bars: 'bars.parquet',
  orders: 'orders.parquet',
  fills: 'fills.parquet',
  equity: 'equity.parquet',
} as const;

/** What ledgers are made of. */
export interface LedgerParts {
  readonly result: BacktestResult;
  readonly symbols: readonly Pick<SymbolData, 'series' | 'instrument'>[];
}

/**
 * Writes the ledgers of a run as Parquet: prices in nanos, money in micros, quantities at the instrument's scale, times in UTC
 * microseconds.
 * @throws LAKE.DISK, LAKE.WRITE
 */
export async function writeLedgers(folder: string, parts: LedgerParts): Promise<void> {
  await writeTable(ordersTable(join(folder, LEDGERS.orders), parts.result));
  await writeTable(fillsTable(join(folder, LEDGERS.fills), parts.result));
  await writeTable(equityTable(join(folder, LEDGERS.equity), parts.result));
}

/** Writes the bars that a run played. @throws LAKE.DISK, LAKE.WRITE */
export function writeBars(folder: string, symbols: LedgerParts['symbols']): Promise<void> {
  const rows = symbols.reduce((sum, { series }) => sum + series.bars.endUs.length, 0);
  const column = (name: string, pick: (one: LedgerParts['symbols'][number]) => Float64Array) => {
    const only = symbols.length === 1 ? symbols[0] : undefined;
    if (only !== undefined) return integer(name, pick(only));
    const values = new Float64Array(rows);
    let at = 0;
    for (const one of symbols) {
      values.set(pick(one), at);
      at += one.series.bars.endUs.length;
    }
    return integer(name, values);
  };
  const index = new Uint16Array(rows);
  let at = 0;
  for (const [symbolIndex, { series }] of symbols.entries()) {
    index.fill(symbolIndex, at, at + series.bars.endUs.length);
    at += series.bars.endUs.length;
  }
  return writeTable({
    path: join(folder, LEDGERS.bars),
    rows,
    columns: [
      text(
        'symbol',
        index,
        symbols.map(({ instrument }) => instrument.symbol),
      ),
      column('start_us', ({ series }) => series.bars.startUs),
      column('end_us', ({ series }) => series.bars.endUs),
      column('open_nanos', ({ series }) => series.bars.openNanos),
      column('high_nanos', ({ series }) => series.bars.highNanos),
      column('low_nanos', ({ series }) => series.bars.lowNanos),
      column('close_nanos', ({ series }) => series.bars.closeNanos),
      column('volume', ({ series }) => series.bars.volume),
    ],
  });
}

/** The orders as a table, a row each, in the order in which they were decided. */
export function ordersTable(path: string, result: BacktestResult): TableToWrite {
  const { orders, symbols, timelineUs } = result;
  return {
    path,
    rows: orders.count,
    columns: [
      integer('order', rowNumbers(orders.count)),
      integer('decided_us', timesOf(orders.slice, timelineUs, orders.count)),
      text('symbol', orders.symbolIndex, symbols),
      text('side', sides(orders.side, orders.count), SIDES),
      integer('quantity', orders.quantity),
      text('type', orders.type, ORDER_TYPE_CODES),
      integer('limit_price_nanos', orders.limitPriceNanos),
      integer('stop_price_nanos', orders.stopPriceNanos),
      text('time_in_force', orders.timeInForce, TIME_IN_FORCE_CODES),
      text('cause', orders.cause, ORDER_CAUSES),
      text('leg', orders.leg, LEG_TEXTS),
      integer('parent', blankBelowZero(orders.parent, orders.count)),
      text('state', orders.state, ORDER_ENDS),
      integer('filled_quantity', orders.filledQuantity),
      integer('end_us', orders.endUs),
    ],
  };
}

/** The fills as a table, a row each, in the ledger's order. */
export function fillsTable(path: string, { fills, symbols }: BacktestResult): TableToWrite {
  return {
    path,
    rows: fills.count,
    columns: [
      integer('fill', rowNumbers(fills.count)),
      integer('order', fills.order),
      integer('event_us', fills.eventAtUs),
      text('symbol', fills.symbolIndex, symbols),
      text('side', sides(fills.side, fills.count), SIDES),
      integer('quantity', fills.quantity),
      integer('price_nanos', fills.priceNanos),
      integer('fee_micros', fills.feeMicros),
    ],
  };
}

function equityTable(path: string, result: BacktestResult): TableToWrite {
  const { timelineUs, equityMicros, cashMicros, grossMicros } = result;
  return {
    path,
    rows: timelineUs.length,
    columns: [
      integer('end_us', timelineUs),
      numbers('equity_micros', 'float', equityMicros),
      integer('cash_micros', cashMicros),
      ...(grossMicros === undefined ? [] : [numbers('gross_micros', 'float', grossMicros)]),
    ],
  };
}

const SIDES = ['buy', 'sell'];
const LEG_TEXTS = ['entry', 'stop', 'target', 'trail'];

const sides = (values: Int8Array, count: number): Uint8Array =>
  Uint8Array.from(values.subarray(0, count), (side) => (side > 0 ? 0 : 1));

const blankBelowZero = (values: Int32Array, count: number): Float64Array =>
  Float64Array.from(values.subarray(0, count), (value) => (value < 0 ? Number.NaN : value));

const rowNumbers = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, row) => row);

const timesOf = (slices: Int32Array, timelineUs: Float64Array, count: number): Float64Array =>
  Float64Array.from(slices.subarray(0, count), (slice) => timelineUs[slice] ?? Number.NaN);

const numbers = (name: string, kind: Kind, values: TableValues): TableColumn => ({
  name,
  kind,
  values,
});
const integer = (name: string, values: TableValues): TableColumn =>
  numbers(name, 'integer', values);
const text = (name: string, values: TableValues, texts: readonly string[]): TableColumn => ({
  name,
  kind: 'text',
  values,
  texts,
});
