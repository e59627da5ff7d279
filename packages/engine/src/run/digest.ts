import { sha256Hex } from '@capstan/domain';
import type { BacktestResult } from './backtest-result.ts';
import type { FillColumns, OrderColumns } from './order-columns.ts';

const NONE = -1;
const CELL_BYTES = 8;
/** Of what is no column, at most. */
const SMALL_CELLS = 5;
const CASH_KINDS = ['accrual', 'dividend', 'fraction'];

/** Returns the SHA-256 of bytes, one piece after the other, in hexadecimal. A piece is to be read before the next is asked for. */
export type Sha256 = (pieces: Iterable<Uint8Array>) => string;

/** What a digest is taken of. */
export type DigestParts = Pick<
  BacktestResult,
  'symbols' | 'orders' | 'fills' | 'cashEvents' | 'positions' | 'finalCashMicros'
>;

/**
 * Returns the SHA-256, in hexadecimal, of the canonical bytes of orders, fills, cash events and final ledger: symbols as text,
 * then every number as a 64-bit float, least byte first, column by column, -1 for none.
 */
export function digestOf(parts: DigestParts, sha256: Sha256 = sha256Hex): string {
  return sha256(piecesOf(parts));
}

function* piecesOf(parts: DigestParts): Generator<Uint8Array> {
  const { symbols, orders, fills, cashEvents, positions, finalCashMicros } = parts;
  const scratch = new Float64Array(Math.max(SMALL_CELLS, orders.count, fills.count));
  const bytesOf = (values: Column | readonly number[]) => bytesIn(scratch, values);
  yield textBytes(symbols.join('\n'));
  yield bytesOf([orders.count, fills.count, cashEvents.length, positions.length, finalCashMicros]);
  for (const column of orderColumns(orders)) yield bytesOf(column.subarray(0, orders.count));
  for (const column of fillColumns(fills)) yield bytesOf(column.subarray(0, fills.count));
  for (const { kind, slice, symbolIndex, amountMicros, eventAtUs } of cashEvents) {
    yield bytesOf([CASH_KINDS.indexOf(kind), slice, symbolIndex, amountMicros, eventAtUs]);
  }
  for (const { symbol, position } of positions) {
    const { quantity, costMicros, realisedMicros, feesMicros } = position;
    yield bytesOf([symbols.indexOf(symbol), quantity, costMicros, realisedMicros, feesMicros]);
  }
}

type Column = Int8Array | Uint8Array | Uint16Array | Int32Array | Float64Array;

function orderColumns(orders: OrderColumns): readonly Column[] {
  return [
    orders.slice,
    orders.row,
    orders.symbolIndex,
    orders.side,
    orders.quantity,
    orders.type,
    orders.limitPriceNanos,
    orders.stopPriceNanos,
    orders.timeInForce,
    orders.reducing,
    orders.leg,
    orders.parent,
    orders.cause,
    orders.state,
    orders.filledQuantity,
    orders.endUs,
  ];
}

function fillColumns(fills: FillColumns): readonly Column[] {
  return [
    fills.slice,
    fills.row,
    fills.symbolIndex,
    fills.order,
    fills.side,
    fills.quantity,
    fills.priceNanos,
    fills.feeMicros,
    fills.eventAtUs,
  ];
}

/** Returns numbers as bytes, in room that is used again. */
function bytesIn(
  scratch: Float64Array<ArrayBuffer>,
  values: Column | readonly number[],
): Uint8Array {
  const cells = scratch.subarray(0, values.length);
  cells.set(values);
  for (let index = 0; index < cells.length; index += 1) {
    if (Number.isNaN(cells[index])) cells[index] = NONE;
  }
  return leastFirst(cells);
}

const IS_LEAST_FIRST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Returns the bytes of numbers, least first, whatever the machine's own order is. */
function leastFirst(cells: Float64Array<ArrayBuffer>): Uint8Array {
  const bytes = new Uint8Array(cells.buffer, 0, cells.byteLength);
  if (IS_LEAST_FIRST) return bytes;
  for (let at = 0; at < bytes.length; at += CELL_BYTES)
    bytes.subarray(at, at + CELL_BYTES).reverse();
  return bytes;
}

/** Two bytes a code unit, least first. */
function textBytes(text: string): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let index = 0; index < text.length; index += 1) {
    view.setUint16(2 * index, text.charCodeAt(index), true);
  }
  return new Uint8Array(view.buffer);
}
