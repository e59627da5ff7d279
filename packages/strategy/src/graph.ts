import {
  AppError,
  assert,
  TIMEFRAMES,
  type Timeframe,
  timeframeUs,
  US_PER_DAY,
} from '@capstan/domain';
import {
  type BarIndicator,
  checkParameters,
  type IndicatorParameters,
  type ValueIndicator,
} from '@capstan/indicators';

/** What of a bar an indicator over numbers can see: prices in nanos, volume in units at scale. */
export const BAR_FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
export type BarField = (typeof BAR_FIELDS)[number];

/** An indicator over numbers, of a field of the bars or of another node. */
export interface ValueNode {
  readonly input: 'value';
  readonly indicator: ValueIndicator;
  readonly parameters: IndicatorParameters;
  readonly of: BarField | IndicatorNode;
  /** Absent: the timeframe of the bot. */
  readonly timeframe?: Timeframe;
  /** Whose bars it reads, with all beneath it. Absent: those of the symbol that is decided on. */
  readonly symbol?: string;
}

/** An indicator over whole bars. */
export interface BarNode {
  readonly input: 'bar';
  readonly indicator: BarIndicator;
  readonly parameters: IndicatorParameters;
  readonly timeframe?: Timeframe;
  readonly symbol?: string;
}

export type IndicatorNode = ValueNode | BarNode;

/** The values that a strategy wants to see, by the name that it uses for them. */
export type IndicatorGraph = Readonly<Record<string, IndicatorNode>>;

/** Current values of a graph. */
export type GraphValues<G extends IndicatorGraph> = { readonly [Name in keyof G]: number };

/** Applies an indicator to a field of the bars. @throws INDICATOR.PARAMETER */
export function ofField<Name extends string>(
  indicator: ValueIndicator<Name>,
  parameters: Readonly<Record<Name, number>>,
  field: BarField,
  timeframe?: Timeframe,
): ValueNode {
  checkParameters(indicator, parameters);
  return { input: 'value', indicator, parameters, of: field, ...at(timeframe) };
}

/** Applies an indicator to the values of another, at that one's timeframe and of its symbol. @throws INDICATOR.PARAMETER */
export function ofNode<Name extends string>(
  indicator: ValueIndicator<Name>,
  parameters: Readonly<Record<Name, number>>,
  node: IndicatorNode,
): ValueNode {
  checkParameters(indicator, parameters);
  const { timeframe, symbol } = node;
  const whose = symbol === undefined ? {} : { symbol };
  return { input: 'value', indicator, parameters, of: node, ...at(timeframe), ...whose };
}

/** Applies an indicator to whole bars. @throws INDICATOR.PARAMETER */
export function ofBars<Name extends string>(
  indicator: BarIndicator<Name>,
  parameters: Readonly<Record<Name, number>>,
  timeframe?: Timeframe,
): BarNode {
  checkParameters(indicator, parameters);
  return { input: 'bar', indicator, parameters, ...at(timeframe) };
}

/**
 * Makes an indicator read the bars of one symbol, whichever is decided on. Its value stands until the next bar of that symbol
 * ends; a bar that ends when the decision is made counts.
 * @throws STRATEGY.DEFINITION where part of it reads another symbol already.
 */
export function ofSymbol<Node extends IndicatorNode>(symbol: string, node: Node): Node {
  for (const part of partsOf(node)) {
    if (part.symbol === undefined || part.symbol === symbol) continue;
    throw new AppError({
      code: 'STRATEGY.DEFINITION',
      why: `${part.indicator.name} reads ${part.symbol} and is to read ${symbol} too.`,
      fix: 'Let each indicator read the bars of one symbol, and bring the values together in decide.',
    });
  }
  return { ...node, symbol };
}

/** A node and all that it reads. */
function* partsOf(node: IndicatorNode): Generator<IndicatorNode> {
  yield node;
  if (node.input === 'value' && typeof node.of !== 'string') yield* partsOf(node.of);
}

