import type { CurveTotals } from '@capstan/analytics';
import type { Calendar } from '@capstan/calendar';
import {
  type CashMicros,
  cashMicros,
  type Instrument,
  mulDivRound,
  notionalMicros,
  type PriceNanos,
  type Quantity,
} from '@capstan/domain';
import { affordableLots, lessCommission, positionSize, type SizingRule } from '@capstan/portfolio';
import { rateFromBps } from '../matching/exact-rate.ts';
import { RATE_SCALE } from '../matching/limits.ts';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import { checkSeries } from '../run/check-series.ts';
import { holdingFactor } from '../run/holding-worth.ts';
import type { BacktestSeries, SeriesColumns } from '../run/series-columns.ts';
import { planRun } from './plan-run.ts';
import { areInSessions } from './session-check.ts';
import {
  beginSweep,
  restUntil,
  type SweepState,
  takeRow,
  totalsOf,
  walkHolding,
} from './sweep-state.ts';

/** What a combination led to: its curve in totals, a return for each bar, in micros. */
export interface SweepTotals extends CurveTotals {
  readonly finalCashMicros: number;
  readonly fillCount: number;
}

/** Long while `fast` is above `slow`, flat while it is below, columns with a row for each bar and NaN where there is no value. */
export interface CrossRule {
  readonly fast: Float64Array;
  readonly slow: Float64Array;
  /** `cross` waits for the first time below. */
  readonly entry: 'level' | 'cross';
}

/**
 * Runs the same account over the bars of one symbol for as many rules as are asked for, and keeps nothing but totals: those that
 * the full path gives for `maCross`. Money is exact, so that the final equity is the full path's to the bit; returns and drawdown
 * are its to 1e-9.
 */
export class CrossSweep {
  readonly #bars: SeriesColumns;
  readonly #instrument: Instrument;
  readonly #sizing: SizingRule;
  readonly #cashMicros: number;
  readonly #feeRate: number;
  /** Rows from a decision to its fill. */
  readonly #delay: 0 | 1;
  readonly #fillNanos: Float64Array;
  readonly #columns: { readonly closeNanos: Float64Array; readonly changes: Float64Array };

  /** Use {@link crossSweep}. */
  constructor(spec: BacktestSpec, { symbol, bars }: BacktestSeries) {
    const { commission } = spec.matcher;
    const atClose = spec.execution.fillAt === 'sameClose';
    this.#bars = bars;
    this.#instrument = spec.instruments.get(symbol);
    this.#sizing = spec.sizing;
    this.#cashMicros = spec.cashMicros;
    this.#feeRate = commission.kind === 'bps' ? rateFromBps('feeBps', commission.feeBps) : 0;
    this.#delay = atClose ? 0 : 1;
    this.#fillNanos = atClose ? bars.closeNanos : bars.openNanos;
    this.#columns = { closeNanos: bars.closeNanos, changes: changesOf(bars.closeNanos) };
  }

