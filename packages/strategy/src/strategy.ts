import type { Bar, Timeframe } from '@capstan/domain';
import type { BarColumns } from '@capstan/indicators';
import type { Crossing } from './crossing.ts';
import type { GraphValues, IndicatorGraph } from './graph.ts';
import type { JsonValue } from './json-value.ts';
import type { OpinionColumns } from './opinion-columns.ts';
import type { Parameters, ParameterValues } from './parameter.ts';
import type { Target } from './target.ts';

/** What a decision may know besides values and state. */
export interface DecisionContext<P extends Parameters> {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** The bar that has just closed. Decisions see nothing later. */
  readonly bar: Bar;
  readonly params: ParameterValues<P>;
}

/** What decisions over whole columns may know besides the columns of values. */
export interface ColumnsContext<P extends Parameters> {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** The bars of that timeframe, a row each. */
  readonly bars: BarColumns;
  /** The first row at which the strategy is asked; those before are not seen by its state either. */
  readonly fromRow: number;
  readonly params: ParameterValues<P>;
}

/** Values of a graph, a column each; NaN where there is none. A row with a NaN is not decided and does not move the state. */
export type GraphColumns<G extends IndicatorGraph> = { readonly [Name in keyof G]: Float64Array };

/**
 * A strategy: parameters, the indicators that it watches, and what it concludes from them. Its functions are pure:
 * same arguments, same result, nothing else read or written. State is frozen.
 */
export interface StrategyDefinition<
  P extends Parameters,
  G extends IndicatorGraph,
  S extends JsonValue,
> {
  /** Kebab case; how configurations name it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly params: P;
  /** Says in words how parameters do not fit together, or `undefined`. */
  check?(params: ParameterValues<P>): string | undefined;
  /** Declares the indicators; their names are those of the values in `decide`. */
  indicators(params: ParameterValues<P>): G;
  /** Bars to see before the first decision, where that is more than the indicators need. */
  warmup?(params: ParameterValues<P>): number;
  /** Each symbol begins with it. Small, plain data. */
  readonly initialState: S;
  /** Returns the state as of this bar; called before `decide`. Absent: the state never changes. */
  update?(values: GraphValues<G>, state: S, context: DecisionContext<P>): S;
  /** Returns the target as of this bar, or `undefined`: no change of opinion. */
  decide(values: GraphValues<G>, state: S, context: DecisionContext<P>): Target | undefined;
  /**
   * Says for all bars at once what `update` and `decide` say bar by bar: the same opinions, reasons included. Absent: whoever
   * wants columns asks bar by bar.
   */
  decideColumns?(columns: GraphColumns<G>, context: ColumnsContext<P>): OpinionColumns;
  /**
   * Declares that with these parameters `update` and `decide` are a crossing of two values; `undefined`, or absent: they are more
   * than that. Sweeps run what declares it many times quicker.
   */
  crossing?(params: ParameterValues<P>): Crossing | undefined;
}

/** Any strategy, as registries and engines handle it. */
export type Strategy = StrategyDefinition<Parameters, IndicatorGraph, JsonValue>;
