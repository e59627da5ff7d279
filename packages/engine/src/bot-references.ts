import { AppError, type Bar, type Timeframe } from '@capstan/domain';
import type { IndicatorBar } from '@capstan/indicators';
import {
  type GraphState,
  GraphStream,
  graphPart,
  graphReferences,
  type IndicatorGraph,
} from '@capstan/strategy';

/** Kernels of the symbols that a bot reads beside those that it decides on, by symbol: plain data. */
export type ReferencesState = Readonly<Record<string, GraphState>>;

const NO_VALUES: Readonly<Record<string, number>> = {};

/** The kernels over other symbols' bars. All symbols of a bot see the same values. */
export class BotReferences {
  /** Sorted. */
  readonly symbols: readonly string[];
  readonly #timeframes: ReadonlyMap<string, readonly Timeframe[]>;
  readonly #streams: ReadonlyMap<string, GraphStream>;

  constructor(graph: IndicatorGraph, base: Timeframe) {
    this.#timeframes = graphReferences(graph, base);
    this.symbols = [...this.#timeframes.keys()];
    this.#streams = new Map(
      this.symbols.map((symbol) => [symbol, new GraphStream(graphPart(graph, symbol), base)]),
    );
  }

  /** Tells whether it reads bars of a symbol and timeframe. */
  reads(symbol: string, timeframe: Timeframe): boolean {
    return this.#timeframes.get(symbol)?.includes(timeframe) ?? false;
  }

  /** Takes the next bar of a symbol, which others may be stepped by as well. @param seen as kernels see it. */
  step({ symbol, timeframe }: Pick<Bar, 'symbol' | 'timeframe'>, seen: IndicatorBar): void {
    this.#streams.get(symbol)?.step(timeframe, seen);
  }

  /** The symbols without which there is no value yet, sorted. */
  get missing(): readonly string[] {
    return this.symbols.filter((symbol) => this.#streams.get(symbol)?.values() === undefined);
  }

  /** Returns the current values, or `undefined` while one is missing. */
  values(): Readonly<Record<string, number>> | undefined {
    if (this.#streams.size === 0) return NO_VALUES;
    const all: Record<string, number> = {};
    for (const stream of this.#streams.values()) {
      const values = stream.values();
      if (values === undefined) return undefined;
      Object.assign(all, values);
    }
    return all;
  }

  /** Returns the state as plain data. */
  snapshot(): ReferencesState {
    return Object.fromEntries(
      [...this.#streams].map(([symbol, stream]) => [symbol, stream.snapshot()]),
    );
  }

  /** Replaces the state. @throws STRATEGY.CHECKPOINT or INDICATOR.STATE when it is of other symbols or indicators. */
  restore(state: ReferencesState): void {
    for (const [symbol, stream] of this.#streams) {
      const stored = state[symbol];
      if (stored === undefined) {
        throw new AppError({
          code: 'STRATEGY.CHECKPOINT',
          why: `the checkpoint has no state of ${symbol}, which the strategy reads.`,
          fix: 'Discard it and warm up from history.',
        });
      }
      stream.restore(stored);
    }
  }
}
