import { type CashMicros, formatCash } from '@capstan/domain';
import type { BacktestResult } from '@capstan/engine';
import { csvText, isoUs } from './csv-text.ts';

/** Columns of `equity_<run>.csv`: a row for each bar end; money in units of the account's currency. */
export const EQUITY_COLUMNS = ['end_utc', 'equity', 'cash', 'gross_exposure'] as const;

/**
 * Writes the equity curve, a row for each slice. Money has two to six decimals, exact in micros (equity is rounded to a micro);
 * `gross_exposure` is empty where it was not recorded.
 */
export function equityCsv(
  result: Pick<BacktestResult, 'timelineUs' | 'equityMicros' | 'cashMicros' | 'grossMicros'>,
): string {
  const { timelineUs, equityMicros, cashMicros, grossMicros } = result;
  const cash = (micros: number | undefined): string =>
    micros === undefined ? '' : formatCash(Math.round(micros) as CashMicros);
  return csvText(
    EQUITY_COLUMNS,
    Array.from(timelineUs, (us, row) => [
      isoUs(us),
      cash(equityMicros[row]),
      cash(cashMicros[row]),
      cash(grossMicros?.[row]),
    ]),
  );
}
