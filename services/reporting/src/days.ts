import {
  CASH_FLOWS,
  type CashEvent,
  type CashMicros,
  cashMicros,
  type Fill,
} from '@capstan/domain';
import type { EquityRecord } from '@capstan/ports';

/** Profit and loss of one trade date. Micros. */
export interface DayResult {
  readonly tradeDate: string;
  readonly pnlMicros: number;
  readonly feesMicros: number;
  readonly fills: number;
  readonly endEquityMicros: number;
}

/** Cash and what is held. */
export const equityOf = (point: EquityRecord): CashMicros =>
  cashMicros(point.cashMicros + point.marketValueMicros);

/** What trading has come to by a point. */
const tradedMicros = ({ realisedMicros, unrealisedMicros, feesMicros }: EquityRecord): number =>
  realisedMicros + unrealisedMicros - feesMicros;

/**
 * Sums equity points and fills up by trade date: a day's result is what it earned or lost from the last point before it (from its own
 * first one on the first day) to its last.
 * @param points oldest first. @returns oldest first.
 */
export function days(
  points: readonly EquityRecord[],
  fills: readonly Fill[],
  tradeDate: (us: EquityRecord['atUs']) => string,
  cashEvents: readonly CashEvent[] = [],
): readonly DayResult[] {
  const byDate = Map.groupBy(points, (point) => tradeDate(point.atUs));
  const fillsByDate = Map.groupBy(fills, (fill) => tradeDate(fill.eventAtUs));
  const results: DayResult[] = [];
  let before: EquityRecord | undefined;
  for (const date of [...byDate.keys()].sort()) {
    const ofDay = byDate.get(date) ?? [];
    const from = before ?? ofDay[0];
    const to = ofDay.at(-1);
    if (from === undefined || to === undefined) continue;
    results.push({
      tradeDate: date,
      pnlMicros: resultMicros(from, to, cashEvents),
      feesMicros: to.feesMicros - from.feesMicros,
      fills: (fillsByDate.get(date) ?? []).filter((fill) => fill.kind === 'fill').length,
      endEquityMicros: equityOf(to),
    });
    before = to;
  }
  return results;
}

/**
 * Returns what was earned or lost from one point to a later one: by trading, and as income such as interest, by the time of which it
 * is. Cash that was brought in or taken out never counts, whenever it was booked.
 */
export function resultMicros(
  from: EquityRecord,
  to: EquityRecord,
  cashEvents: readonly CashEvent[],
): number {
  const income = cashEvents
    .filter(({ kind }) => !CASH_FLOWS.includes(kind))
    .filter(({ eventAtUs }) => eventAtUs > from.atUs && eventAtUs <= to.atUs);
  const earned = income.reduce((sum, { amountMicros }) => sum + amountMicros, 0);
  return tradedMicros(to) - tradedMicros(from) + earned;
}

/** Keeps at most `most` of the points, evenly spread, the last one always. */
export function thin<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  const step = (points.length - 1) / (most - 1);
  const kept: T[] = [];
  for (let index = 0; index < most; index += 1) {
    const point = points[Math.round(index * step)];
    if (point !== undefined) kept.push(point);
  }
  return kept;
}
