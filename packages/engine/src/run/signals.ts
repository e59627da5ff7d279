import { type Calendar, ScheduleGate } from '@capstan/calendar';
import { AppError, type BotSchedule, type Timeframe, timeUs } from '@capstan/domain';
import {
  checkTarget,
  frozenState,
  OPINION,
  type OpinionColumns,
  type ResolvedParameters,
  type Strategy,
  sameTarget,
  type Target,
  targetAt,
  targetsInOrder,
  turnOf,
} from '@capstan/strategy';
import { closingTarget } from '../closing-target.ts';
import { utcText } from '../utc-text.ts';
import { declaredTurns } from './declared-turns.ts';
import { changesOf, turnsOf } from './opinion-changes.ts';
import { inOnePiece, ROWS_PER_STEP } from './run-steps.ts';
import { barOfRow, type SeriesColumns } from './series-columns.ts';
import { exitsOfChanges, firstBadExit, type SignalExits } from './signal-exits.ts';

/** The signals of a symbol: a row for each change of what its strategy wants, in order of time. */
export interface SignalColumns {
  readonly count: number;
  /** Row of the symbol's bars at whose close the signal is given. Of `count` rows or more. */
  readonly row: Int32Array;
  /** Of `OPINION`: long, flat or short. Of `count` rows or more. */
  readonly opinion: Int8Array;
  /** True where all that a signal says beside its direction is full strength. */
  readonly plain: boolean;
  /** The protective prices, where they and full strength are all that signals say beside their direction. */
  readonly exits?: SignalExits;
  /** Returns what the strategy wants from a signal on. */
  readonly targetOf: (index: number) => Target;
}

/** What signals are worked out from. */
export interface SignalsInput {
  readonly symbol: string;
  readonly strategy: Strategy;
  readonly params: ResolvedParameters;
  readonly timeframe: Timeframe;
  readonly bars: SeriesColumns;
  /** Leading bars that move the strategy's state alone: no signal is given at them, and rows are counted after them. None unless given. */
  readonly warmupRows?: number;
  /** The values of the strategy's graph, a row for each bar. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** When the bot may open, by the sessions of the symbol; always unless given. */
  readonly schedule?: { readonly rules: BotSchedule; readonly calendar: Calendar };
  /** Bars that are asked for in a piece. */
  readonly stepSize?: number;
}

/**
 * Works out the signals of one symbol: those that a bot emits that sees the bars one by one. The columns of opinions are asked
 * of the strategy where it has them, else bar by bar; what declares to be a crossing is looked through for that, and asked for words alone.
 * @throws STRATEGY.THREW, STRATEGY.TARGET or STRATEGY.STATE with symbol and bar.
 */
export function signalsOf(input: SignalsInput): SignalColumns {
  return inOnePiece(signalSteps(input));
}

/** As {@link signalsOf}, in pieces: between them it says of how many bars the opinion is known. */
export function* signalSteps(input: SignalsInput): Generator<number, SignalColumns, undefined> {
  const { strategy, params, symbol, timeframe, bars, columns } = input;
  const fromRow = Math.min(bars.endUs.length, Math.max(0, (strategy.warmup?.(params) ?? 1) - 1));
  if (strategy.decideColumns === undefined)
    return yield* signalsByRow(input, askedByRow(input, fromRow));
  const context = { symbol, timeframe, bars, fromRow, params };
  const turns = input.schedule === undefined ? declaredTurns(input, fromRow) : undefined;
  if (turns !== undefined) {
    let opinions: OpinionColumns | undefined;
    const targetOf = (index: number) => {
      opinions ??= strategy.decideColumns?.(columns, context);
      return opinionAt(input, opinions, turns.row[index]);
    };
    return { ...turns, plain: true, targetOf };
  }
  const opinions = strategy.decideColumns(columns, context);
  if (input.schedule === undefined) return signalsOfColumns(input, opinions);
  return yield* signalsByRow(input, targetsInOrder(opinions));
}

/** Returns the opinion of a row after the warm-up that has one. */
function opinionAt(
  input: SignalsInput,
  opinions: OpinionColumns | undefined,
  rowAfter = -1,
): Target {
  const row = rowAfter + (input.warmupRows ?? 0);
  const target = opinions && targetAt(opinions, row);
  if (target === undefined) throw failure(input, row, new Error('an opinion was not kept'));
  return target;
}

function signalsOfColumns(input: SignalsInput, all: OpinionColumns): SignalColumns {
  const { warmupRows = 0 } = input;
  const opinions = warmupRows === 0 ? all : opinionsFrom(all, warmupRows);
  const { strength, limitPriceNanos, stopPriceNanos, takeProfitPriceNanos } = opinions;
  const { stopPriceAtTurn, takeProfitPriceAtTurn, timeInForce } = opinions;
  const columns = [strength, limitPriceNanos, stopPriceNanos, takeProfitPriceNanos];
  const saysMore = strength !== undefined || limitPriceNanos !== undefined || timeInForce;
  const turnsAlone = columns.every((column) => column === undefined);
  const changes = turnsAlone ? turnsOf(opinions.direction) : changesOf(opinions);
  const targetOf = (index: number) => opinionAt(input, all, changes.row[index]);
  const check = (index: number) =>
    guarded(input, warmupRows + (changes.row[index] ?? 0), () =>
      checkTarget(targetOf(index), input.strategy.name),
    );
  const hasExits = !turnsAlone || stopPriceAtTurn || takeProfitPriceAtTurn;
  if (saysMore) {
    for (let index = 0; index < changes.count; index += 1) check(index);
    return { ...changes, plain: false, targetOf };
  }
  if (!hasExits) return { ...changes, plain: true, targetOf };
  const exits = exitsOfChanges(opinions, changes);
  const bad = firstBadExit(exits);
  if (bad !== undefined) check(bad);
  return { ...changes, plain: false, exits, targetOf };
}