function at(timeframe: Timeframe | undefined): { readonly timeframe?: Timeframe } {
  return timeframe === undefined ? {} : { timeframe };
}

/**
 * Returns the text that names a node's values over the bars of one symbol: equal texts, equal columns. Columns of one series of bars
 * can be kept by it. @param base the timeframe of the bot.
 */
export function nodeKey(node: IndicatorNode, base: Timeframe): string {
  const parts = Object.entries(node.parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const input = node.input === 'bar' ? 'bar' : node.of;
  const over = typeof input === 'string' ? input : nodeKey(input, base);
  return `${node.indicator.name}(${[...parts, over].join(',')})@${node.timeframe ?? base}`;
}

/** Returns how many bars of its own timeframe a node needs up to its first value. */
export function nodeWarmup(node: IndicatorNode): number {
  const own = node.indicator.create(node.parameters).warmup;
  if (node.input === 'bar' || typeof node.of === 'string') return own;
  return nodeWarmup(node.of) + own - 1;
}

/**
 * Returns how many bars of the bot's timeframe a graph needs. A bar of a higher timeframe counts as the most bars of
 * the bot's that it can hold, a session as a day.
 */
export function graphWarmup(graph: IndicatorGraph, base: Timeframe): number {
  let most = 1;
  for (const node of Object.values(graph)) {
    const bars = nodeWarmup(node) * barsIn(node.timeframe ?? base, base);
    most = Math.max(most, bars);
  }
  return most;
}

function barsIn(timeframe: Timeframe, base: Timeframe): number {
  if (timeframe === base) return 1;
  const length = timeframeUs(timeframe) ?? US_PER_DAY;
  const baseLength = timeframeUs(base) ?? US_PER_DAY;
  assert(length > baseLength, `an input at ${timeframe} is finer than the bot's ${base}`);
  return Math.ceil(length / baseLength);
}

/** Returns the timeframes that a graph reads of the symbol that is decided on, with the bot's own, the longest first. */
export function graphTimeframes(graph: IndicatorGraph, base: Timeframe): readonly Timeframe[] {
  const used = new Set<Timeframe>([base]);
  for (const node of Object.values(graphPart(graph, undefined))) used.add(node.timeframe ?? base);
  return longestFirst(used);
}

/** Returns the other symbols whose bars a graph reads, sorted, each with the timeframes of them, the longest first. */
export function graphReferences(
  graph: IndicatorGraph,
  base: Timeframe,
): ReadonlyMap<string, readonly Timeframe[]> {
  const used = new Map<string, Set<Timeframe>>();
  for (const { symbol, timeframe = base } of Object.values(graph)) {
    if (symbol === undefined) continue;
    used.set(symbol, (used.get(symbol) ?? new Set()).add(timeframe));
  }
  const symbols = [...used.keys()].sort();
  return new Map(symbols.map((symbol) => [symbol, longestFirst(used.get(symbol) ?? new Set())]));
}

/**
 * Returns the nodes that read one symbol, as nodes of the symbol at hand.
 * @param symbol absent: those that read the symbol that is decided on.
 */
export function graphPart(graph: IndicatorGraph, symbol: string | undefined): IndicatorGraph {
  const part: Record<string, IndicatorNode> = {};
  for (const [name, node] of Object.entries(graph)) {
    if (node.symbol !== symbol) continue;
    const { symbol: _, ...own } = node;
    part[name] = own;
  }
  return part;
}

function longestFirst(used: ReadonlySet<Timeframe>): readonly Timeframe[] {
  return TIMEFRAMES.filter((timeframe) => used.has(timeframe)).reverse();
}

/** Tells whether a graph must know in which session each bar lies. */
export function graphNeedsSession(graph: IndicatorGraph): boolean {
  return Object.values(graph).some(nodeNeedsSession);
}

function nodeNeedsSession(node: IndicatorNode): boolean {
  if (node.input === 'bar') return node.indicator.needsSession;
  return typeof node.of !== 'string' && nodeNeedsSession(node.of);
}
