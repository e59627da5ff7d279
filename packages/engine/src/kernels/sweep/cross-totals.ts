import type { CurveTotals } from '@capstan/analytics';
import type { CashMicros, Instrument } from '@capstan/domain';
import { holdingFactor } from '../../run/holding-worth.ts';
import type { CrossTrades } from './cross-trades.ts';
import type { SweepColumns } from './sweep-columns.ts';
import { beginSweep, restUntil, takeRow, totalsOf, walkHolding } from './sweep-state.ts';

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
  const { row, quantity, cashMicros, fillCount } = trades;
  const { closeNanos } = columns;
  const rows = closeNanos.length;
  const state = beginSweep(openingMicros);
  let cash: number = openingMicros;
  for (let buy = 0; buy < fillCount; buy += 2) {
    const bought = row[buy] as number;
    const sold = buy + 1 < fillCount ? (row[buy + 1] as number) : rows;
    const factor = holdingFactor(instrument, quantity[buy] as number);
    cash = cashMicros[buy] as number;
    restUntil(state, bought);
    takeRow(state, cash + (closeNanos[bought] as number) * factor, bought);
    walkHolding(state, columns, { cash, factor, from: bought + 1, to: sold });
    if (sold === rows) continue;
    cash = cashMicros[buy + 1] as number;
    takeRow(state, cash, sold);
  }
  if (fillCount % 2 === 0) restUntil(state, rows);
  const totals = totalsOf(state, openingMicros, rows);
  return { ...totals, finalCashMicros: cash, fillCount };
}
