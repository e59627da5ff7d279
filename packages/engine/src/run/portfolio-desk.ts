import {
  type Direction,
  type Mark,
  priceNanos,
  type Signal,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import { allocate, type PortfolioRule, type Weight } from '@capstan/portfolio';
import { type DailyLoss, KILL_OFF } from '@capstan/risk';
import type { AccountCore } from '../account-core.ts';
import type { RebalanceStep } from '../account-rebalance.ts';
import type { SliceDecision } from '../account-slice.ts';
import { measureAt } from '../portfolio-graph.ts';
import type { RunNames } from './backtest-spec.ts';
import type { SymbolRun } from './symbol-run.ts';

/** The name under which a portfolio refuses an opinion. */
export const PORTFOLIO_POLICY = 'portfolio';

/** What a desk works with. */
export interface PortfolioParts {
  readonly rule: PortfolioRule;
  readonly names: RunNames;
  readonly account: AccountCore;
  /** Sorted by symbol. */
  readonly symbols: readonly SymbolRun[];
  /** Of the portfolio's graph, for each symbol a row for each of its bars. */
  readonly columns: readonly Readonly<Record<string, Float64Array>>[];
  /** Rising: the slices at which weights are worked out anew. */
  readonly slices: Int32Array;
  readonly timelineUs: Float64Array;
}

/** What an account is told beside the weights. */
export interface RebalanceNow {
  readonly accruedMicros: Parameters<AccountCore['decideRebalance']>[0]['accruedMicros'];
  readonly dailyLoss?: DailyLoss;
}

/** What was decided of a rebalance. */
export interface RebalanceDecision extends SliceDecision {
  readonly step: RebalanceStep;
}

/**
 * Keeps what the strategy wants of each symbol and takes the account to the weights that follow: reductions first, additions
 * once nothing of them works any more. A rebalance that falls due while orders work waits for their end, too: what is still out
 * may or may not become a position.
 */
export class PortfolioDesk {
  readonly #parts: PortfolioParts;
  readonly #wanted: (Direction | undefined)[];
  #next = 0;
  #isDue = false;
  /** The weights whose additions wait for the reductions. */
  #waiting: readonly Weight[] | undefined;

  constructor(parts: PortfolioParts) {
    this.#parts = parts;
    this.#wanted = parts.symbols.map(() => undefined);
  }

  /** The next slice at which weights are worked out anew; infinity where it goes by signals, or there is none left. */
  get nextSlice(): number {
    return this.#parts.slices[this.#next] ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Takes a change of opinion.
   * @returns why it counts as flat: a portfolio places neither limits nor protective exits.
   */
  hear(symbol: SymbolRun, signal: Signal): string | undefined {
    if (this.#parts.rule.rebalance.kind === 'onSignal') this.#isDue = true;
    const asked = unplaceable(signal);
    const isOut = asked !== undefined || signal.strength === 0;
    this.#wanted[symbol.index] = isOut ? 'flat' : signal.direction;
    return asked === undefined ? undefined : `a portfolio places no ${asked}`;
  }

  /** Decides what can be done at a slice; `undefined` where nothing can. What fills at once leaves more: ask again. */
  decide(slice: number, now: RebalanceNow): RebalanceDecision | undefined {
    this.#noteDue(slice);
    if (this.#parts.symbols.some((symbol) => symbol.workingCount > 0)) return undefined;
    if (this.#isDue) {
      this.#isDue = false;
      return this.#rebalance(slice, this.#weights(slice), 'next', now);
    }
    const waiting = this.#waiting;
    return waiting === undefined ? undefined : this.#rebalance(slice, waiting, 'addition', now);
  }

  #noteDue(slice: number): void {
    for (; this.nextSlice <= slice; this.#next += 1) this.#isDue = true;
  }

  #weights(slice: number): readonly Weight[] {
    const { rule, symbols, columns } = this.#parts;
    return allocate(
      rule,
      symbols.map((symbol) => {
        const { index } = symbol;
        const direction = this.#wanted[index];
        return {
          symbol: symbol.symbol,
          ...(direction === undefined ? {} : { direction }),
          ...measureAt(rule.weights, columns[index] ?? {}, symbol.rowAt(slice)),
        };
      }),
    );
  }

  #rebalance(
    slice: number,
    weights: readonly Weight[],
    steps: 'next' | 'addition',
    { accruedMicros, dailyLoss }: RebalanceNow,
  ): RebalanceDecision {
    const { account, names, rule } = this.#parts;
    const sliceEndUs = this.#timeOf(slice);
    const { runId, botId, configRevision } = names;
    const decision = account.decideRebalance({
      ...{ sliceEndUs, nowUs: sliceEndUs, runId, botId, configRevision, steps, rule, weights },
      marks: this.#marks(slice),
      killSwitch: KILL_OFF,
      ...(accruedMicros === undefined ? {} : { accruedMicros }),
      ...(dailyLoss === undefined ? {} : { dailyLoss }),
    });
    this.#waiting = decision.step === 'reduction' ? weights : undefined;
    return decision;
  }

  /** The last closes of all symbols that have one. */
  #marks(slice: number): readonly Mark[] {
    return this.#parts.symbols.flatMap((symbol) => {
      const row = symbol.rowAt(slice);
      if (row < 0) return [];
      return [
        {
          symbol: symbol.symbol,
          priceNanos: priceNanos(symbol.bars.closeNanos[row] ?? 0),
          barEndUs: this.#timeOf(symbol.sliceOf(row)),
        },
      ];
    });
  }

  #timeOf(slice: number): TimeUs {
    return timeUs(this.#parts.timelineUs[slice] ?? Number.NaN);
  }
}

/** Says what an opinion asks for that a portfolio does not place. */
function unplaceable(signal: Signal): string | undefined {
  if (signal.direction === 'flat') return undefined;
  if (signal.limitPriceNanos !== undefined) return 'limit prices';
  if (signal.entryStopPriceNanos !== undefined) return 'entry stops';
  const { stopPriceNanos, takeProfitPriceNanos, trailNanos, trailBps } = signal;
  const exits = [stopPriceNanos, takeProfitPriceNanos, trailNanos, trailBps];
  return exits.some((one) => one !== undefined) ? 'protective exits' : undefined;
}