  /** Runs one combination. @complexity a comparison a bar, and some work for each bar with a position. */
  run(rule: CrossRule): SweepTotals {
    const { fast, slow } = rule;
    const rows = this.#bars.endUs.length;
    const state = beginSweep(this.#cashMicros);
    let cash = this.#cashMicros;
    let fillCount = 0;
    let from = rule.entry === 'level' ? 0 : firstBelow(fast, slow, 0);
    while (from < rows) {
      const entry = firstBelow(slow, fast, from);
      const exit = firstBelow(fast, slow, entry + 1);
      const bought = entry + this.#delay;
      const sold = Math.min(exit + this.#delay, rows);
      if (bought >= rows) break;
      const price = this.#bars.closeNanos[entry] as PriceNanos;
      const quantity = this.#size(price, cash as CashMicros);
      if (quantity > 0) {
        cash = this.#trade(cash, quantity, bought, -1);
        restUntil(state, bought);
        this.#hold(state, cash, quantity, { from: bought, to: sold });
        fillCount += 1;
        if (sold < rows) {
          cash = this.#trade(cash, quantity, sold, 1);
          takeRow(state, cash, sold);
          fillCount += 1;
        }
      }
      from = exit + 1;
    }
    if (fillCount % 2 === 0) restUntil(state, rows);
    const totals = totalsOf(state, this.#cashMicros, rows);
    return { ...totals, finalCashMicros: cash, fillCount };
  }

  #hold(
    state: SweepState,
    cash: number,
    quantity: Quantity,
    { from, to }: { readonly from: number; readonly to: number },
  ): void {
    const factor = holdingFactor(this.#instrument, quantity);
    takeRow(state, cash + (this.#bars.closeNanos[from] as number) * factor, from);
    walkHolding(state, this.#columns, { cash, factor, from: from + 1, to });
  }

  /** Returns the cash after a trade. @param sign 1 sells, -1 buys. */
  #trade(cash: number, quantity: Quantity, row: number, sign: 1 | -1): number {
    const price = this.#fillNanos[row] as PriceNanos;
    const notional = notionalMicros(this.#instrument, price, quantity);
    const fee = this.#feeRate === 0 ? 0 : mulDivRound(notional, this.#feeRate, RATE_SCALE);
    return cashMicros(cash + sign * notional - fee);
  }

  /** Returns what an entry buys; 0 where the full path would refuse it. */
  #size(price: PriceNanos, cash: CashMicros): Quantity {
    const sizing = this.#sizing;
    const instrument = this.#instrument;
    if (sizing.kind === 'cashFraction' && sizing.fraction === 1 && cash > 0) {
      const budget = lessCommission(cash, sizing.feeBps);
      return affordableLots(instrument, budget, price) ?? (0 as Quantity);
    }
    const amounts = { equityMicros: cash, spendableMicros: cash, priceNanos: price };
    return positionSize({ instrument, sizing, strength: 1, ...amounts }) ?? (0 as Quantity);
  }
}

/**
 * Prepares a sweep over the bars of one symbol, or says why there is none: where it is long only with market orders, without
 * slippage and limits that refuse, at a commission of basis points or none. The strategy and its parameters are not asked.
 * @throws ENGINE.SERIES, ENGINE.MATCHER_CONFIG.
 */
export function crossSweep(spec: BacktestSpec, series: BacktestSeries): CrossSweep | string {
  checkSeries([series]);
  const plan = planRun(spec, [series]);
  if (plan.path === 'full') return plan.why;
  const { matcher, limits, execution, instruments, calendarOf } = spec;
  const { commission, slippage } = matcher;
  if (slippage.kind !== 'none') return 'fills slip';
  if (commission.kind !== 'none' && commission.kind !== 'bps') return `fees are ${commission.kind}`;
  if (commission.kind === 'bps' && (commission.minimumMicros ?? 0) > 0)
    return 'fees have a minimum';
  const refusing = limits.policies.find((name) => !UNREFUSING.includes(name));
  if (refusing !== undefined) return `the policy ${refusing} may refuse an order`;
  if (limits.policies.includes('market-hours') && limits.entryTiming === 'deny') {
    return 'decisions at the close of a session are refused';
  }
  const calendar = calendarOf(instruments.get(series.symbol).calendar);
  if (!areInSessions(series.bars, calendar)) return 'there are bars outside the sessions';
  if (execution.fillAt === 'nextOpen' && !ordersMeetBars(series.bars, calendar)) {
    return 'there are sessions without bars, in which orders expire';
  }
  return new CrossSweep(spec, series);
}

const UNREFUSING: readonly string[] = ['kill-switch', 'decision-age', 'market-hours', 'daily-loss'];

/** Returns the first row from `from` on at which a column is below another; the length where there is none. */
function firstBelow(low: Float64Array, high: Float64Array, from: number): number {
  const rows = low.length;
  let row = from;
  while (row < rows && !((low[row] as number) < (high[row] as number))) row += 1;
  return row;
}

function changesOf(close: Float64Array): Float64Array {
  const changes = new Float64Array(close.length);
  for (let row = 1; row < close.length; row += 1) {
    changes[row] = (close[row] as number) / (close[row - 1] as number) - 1;
  }
  return changes;
}

/** Tells whether an order that is decided at the close of any bar meets the next one within its session. */
function ordersMeetBars({ startUs, endUs }: SeriesColumns, calendar: Calendar): boolean {
  let closeUs = Number.NEGATIVE_INFINITY;
  for (let row = 1; row < startUs.length; row += 1) {
    const start = startUs[row] as number;
    if (start < closeUs) continue;
    closeUs = calendar.sessionAtOrAfter(endUs[row - 1] as number).closeUs;
    if (start >= closeUs) return false;
  }
  return true;
}
