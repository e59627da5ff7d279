import { cashMicros, mulDivRound } from '@capstan/domain';
import { lessCommission } from '@capstan/portfolio';
import { RATE_SCALE } from '../../matching/limits.ts';
import type { BacktestSpec } from '../../run/backtest-spec.ts';
import type { SweepTotals } from './cross-totals.ts';
import { gatherQuotes, type TradingRules, type TurnQuotes, type Turns } from './cross-trades.ts';
import { addReturns, type Stretches, type SweepColumns } from './sweep-columns.ts';
import { beginSweep, STATE, totalsOf } from './sweep-state.ts';
import { CELL, CELLS, PARAMETERS, totalsModule } from './totals-program.ts';
import { IMPORTS_NAME } from './wasm-bytes.ts';
import { wasmExports } from './wasm-platform.ts';

interface TotalsExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  totals(...places: readonly number[]): number;
}

const PAGE_BYTES = 65_536;
const FLOAT_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** The cells of {@link STATE} that the program leaves, by the same names. */
const LEFT = ['last', 'peak', 'floor', 'depthFraction', 'peakAt', 'longest'] as const;
const SUM_CELLS = 5;

/**
 * Trades turns and adds their curve up in WebAssembly, for an account that spends all of its cash, pays basis points and nothing
 * else. The bits are those of `tradeTurns` and `totalsOfTrades`.
 */
export class QuickTotals {
  readonly #rules: TradingRules;
  readonly #columns: SweepColumns;
  readonly #exports: TotalsExports;
  readonly #cells: Float64Array;
  readonly #quotes: TurnQuotes;
  readonly #stretches: Stretches;
  readonly #places: readonly number[];

  /** Returns them, or `undefined` where the rules ask for more or there is no WebAssembly. */
  static of(
    spec: Pick<BacktestSpec, 'sizing'>,
    rules: TradingRules,
    columns: SweepColumns,
  ): QuickTotals | undefined {
    const { sizing } = spec;
    const { share, feeRate } = rules.money.scales;
    if (sizing.kind !== 'cashFraction' || share !== 1 || Number.isNaN(feeRate)) return undefined;
    if (rules.slips || rules.isCapped || rules.hard !== undefined) return undefined;
    const given = {
      quotient: mulDivRound,
      budget: (cash: number) => lessCommission(cashMicros(cash), sizing.feeBps),
    };
    const exports = wasmExports<TotalsExports>(totalsModule(), { [IMPORTS_NAME]: given });
    return exports === undefined ? undefined : new QuickTotals(rules, columns, exports);
  }

  private constructor(rules: TradingRules, columns: SweepColumns, exports: TotalsExports) {
    const rows = columns.closeNanos.length;
    // One turn a row, and the sale after the last.
    const turns = rows + 1;
    const blocks = columns.highs.length;
    const lengths = { cells: CELLS, decided: turns, filled: turns, mark: turns, close: rows };
    const counts = [...Object.values(lengths), blocks, blocks, turns];
    const floats = counts.reduce((sum, count) => sum + count, 0);
    exports.memory.grow(Math.ceil((floats * FLOAT_BYTES) / PAGE_BYTES));
    const { buffer } = exports.memory;
    let at = 0;
    const column = (length: number): Float64Array => {
      const made = new Float64Array(buffer, at, length);
      at += length * FLOAT_BYTES;
      return made;
    };
    this.#rules = rules;
    this.#columns = columns;
    this.#exports = exports;
    this.#cells = column(CELLS);
    const [decidedNanos, filledNanos, markNanos] = [column(turns), column(turns), column(turns)];
    const close = column(rows);
    const highs = column(blocks);
    const lows = column(blocks);
    const row = new Int32Array(buffer, at, turns);
    close.set(columns.closeNanos);
    highs.set(columns.highs);
    lows.set(columns.lows);
    this.#quotes = { row, decidedNanos, filledNanos, markNanos };
    this.#stretches = { from: new Int32Array(turns), to: new Int32Array(turns), count: 0 };
    const places = {
      rowAt: row,
      decidedAt: decidedNanos,
      filledAt: filledNanos,
      markAt: markNanos,
    };
    const addressed = { ...places, closeAt: close, highsAt: highs, lowsAt: lows };
    const [, , ...names] = PARAMETERS;
    this.#places = names.map((name) => addressed[name as keyof typeof addressed].byteOffset);
  }

  /** Returns the totals, `undefined` where it comes to something that floats and this program do not do. */
  totals(turns: Turns): SweepTotals | undefined {
    const rows = this.#columns.closeNanos.length;
    const cells = this.#cells;
    gatherQuotes(this.#rules, turns, this.#quotes);
    this.#setScales();
    if (this.#exports.totals(turns.count, rows, ...this.#places) === 0) return undefined;
    const fillCount = cells[CELL.fills] as number;
    const opening = this.#rules.openingMicros;
    const state = beginSweep(opening);
    for (const name of LEFT) state[STATE[name]] = cells[CELL[name]] as number;
    for (let at = 0; at < SUM_CELLS; at += 1) {
      state[STATE.sums + at] = cells[CELL.sums + at] as number;
    }
    addReturns(state, STATE.sums, this.#columns.sums, this.#held(fillCount));
    const finalCashMicros = cells[CELL.cash] as number;
    return { ...totalsOf(state, opening, rows), finalCashMicros, fillCount };
  }

  #setScales(): void {
    const { units, perUnit, multiplier, lot, feeRate, afterFees } = this.#rules.money.scales;
    const { closeNanos } = this.#columns;
    const cells = this.#cells;
    cells[CELL.cash] = this.#rules.openingMicros;
    cells[CELL.units] = units;
    cells[CELL.perUnit] = perUnit;
    cells[CELL.multiplier] = multiplier;
    cells[CELL.lot] = lot;
    cells[CELL.feeRate] = feeRate;
    cells[CELL.rateScale] = RATE_SCALE;
    cells[CELL.perRate] = 1 / RATE_SCALE;
    cells[CELL.afterFees] = afterFees;
    cells[CELL.closeLast] = closeNanos[closeNanos.length - 1] ?? Number.NaN;
  }

  /** Returns the rows between buys and sales. */
  #held(fillCount: number): Stretches {
    const stretches = this.#stretches;
    const { row } = this.#quotes;
    const rows = this.#columns.closeNanos.length;
    stretches.count = 0;
    for (let buy = 0; buy < fillCount; buy += 2) {
      stretches.from[stretches.count] = (row[buy] as number) + 1;
      stretches.to[stretches.count] = buy + 1 < fillCount ? (row[buy + 1] as number) : rows;
      stretches.count += 1;
    }
    return stretches;
  }
}
