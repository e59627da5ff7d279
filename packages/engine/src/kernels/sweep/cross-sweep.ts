import type { CashMicros, Instrument } from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import type { BacktestSpec } from '../../run/backtest-spec.ts';
import { checkSeries } from '../../run/check-series.ts';
import type { BacktestSeries, SeriesColumns } from '../../run/series-columns.ts';
import { planRun } from '../plan-run.ts';
import { areInSessions } from '../session-check.ts';
import { type CrossRun, CrossRuns } from './cross-run.ts';
import { type SweepTotals, totalsOfTrades } from './cross-totals.ts';
import {
  type CrossTrades,
  emptyTrades,
  type TradingRules,
  type Turns,
  tradeTurns,
} from './cross-trades.ts';
import { hardRows } from './hard-rows.ts';
import { QuickTotals } from './quick-totals.ts';
import { areCapped } from './sweep-caps.ts';
import { type SweepColumns, sweepColumns } from './sweep-columns.ts';
import { SweepMoney } from './sweep-money.ts';
import { SharedTurns, type SweepSeat } from './sweep-room.ts';
import { firstBelow, type TurnFinder, turnFinder } from './turns.ts';

/**
 * Long while `fast` is above `slow`, flat while it is below: columns of one length with NaN where there is no value. Their last rows
 * are those of the bars; rows before them warm the strategy up.
 */
export interface CrossRule {
  readonly fast: Float64Array;
  readonly slow: Float64Array;
  /** `cross` waits for the first time below. */
  readonly entry: 'level' | 'cross';
  /** The first row of the columns at which the strategy is asked; 0 unless given. */
  readonly fromRow?: number;
}

/**
 * Runs the same account over the bars of one symbol for as many rules as are asked for. Money is exact: orders, fills, cash and
 * equity are those of the full path for a strategy that declares the crossing, to the bit.
 */
export class CrossSweep {
  readonly #symbol: string;
  readonly #instrument: Instrument;
  readonly #openingMicros: CashMicros;
  readonly #rules: TradingRules;
  #finder: TurnFinder | undefined;
  readonly #shared: SharedTurns | undefined;
  readonly #sizing: SizingRule;
  #ofTotals:
    | { readonly columns: SweepColumns; readonly quick: QuickTotals | undefined }
    | undefined;
  #runs: CrossRuns | undefined;
  #trades: CrossTrades = emptyTrades(0);

  /** Use {@link crossSweep}. */
  constructor(spec: BacktestSpec, { symbol, bars }: BacktestSeries, seat?: SweepSeat) {
    const { matcher, sizing, limits, cashMicros: openingMicros } = spec;
    const instrument = spec.instruments.get(symbol);
    const calendar = spec.calendarOf(instrument.calendar);
    this.#shared = seat === undefined ? undefined : new SharedTurns(seat);
    this.#symbol = symbol;
    this.#sizing = sizing;
    this.#instrument = instrument;
    this.#openingMicros = openingMicros;
    this.#rules = {
      ...{ bars, limits, openingMicros },
      money: new SweepMoney({ instrument, sizing, matcher }),
      delay: spec.execution.fillAt === 'sameClose' ? 0 : 1,
      slips: matcher.slippage.kind !== 'none',
      isCapped: areCapped(limits),
      hard: hardRows(spec, bars, calendar),
    };
  }

  /**
   * Runs one combination and keeps totals alone: returns and drawdown are those of the full path's curve to 1e-9.
   * @returns `undefined` where it decides when an order would meet no bar or be refused: it has to be run alone.
   * @complexity a comparison a bar, and some work for each fill.
   */
  totals(rule: CrossRule): SweepTotals | undefined {
    const { columns, quick } = this.#ofAll();
    const turns = this.#turnsOf(rule);
    const totals = quick?.totals(turns);
    if (totals !== undefined) return totals;
    if (!this.#trade(turns)) return undefined;
    const account = { instrument: this.#instrument, openingMicros: this.#openingMicros };
    return totalsOfTrades(account, columns, this.#trades);
  }

  /**
   * Returns a column of so many rows, of any content, for what rules compare: others are copied. Where threads share a room, the nth
   * column of one is the nth of all of them.
   */
  allocate(rows: number): Float64Array {
    if (this.#shared !== undefined) return this.#shared.allocate(rows);
    this.#finder ??= turnFinder(rows);
    return this.#finder.allocate(rows);
  }

  #ofAll(): { readonly columns: SweepColumns; readonly quick: QuickTotals | undefined } {
    if (this.#ofTotals === undefined) {
      const quick = QuickTotals.of({ sizing: this.#sizing }, this.#rules);
      const columns = quick?.columns ?? sweepColumns(this.#rules.bars.closeNanos);
      this.#ofTotals = { columns, quick };
    }
    return this.#ofTotals;
  }

  /**
   * Runs one combination and gives all that metrics and digest are made of, in columns that the next one uses again.
   * @returns `undefined` where {@link totals} does.
   */
  run(rule: CrossRule): CrossRun | undefined {
    if (!this.#trade(this.#turnsOf(rule))) return undefined;
    this.#runs ??= new CrossRuns({
      symbol: this.#symbol,
      instrument: this.#instrument,
      openingMicros: this.#openingMicros,
      bars: this.#rules.bars,
      fillsAtClose: this.#rules.delay === 0,
    });
    return this.#runs.runOf(this.#trades);
  }

  #turnsOf({ fast, slow, entry, fromRow = 0 }: CrossRule): Turns {
    const warmupRows = fast.length - this.#rules.bars.endUs.length;
    const finder = this.#finderOf(fast, slow);
    const armed = entry === 'level' ? fromRow : firstBelow(fast, slow, fromRow);
    const count = finder.find({ fast, slow }, Math.max(armed, warmupRows));
    return { rows: finder.rows, count, warmupRows };
  }

  #finderOf(fast: Float64Array, slow: Float64Array): TurnFinder {
    if (this.#shared?.has(fast) && this.#shared.has(slow)) return this.#shared;
    if (this.#finder?.columnRows !== fast.length) this.#finder = turnFinder(fast.length);
    return this.#finder;
  }

  #trade(turns: Turns): boolean {
    if (this.#trades.row.length < turns.count) this.#trades = emptyTrades(2 * turns.count);
    return tradeTurns(this.#rules, turns, this.#trades);
  }
}

/**
 * Prepares a sweep over the bars of one symbol, or says why there is none. The strategy's decisions and its parameters are not asked.
 * @param seat where several threads share columns.
 * @throws ENGINE.SERIES, ENGINE.MATCHER_CONFIG.
 */
export function crossSweep(
  spec: BacktestSpec,
  series: BacktestSeries,
  seat?: SweepSeat,
): CrossSweep | string {
  checkSeries([series]);
  const plan = planRun(spec, [series]);
  if (plan.path === 'full') return plan.why;
  const { instruments, calendarOf } = spec;
  const calendar = calendarOf(instruments.get(series.symbol).calendar);
  if (!areInSessions(series.bars, calendar)) return 'there are bars outside the sessions';
  if (!arePositive(series.bars)) return 'there are prices that are not above 0';
  return new CrossSweep(spec, series, seat);
}

function arePositive({ openNanos, closeNanos, lowNanos }: SeriesColumns): boolean {
  let isAll = true;
  for (let row = 0; row < closeNanos.length; row += 1) {
    const low = Math.min(lowNanos[row] as number, openNanos[row] as number);
    isAll &&= Math.min(low, closeNanos[row] as number) > 0;
  }
  return isAll;
}
