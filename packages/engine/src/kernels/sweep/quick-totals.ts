import { cashMicros, mulDivRound } from '@capstan/domain';
import { lessCommission } from '@capstan/portfolio';
import { RATE_SCALE } from '../../matching/limits.ts';
import type { BacktestSpec } from '../../run/backtest-spec.ts';
import type { SweepTotals } from './cross-totals.ts';
import type { TradingRules, Turns } from './cross-trades.ts';
import { columnNumbers, RETURN_SUMS, type SweepColumns, sweepColumns } from './sweep-columns.ts';
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

/**
 * Trades turns and adds their curve up in WebAssembly, for an account that spends all of its cash, pays basis points and nothing
 * else. The bits are those of `tradeTurns` and `totalsOfTrades`.
 */
export class QuickTotals {
  /** In its own memory. */
  readonly columns: SweepColumns;
  readonly #rules: TradingRules;
  readonly #exports: TotalsExports;
  readonly #cells: Float64Array;
  readonly #turnRows: Int32Array;
  readonly #places: readonly number[];

  /** Returns them, or `undefined` where the rules ask for more or there is no WebAssembly. */
  static of(spec: Pick<BacktestSpec, 'sizing'>, rules: TradingRules): QuickTotals | undefined {
    const { sizing } = spec;
    const { share, feeRate } = rules.money.scales;
    if (sizing.kind !== 'cashFraction' || share !== 1 || Number.isNaN(feeRate)) return undefined;
    if (rules.slips || rules.isCapped || rules.hard !== undefined) return undefined;
    const given = {
      quotient: mulDivRound,
      budget: (cash: number) => lessCommission(cashMicros(cash), sizing.feeBps),
    };
    const exports = wasmExports<TotalsExports>(totalsModule(), { [IMPORTS_NAME]: given });
    return exports === undefined ? undefined : new QuickTotals(rules, exports);
  }

  private constructor(rules: TradingRules, exports: TotalsExports) {
    const { closeNanos, openNanos } = rules.bars;
    const rows = closeNanos.length;
    // Prices twice; of turns, at most one a row, what they come to, the last with its neighbour.
    const floats = CELLS + columnNumbers(rows) + 6 * rows + 1;
    exports.memory.grow(Math.ceil((floats * FLOAT_BYTES) / PAGE_BYTES));
    const { buffer } = exports.memory;
    let at = 0;
    const room = (length: number): Float64Array => {
      const made = new Float64Array(buffer, at, length);
      at += length * FLOAT_BYTES;
      return made;
    };
    const copy = (column: Float64Array): Float64Array => {
      const made = room(column.length);
      made.set(column);
      return made;
    };
    this.#rules = rules;
    this.#exports = exports;
    this.#cells = room(CELLS);
    const close = copy(closeNanos);
    this.columns = sweepColumns(close, room);
    const { sums, spans } = this.columns;
    const addressed = {
      closeAt: close,
      filledAt: rules.delay === 0 ? close : copy(openNanos),
      sumsAt: sums,
      extremesAt: spans.extremes,
      cashAt: room(rows),
      factorAt: room(rows),
      spanAt: room(rows + 1),
      turnAt: new Int32Array(buffer, at, rows),
    };
    this.#turnRows = addressed.turnAt;
    const [, , , , , ...names] = PARAMETERS;
    this.#places = [spans.size, ...names.map((name) => addressed[name].byteOffset)];
  }

  /** Returns the totals, `undefined` where it comes to something that floats and this program do not do. */
  totals({ rows: turnRows, count, warmupRows }: Turns): SweepTotals | undefined {
    const { bars, delay, openingMicros: opening } = this.#rules;
    const rows = bars.closeNanos.length;
    const cells = this.#cells;
    this.#turnRows.set(turnRows.subarray(0, count));
    this.#setScales();
    const places = this.#places;
    const isDone = this.#exports.totals(count, rows, delay - warmupRows, delay, ...places) === 1;
    if (!isDone) return undefined;
    const state = beginSweep(opening);
    for (const name of LEFT) state[STATE[name]] = cells[CELL[name]] as number;
    for (let at = 0; at < RETURN_SUMS; at += 1) {
      const sum = (cells[CELL.sums + at] as number) + (cells[CELL.held + at] as number);
      state[STATE.sums + at] = sum;
    }
    const finalCashMicros = cells[CELL.cash] as number;
    const fillCount = cells[CELL.fills] as number;
    return { ...totalsOf(state, opening, rows), finalCashMicros, fillCount };
  }

  #setScales(): void {
    const { units, perUnit, multiplier, lot, feeRate, afterFees } = this.#rules.money.scales;
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
  }
}
