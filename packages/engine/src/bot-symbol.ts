import type { Bar, Mark, SizingRule, Timeframe } from '@capstan/domain';
import type { IndicatorBar } from '@capstan/indicators';
import {
  frozenState,
  type GraphState,
  GraphStream,
  graphPart,
  type IndicatorGraph,
  type JsonValue,
  type ResolvedParameters,
  reasonText,
  type Strategy,
  type Target,
} from '@capstan/strategy';
import { type SizingMeasure, sizingGraph, sizingMeasure } from './sizing-graph.ts';

/** All that a bot knows of one symbol: plain data. */
export interface BotSymbolState {
  /** Bars of the bot's timeframe stepped so far. */
  readonly bars: number;
  readonly strategy: JsonValue;
  readonly mark: Mark | null;
  /** The target of the last signal that was emitted. */
  readonly emitted: Target | null;
  readonly graph: GraphState;
  /** Kernels that the sizing asks for; absent where it asks for none. */
  readonly sizing?: GraphState;
}

/** Values of indicators over other symbols' bars; `undefined` while one is missing. */
export type OtherValues = Readonly<Record<string, number>> | undefined;

/** What the symbols of a bot share. */
export interface BotSymbolSetup {
  readonly strategy: Strategy;
  readonly params: ResolvedParameters;
  readonly graph: IndicatorGraph;
  readonly timeframe: Timeframe;
  /** What the signals are sized by; absent where they are not. */
  readonly sizing: SizingRule | undefined;
}

/** One symbol of a bot: its kernels, its strategy state, and what was last emitted for it. */
export class BotSymbol {
  readonly symbol: string;
  readonly #setup: BotSymbolSetup;
  readonly #graph: GraphStream;
  readonly #sizing: GraphStream | undefined;
  readonly #decideFromBars: number;
  readonly #readsOthers: boolean;
  #bars = 0;
  #state: JsonValue;
  #mark: Mark | undefined;
  #emitted: Target | undefined;

  constructor(symbol: string, setup: BotSymbolSetup) {
    this.symbol = symbol;
    this.#setup = setup;
    this.#graph = new GraphStream(graphPart(setup.graph, undefined), setup.timeframe);
    this.#readsOthers = Object.values(setup.graph).some(({ symbol: of }) => of !== undefined);
    const sizing = setup.sizing === undefined ? {} : sizingGraph(setup.sizing);
    const asksForMore = Object.keys(sizing).length > 0;
    this.#sizing = asksForMore ? new GraphStream(sizing, setup.timeframe) : undefined;
    this.#decideFromBars = setup.strategy.warmup?.(setup.params) ?? 1;
    this.#state = setup.strategy.initialState;
  }

  /** The last close, once there was a bar. */
  get mark(): Mark | undefined {
    return this.#mark;
  }

  /** The target of the last signal that was emitted. */
  get emitted(): Target | undefined {
    return this.#emitted;
  }

  /** Takes the next bar of its timeframe. @param bar as kernels see it. */
  step(bar: Bar, seen: IndicatorBar): void {
    this.#graph.step(bar.timeframe, seen);
    this.#sizing?.step(bar.timeframe, seen);
    if (bar.timeframe !== this.#setup.timeframe) return;
    this.#bars += 1;
    this.#mark = { symbol: this.symbol, priceNanos: bar.closeNanos, barEndUs: bar.endUs };
  }

  /**
   * Moves the strategy's state to the bar just stepped and asks for its target.
   * @param beside what the strategy reads of other symbols.
   * @returns `undefined` during the warm-up and where the strategy has no new opinion.
   */
  decide(bar: Bar, beside: OtherValues): Target | undefined {
    const { strategy, params, timeframe } = this.#setup;
    const values = this.#values(beside);
    if (values === undefined || this.#bars < this.#decideFromBars) return undefined;
    const context = { symbol: this.symbol, timeframe, bar, params };
    const next = strategy.update?.(values, this.#state, context);
    if (next !== undefined && next !== this.#state) {
      this.#state = frozenState(next, strategy.name);
    }
    return strategy.decide(values, this.#state, context);
  }

  #values(beside: OtherValues): OtherValues {
    const own = this.#graph.values();
    if (!this.#readsOthers || own === undefined) return own;
    return beside === undefined ? undefined : { ...own, ...beside };
  }

  /** Returns what a signal as of the bar just stepped carries for its sizing. */
  measure(): SizingMeasure {
    const { sizing } = this.#setup;
    return sizing === undefined ? {} : sizingMeasure(sizing, this.#sizing?.values());
  }

  /** Notes the target of a signal that went out. */
  noteEmitted(target: Target): void {
    this.#emitted = { ...target, reason: reasonText(target) };
  }

  /** Returns the state as plain data. */
  snapshot(): BotSymbolState {
    return {
      bars: this.#bars,
      strategy: this.#state,
      mark: this.#mark ?? null,
      emitted: this.#emitted ?? null,
      graph: this.#graph.snapshot(),
      ...(this.#sizing === undefined ? {} : { sizing: this.#sizing.snapshot() }),
    };
  }

  /** Replaces the state. @throws STRATEGY.CHECKPOINT, STRATEGY.STATE or INDICATOR.STATE */
  restore(state: BotSymbolState): void {
    this.#bars = state.bars;
    this.#state = frozenState(state.strategy, this.#setup.strategy.name);
    this.#mark = state.mark ?? undefined;
    this.#emitted = state.emitted ?? undefined;
    this.#graph.restore(state.graph);
    this.#sizing?.restore(state.sizing ?? {});
  }
}
