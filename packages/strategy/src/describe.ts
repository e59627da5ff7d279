import type { Timeframe } from '@capstan/domain';
import { graphWarmup, type IndicatorNode, nodeKey } from './graph.ts';
import type { JsonValue } from './json-value.ts';
import { allowedValues, type Parameter, type ParameterValue } from './parameter.ts';
import { type ResolvedParameters, resolveParameters } from './resolve-parameters.ts';
import type { Strategy } from './strategy.ts';

/** One parameter, for a list. */
export interface ParameterDescription {
  readonly name: string;
  readonly type: Parameter['type'];
  readonly description: string;
  readonly default: ParameterValue;
  /** In words, such as `a whole number from 1 to 100`. */
  readonly allowed: string;
}

/** A strategy, for a list. */
export interface StrategyDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** In the order of the definition. */
  readonly params: readonly ParameterDescription[];
  /** Bars that it needs before it decides, with the defaults. */
  readonly warmupBars: number;
  /** The indicators that it watches with the defaults, such as `sma(period=10,close)@1m` or `… of SPY`, sorted. */
  readonly indicators: readonly string[];
}

/** Describes a strategy for people. */
export function describeStrategy(strategy: Strategy, timeframe: Timeframe): StrategyDescription {
  const params = resolveParameters(strategy, {});
  const nodes = Object.values(strategy.indicators(params));
  return {
    name: strategy.name,
    title: strategy.title,
    description: strategy.description,
    params: Object.entries(strategy.params).map(([name, parameter]) => ({
      name,
      type: parameter.type,
      description: parameter.description,
      default: parameter.default,
      allowed: allowedValues(parameter),
    })),
    warmupBars: strategyWarmup(strategy, params, timeframe),
    indicators: [...new Set(nodes.map((node) => nodeText(node, timeframe)))].sort(),
  };
}

function nodeText(node: IndicatorNode, timeframe: Timeframe): string {
  const { symbol } = node;
  return `${nodeKey(node, timeframe)}${symbol === undefined ? '' : ` of ${symbol}`}`;
}

/** Returns how many bars a strategy must see before it decides: what its indicators need, or more where it says so. */
export function strategyWarmup(
  strategy: Strategy,
  params: ResolvedParameters,
  timeframe: Timeframe,
): number {
  const indicators = graphWarmup(strategy.indicators(params), timeframe);
  return Math.max(indicators, strategy.warmup?.(params) ?? 0);
}

/** Returns the JSON Schema (2020-12) of a strategy's parameters. */
export function parametersSchema(strategy: Strategy): JsonValue {
  const properties: Record<string, JsonValue> = {};
  for (const [name, parameter] of Object.entries(strategy.params)) {
    properties[name] = {
      ...shapeOf(parameter),
      description: parameter.description,
      default: parameter.default,
    };
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: strategy.title,
    description: strategy.description,
    type: 'object',
    properties,
    additionalProperties: false,
  };
}

function shapeOf(parameter: Parameter): { readonly [key: string]: JsonValue } {
  switch (parameter.type) {
    case 'integer':
    case 'number':
      return { type: parameter.type, minimum: parameter.min, maximum: parameter.max };
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { type: 'string', enum: parameter.choices };
    case 'symbol':
      return { type: 'string', pattern: '^\\S+$' };
  }
}
