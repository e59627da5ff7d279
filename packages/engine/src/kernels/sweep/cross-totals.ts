import type { CurveTotals } from '@capstan/analytics';
import type { CashMicros, Instrument } from '@capstan/domain';
import { holdingFactor } from '../../run/holding-worth.ts';
import type { CrossTrades } from './cross-trades.ts';
import { addReturns, type SweepColumns } from './sweep-columns.ts';
import { beginSweep, restUntil, STATE, takeRow, totalsOf, walkHolding } from './sweep-state.ts';

/** What a crossing led to: its curve in totals, a return for each bar, in micros. */
export interface SweepTotals extends CurveTotals {
  readonly finalCashMicros: number;
  readonly fillCount: number;
}

/** What an account is that trades. */
export interface SweptAccount {
  readonly instrument: Instrument;
  readonly openingMicros: CashMicros;
}

/** Goes from trade to trade and adds up the curve. @complexity some work for each fill, and for rows at which a drawdown deepens. */
export function totalsOfTrades(
  { instrument, openingMicros }: SweptAccount,
  columns: SweepColumns,
  trades: CrossTrades,
): SweepTotals {
  const { row, quantity, cashMicros, markNanos, fillCount, stretches } = trades;
  const { closeNanos } = columns;
  const rows = closeNanos.length;
  const state = beginSweep(openingMicros);
  stretches.count = 0;
  for (let buy = 0; buy < fillCount; buy += 2) {
    const bought = row[buy] as number;
    const sold = buy + 1 < fillCount ? (row[buy + 1] as number) : rows;
    const cash = cashMicros[buy] as number;
    const factor = holdingFactor(instrument, quantity[buy] as number);
    state[STATE.cash] = cash;
    state[STATE.factor] = factor;
    restUntil(state, bought);
    takeRow(state, cash + (markNanos[buy] as number) * factor, bought);
    const lastNanos = (buy + 1 < fillCount ? markNanos[buy + 1] : closeNanos[rows - 1]) as number;
    state[STATE.lastHeld] = cash + lastNanos * factor;
    if (!walkHolding(state, columns, bought + 1, sold)) {
      stretches.from[stretches.count] = bought + 1;
      stretches.to[stretches.count] = sold;
      stretches.count += 1;
    }
    if (sold < rows) takeRow(state, cashMicros[buy + 1] as number, sold);
  }
  // Apart from what depends on the money: so the processor fetches many at once.
  addReturns(state, STATE.sums, columns.sums, stretches);
  if (fillCount % 2 === 0) restUntil(state, rows);
  const totals = totalsOf(state, openingMicros, rows);
  const finalCashMicros = fillCount === 0 ? openingMicros : (cashMicros[fillCount - 1] as number);
  return { ...totals, finalCashMicros, fillCount };
}
