import type { RoundTrips } from '@capstan/analytics';
import type { ReportShare } from './run-report.ts';

type Sums = { -readonly [Key in keyof ReportShare]: ReportShare[Key] };

const emptySums = (name: string): Sums => ({
  name,
  trades: 0,
  winners: 0,
  grossMicros: 0,
  feesMicros: 0,
  netMicros: 0,
  openNetMicros: 0,
});

/** Returns what trades brought by symbol, in the order of the symbols. */
export const sharesBySymbol = (trips: RoundTrips, symbols: readonly string[]): ReportShare[] =>
  sharesOf(trips, symbols, ({ symbolIndex }) => symbolIndex);

/** Returns what long and short trades brought. */
export const sharesBySide = (trips: RoundTrips): ReportShare[] =>
  sharesOf(trips, ['Long', 'Short'], ({ side }) => (side > 0 ? 0 : 1));

function sharesOf(
  { closed, open }: RoundTrips,
  names: readonly string[],
  placeOf: (trade: { readonly symbolIndex: number; readonly side: number }) => number,
): ReportShare[] {
  const sums = names.map(emptySums);
  for (let row = 0; row < closed.count; row += 1) {
    const symbolIndex = closed.symbolIndex[row] as number;
    const into = sums[placeOf({ symbolIndex, side: closed.side[row] as number })];
    if (into === undefined) continue;
    const gross = closed.grossMicros[row] as number;
    const fees = closed.feesMicros[row] as number;
    into.trades += 1;
    into.winners += gross - fees > 0 ? 1 : 0;
    into.grossMicros += gross;
    into.feesMicros += fees;
    into.netMicros += gross - fees;
  }
  for (const { symbolIndex, side, netMicros } of open) {
    const into = sums[placeOf({ symbolIndex, side: side === 'long' ? 1 : -1 })];
    if (into !== undefined) into.openNetMicros += netMicros ?? 0;
  }
  return sums;
}
