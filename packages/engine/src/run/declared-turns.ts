import type { OpinionColumns } from '@capstan/strategy';
import { rowsBefore } from './adjusted-columns.ts';
import { type CrossingColumns, turnsOfCrossing } from './crossing-turns.ts';
import { type OpinionChanges, turnsOf } from './opinion-changes.ts';
import type { SignalsInput } from './signals.ts';

/** The first turns of a declared crossing, which its column of opinions has to bear out. */
const COMPARED_TURNS = 16;

/**
 * Returns the turns of what declares to be a crossing of the two values that there are; `undefined` where it does not, or where
 * the first of them are not those of its opinions: a strategy made from another may have its declaration without being it.
 */
export function declaredTurns(input: SignalsInput, fromRow: number): OpinionChanges | undefined {
  const { strategy, params, columns, warmupRows = 0 } = input;
  const crossing = strategy.crossing?.(params);
  if (crossing === undefined) return undefined;
  const { [crossing.fast]: fast, [crossing.slow]: slow, ...others } = columns;
  if (fast === undefined || slow === undefined || Object.keys(others).length > 0) return undefined;
  const rows = { fast: fast.subarray(warmupRows), slow: slow.subarray(warmupRows) };
  const entry = entryAfter({ fast, slow, entry: crossing.entry, fromRow }, warmupRows);
  const turns = turnsOfCrossing({ ...rows, entry, fromRow: Math.max(0, fromRow - warmupRows) });
  return isBorneOut(input, fromRow, turns) ? turns : undefined;
}

/** What was below before the first row that counts need not be seen there again: whatever is above is long. */
function entryAfter(columns: CrossingColumns, warmupRows: number): CrossingColumns['entry'] {
  const { fast, slow, entry } = columns;
  if (warmupRows === 0 || entry === 'level') return entry;
  const before = { fast: fast.subarray(0, warmupRows), slow: slow.subarray(0, warmupRows) };
  return turnsOfCrossing({ ...columns, ...before }).count > 0 ? 'level' : entry;
}

/** Tells whether the opinions up to the last turn that is compared are those turns; up to the end where there are few. */
function isBorneOut(input: SignalsInput, fromRow: number, turns: OpinionChanges): boolean {
  const { bars, warmupRows = 0 } = input;
  const isLong = turns.count > COMPARED_TURNS;
  const until = isLong ? (turns.row[COMPARED_TURNS - 1] ?? 0) + 1 + warmupRows : bars.endUs.length;
  const opinions = opinionsBefore(input, fromRow, until);
  if (opinions === undefined) return false;
  const { direction, reasonAt: _, ...more } = opinions;
  if (Object.values(more).some((one) => one !== undefined)) return false;
  const said = turnsOf(direction.slice(warmupRows));
  return (
    said.count === Math.min(turns.count, COMPARED_TURNS) &&
    said.row.every((row, at) => row === turns.row[at] && said.opinion[at] === turns.opinion[at])
  );
}

function opinionsBefore(
  input: SignalsInput,
  fromRow: number,
  until: number,
): OpinionColumns | undefined {
  const { strategy, params, symbol, timeframe, bars, columns } = input;
  const cut = Object.entries(columns).map(([name, column]) => [name, column.subarray(0, until)]);
  return strategy.decideColumns?.(Object.fromEntries(cut) as typeof columns, {
    ...{ symbol, timeframe, params },
    bars: rowsBefore(bars, until),
    fromRow: Math.min(fromRow, until),
  });
}
