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
  readonly timeInForce?: TimeInForce;
  /** Returns in words what led to the opinion of a row. Asked only for rows that have one. */
  readonly reasonAt: (row: number) => string;
}

/** Returns the target of a row, `undefined` where it has no opinion. */
export function targetAt(columns: OpinionColumns, row: number): Target | undefined {
  const opinion = columns.direction[row];
  if (opinion === undefined || opinion === OPINION.none) return undefined;
  const limit = priceAt(columns.limitPriceNanos, row);
  const stop = priceAt(columns.stopPriceNanos, row);
  const takeProfit = priceAt(columns.takeProfitPriceNanos, row);
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
  const price = column?.[row] ?? Number.NaN;
  return Number.isNaN(price) ? undefined : priceNanos(price);
}