/** Returns opinions from a row on; prices of a turn are those of the turn that was, before the row too. */
function opinionsFrom(opinions: OpinionColumns, from: number): OpinionColumns {
  const { direction, stopPriceAtTurn, takeProfitPriceAtTurn, timeInForce, reasonAt, ...columns } =
    opinions;
  const cut = Object.entries(columns).map(([name, column]) => [name, column.subarray(from)]);
  const fromTurn = (priceAt: (row: number) => number) => (row: number) =>
    priceAt(turnOf(direction, row + from));
  return {
    ...(Object.fromEntries(cut) as typeof columns),
    // A copy: turns are looked for in whole words.
    direction: direction.slice(from),
    ...(stopPriceAtTurn && { stopPriceAtTurn: fromTurn(stopPriceAtTurn) }),
    ...(takeProfitPriceAtTurn && { takeProfitPriceAtTurn: fromTurn(takeProfitPriceAtTurn) }),
    ...(timeInForce && { timeInForce }),
    reasonAt: (row) => reasonAt(row + from),
  };
}

/** Returns what tells the target of each row, asked in order: it steps the strategy's state and asks it, as a bot does. */
function askedByRow(input: SignalsInput, fromRow: number): (row: number) => Target | undefined {
  const { strategy, params, symbol, timeframe, columns } = input;
  const entries = Object.entries(columns);
  let state = strategy.initialState;
  return (row) => {
    const values = row < fromRow ? undefined : valuesAt(entries, row);
    if (values === undefined) return undefined;
    const context = { symbol, timeframe, bar: barOfRow(input, row), params };
    const next = strategy.update?.(values, state, context);
    if (next !== undefined && next !== state) state = frozenState(next, strategy.name);
    return strategy.decide(values, state, context);
  };
}

/** Goes from row to row and keeps the changes, within the schedule where there is one. */
function* signalsByRow(
  input: SignalsInput,
  targetOfRow: (row: number) => Target | undefined,
): Generator<number, SignalColumns, undefined> {
  const { bars, stepSize = ROWS_PER_STEP } = input;
  const rowCount = bars.endUs.length;
  const letThrough = scheduleGate(input);
  const found: FoundSignals = { rows: [], targets: [] };
  for (let from = 0; from < rowCount; from += stepSize) {
    if (from > 0) yield from;
    const to = Math.min(from + stepSize, rowCount);
    findSignals(input, { targetOfRow, letThrough, found }, from, to);
  }
  const { rows, targets } = found;
  return {
    count: rows.length,
    row: Int32Array.from(rows),
    opinion: Int8Array.from(targets, (target) => OPINION[target.direction]),
    plain: false,
    targetOf: (index) => {
      const target = targets[index];
      if (target === undefined) throw failure(input, 0, new Error(`there is no signal ${index}`));
      return target;
    },
  };
}

interface FoundSignals {
  readonly rows: number[];
  readonly targets: Target[];
}

function findSignals(
  input: SignalsInput,
  by: {
    readonly targetOfRow: (row: number) => Target | undefined;
    readonly letThrough: LetThrough;
    readonly found: FoundSignals;
  },
  from: number,
  to: number,
): void {
  const { strategy, warmupRows = 0 } = input;
  const { rows, targets } = by.found;
  for (let row = from; row < to; row += 1) {
    const emitted = targets.at(-1);
    const target = guarded(input, row, () => {
      const wanted = by.targetOfRow(row);
      if (wanted !== undefined) checkTarget(wanted, strategy.name);
      return row < warmupRows ? undefined : by.letThrough(row, emitted, wanted);
    });
    if (target === undefined || (emitted !== undefined && sameTarget(emitted, target))) continue;
    rows.push(row - warmupRows);
    targets.push(target);
  }
}

type LetThrough = (
  row: number,
  emitted: Target | undefined,
  target: Target | undefined,
) => Target | undefined;

/** Lets every target through within the schedule; outside it, only what closes. */
function scheduleGate({ schedule, bars }: SignalsInput): LetThrough {
  if (schedule === undefined) return (_row, _emitted, target) => target;
  const { rules, calendar } = schedule;
  const gate = new ScheduleGate(rules);
  return (row, emitted, target) => {
    if (gate.isOpen(bars.endUs[row] ?? Number.NaN, calendar)) return target;
    return closingTarget({ emitted, target, atEnd: rules.atEnd });
  };
}

function valuesAt(
  entries: readonly (readonly [string, Float64Array])[],
  row: number,
): Readonly<Record<string, number>> | undefined {
  const values: Record<string, number> = {};
  for (const [name, column] of entries) {
    const value = column[row] ?? Number.NaN;
    if (Number.isNaN(value)) return undefined;
    values[name] = value;
  }
  return values;
}

function guarded<T>(input: SignalsInput, row: number, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw failure(input, row, cause);
  }
}

function failure({ symbol, strategy, bars }: SignalsInput, row: number, cause: unknown): AppError {
  const known =
    cause instanceof AppError &&
    (cause.code === 'STRATEGY.STATE' || cause.code === 'STRATEGY.TARGET');
  const words = cause instanceof Error ? cause.message : String(cause);
  const barEndUs = bars.endUs[row] ?? 0;
  const place = `symbol ${symbol}, bar ending ${utcText(timeUs(barEndUs))}`;
  return new AppError({
    code: known ? cause.code : 'STRATEGY.THREW',
    why: `${place}: ${known ? words : `strategy ${strategy.name} threw: ${words}`}`,
    fix: 'Correct the strategy, then run again.',
    cause,
    details: { symbol, barEndUs, strategy: strategy.name },
  });
}
