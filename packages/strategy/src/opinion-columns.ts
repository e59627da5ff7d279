import { type PriceNanos, priceNanos, type TimeInForce } from '@capstan/domain';
import type { Target } from './target.ts';

/** Opinions as {@link OpinionColumns.direction} holds them. */
export const OPINION = { long: 1, flat: 0, short: -1, none: 2 } as const;

/**
 * What a strategy wants after each bar of a symbol: columns with a row for each bar of its timeframe. Cells of a row without
 * an opinion mean nothing. Trails and entry stops have no column: a strategy that asks for one decides bar by bar.
 */
export interface OpinionColumns {
  /** Of {@link OPINION}; `none` where the strategy has no new opinion. */
  readonly direction: Int8Array;
  /** 0 to 1; full strength where the column is absent. Of no meaning where flat. */
  readonly strength?: Float64Array;
  /** Nanos, NaN for none; none where the column is absent. */
  readonly limitPriceNanos?: Float64Array;
  /** Nanos, NaN for none; none where the column is absent. */
  readonly stopPriceNanos?: Float64Array;
  /** Nanos, NaN for none; none where the column is absent. */
  readonly takeProfitPriceNanos?: Float64Array;
  /**
   * In place of a column: tells the price that an opinion has from the row on at which the direction turns, until it turns again.
   * Nanos, NaN for none. Asked only for rows at which it turns: a price for each turn is quicker than one for each bar.
   */
  readonly stopPriceAtTurn?: (row: number) => number;
  /** As {@link OpinionColumns.stopPriceAtTurn}. */
  readonly takeProfitPriceAtTurn?: (row: number) => number;
  readonly timeInForce?: TimeInForce;
  /** Returns in words what led to the opinion of a row. Asked only for rows that have one. */
  readonly reasonAt: (row: number) => string;
}

/**
 * Returns the target of a row, `undefined` where it has no opinion.
 * @complexity the rows since the direction turned, where prices are those of the turn.
 */
export function targetAt(columns: OpinionColumns, row: number): Target | undefined {
  const asksTurn =
    columns.stopPriceAtTurn !== undefined || columns.takeProfitPriceAtTurn !== undefined;
  return targetSince(columns, row, asksTurn ? turnOf(columns.direction, row) : row);
}

/** Returns what tells the target of each row, asked in the order of the rows, all of them. @complexity constant, a row. */
export function targetsInOrder(columns: OpinionColumns): (row: number) => Target | undefined {
  const { direction } = columns;
  let turn = -1;
  return (row) => {
    if (direction[row] !== OPINION.none && direction[row] !== direction[turn]) turn = row;
    return targetSince(columns, row, turn);
  };
}

/** Returns the row at which the opinion of a row, one that has one, began. @complexity the rows between them. */
export function turnOf(direction: Int8Array, row: number): number {
  const now = direction[row];
  let turn = row;
  for (let before = row - 1; before >= 0; before -= 1) {
    if (direction[before] === now) turn = before;
    else if (direction[before] !== OPINION.none) break;
  }
  return turn;
}

/** @param turn the row at which the direction of the row's opinion turned. */
function targetSince(columns: OpinionColumns, row: number, turn: number): Target | undefined {
  const opinion = columns.direction[row];
  if (opinion === undefined || opinion === OPINION.none) return undefined;
  const limit = priceAt(columns.limitPriceNanos, row);
  const stop = columns.stopPriceAtTurn
    ? priceOf(columns.stopPriceAtTurn(turn))
    : priceAt(columns.stopPriceNanos, row);
  const takeProfit = columns.takeProfitPriceAtTurn
    ? priceOf(columns.takeProfitPriceAtTurn(turn))
    : priceAt(columns.takeProfitPriceNanos, row);
  const { timeInForce, strength } = columns;
  return {
    direction: opinion === OPINION.flat ? 'flat' : opinion === OPINION.long ? 'long' : 'short',
    strength: opinion === OPINION.flat ? 0 : (strength?.[row] ?? 1),
    ...(limit === undefined ? {} : { limitPriceNanos: limit }),
    ...(stop === undefined ? {} : { stopPriceNanos: stop }),
    ...(takeProfit === undefined ? {} : { takeProfitPriceNanos: takeProfit }),
    ...(timeInForce === undefined ? {} : { timeInForce }),
    reason: () => columns.reasonAt(row),
  };
}

function priceAt(column: Float64Array | undefined, row: number): PriceNanos | undefined {
  return priceOf(column?.[row] ?? Number.NaN);
}

function priceOf(price: number): PriceNanos | undefined {
  return Number.isNaN(price) ? undefined : priceNanos(price);
}
