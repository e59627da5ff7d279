import { assert, TIMEFRAMES, type Timeframe, timeframeUs, US_PER_DAY } from '@capstan/domain';
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
}

/** An indicator over whole bars. */
export interface BarNode {
  readonly input: 'bar';
  readonly indicator: BarIndicator;
  readonly parameters: IndicatorParameters;
  readonly timeframe?: Timeframe;
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

/** Applies an indicator to the values of another, at that one's timeframe. @throws INDICATOR.PARAMETER */
export function ofNode<Name extends string>(
  indicator: ValueIndicator<Name>,
  parameters: Readonly<Record<Name, number>>,
  node: IndicatorNode,
): ValueNode {
  checkParameters(indicator, parameters);
  return { input: 'value', indicator, parameters, of: node, ...at(node.timeframe) };
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

function at(timeframe: Timeframe | undefined): { readonly timeframe?: Timeframe } {
  return timeframe === undefined ? {} : { timeframe };
}

/**
 * Returns the text that names a node's values: equal texts, equal columns. Columns of one series of bars can be kept
 * by it. @param base the timeframe of the bot.
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

/** Returns the timeframes that a graph reads, with the bot's own, the longest first. */
export function graphTimeframes(graph: IndicatorGraph, base: Timeframe): readonly Timeframe[] {
  const used = new Set<Timeframe>([base]);
  for (const node of Object.values(graph)) used.add(node.timeframe ?? base);
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
