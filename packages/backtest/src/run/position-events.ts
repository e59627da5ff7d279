import { indexSessions, type PositionEvent } from '@capstan/analytics';
import type { Instrument } from '@capstan/domain';
import type { BacktestResult, BacktestSpec, SplitAction } from '@capstan/engine';
import type { SymbolData } from '../load/run-data.ts';

/**
 * Returns what happened to positions without a fill, in order of time: splits, which change the quantity, and cash of dividends and
 * fractions when it was earned.
 */
export function positionEvents(
  result: Pick<BacktestResult, 'symbols' | 'fills' | 'cashEvents'>,
  symbols: readonly Pick<SymbolData, 'series' | 'instrument'>[],
  spec: Pick<BacktestSpec, 'calendarOf'>,
): readonly PositionEvent[] {
  const splits = result.symbols.flatMap((symbol, symbolIndex) => {
    const data = symbols.find(({ series }) => series.symbol === symbol);
    return data === undefined ? [] : splitsOf(result.fills, { symbolIndex, data, spec });
  });
  const cash = result.cashEvents
    .filter(({ kind }) => kind !== 'dividend')
    .map(({ symbolIndex, eventAtUs, amountMicros }) => ({ symbolIndex, eventAtUs, amountMicros }));
  // A sort keeps the order of what happens at one time: splits come before the cash that they lead to.
  return [...splits, ...cash].sort((a, b) => a.eventAtUs - b.eventAtUs);
}

interface SplitParts {
  readonly symbolIndex: number;
  readonly data: Pick<SymbolData, 'series' | 'instrument'>;
  readonly spec: Pick<BacktestSpec, 'calendarOf'>;
}

function splitsOf(
  fills: BacktestResult['fills'],
  { symbolIndex, data, spec }: SplitParts,
): readonly PositionEvent[] {
  const { series, instrument } = data;
  const splits = (series.actions ?? [])
    .filter((action) => action.kind === 'split')
    .sort((a, b) => (a.exDate < b.exDate ? -1 : 1));
  if (splits.length === 0) return [];
  const calendar = spec.calendarOf(instrument.calendar);
  const { dates } = indexSessions(series.bars.endUs, calendar);
  const events: PositionEvent[] = [];
  let held = 0;
  let fill = 0;
  for (const split of splits) {
    const date = dates.find((one) => one >= split.exDate);
    const eventAtUs = date === undefined ? undefined : calendar.session(date)?.openUs;
    // A split before the first bar found nothing to change; one after the last has not happened.
    if (eventAtUs === undefined) continue;
    for (; fill < fills.count && (fills.eventAtUs[fill] ?? 0) < eventAtUs; fill += 1) {
      if (fills.symbolIndex[fill] !== symbolIndex) continue;
      held += (fills.quantity[fill] ?? 0) * (fills.side[fill] ?? 0);
    }
    if (held === 0) continue;
    held = afterSplit(held, split, instrument);
    events.push({ symbolIndex, eventAtUs, quantity: held });
  }
  return events;
}

/** What is less than a lot is paid out. */
function afterSplit(
  held: number,
  { newShares, oldShares }: SplitAction,
  { lot }: Instrument,
): number {
  const lots = (BigInt(Math.abs(held)) * BigInt(newShares)) / (BigInt(oldShares) * BigInt(lot));
  return Math.sign(held) * Number(lots) * lot;
}
