import { priceNanos, type Signal, type SizingRule } from '@capstan/domain';
import { logReturn, sma, standardDeviation, trueRange } from '@capstan/indicators';
import { type IndicatorGraph, ofBars, ofField, ofNode } from '@capstan/strategy';

/** The node that a sizing's measure is read from. */
const MEASURE = 'measure';

/** What of the bars a signal carries for its sizing. */
export type SizingMeasure = Pick<Signal, 'atrNanos' | 'barVolatility'>;

/**
 * Returns the indicators that a sizing asks for of each of its bot's symbols, by the kernels that strategies use: empty where it
 * needs none. They are stepped beside those of the strategy and hold none of its decisions up.
 *
 * Both are functions of the last bars alone. An average range by Wilder's smoothing would remember the bar at which it began, and a
 * bot that was started anew would trade another size than its backtest.
 */
export function sizingGraph(sizing: SizingRule): IndicatorGraph {
  switch (sizing.kind) {
    case 'atrRisk':
      return { [MEASURE]: ofNode(sma, { period: sizing.atrBars }, ofBars(trueRange, {})) };
    case 'volatilityTarget': {
      const returns = ofField(logReturn, { period: 1 }, 'close');
      return { [MEASURE]: ofNode(standardDeviation, { period: sizing.lookbackBars }, returns) };
    }
    default:
      return {};
  }
}

/** Returns what a signal carries, from the values of {@link sizingGraph}; nothing while there are none. */
export function sizingMeasure(
  sizing: SizingRule,
  values: Readonly<Record<string, number>> | undefined,
): SizingMeasure {
  const value = values?.[MEASURE] ?? Number.NaN;
  if (Number.isNaN(value)) return {};
  if (sizing.kind === 'atrRisk') return { atrNanos: priceNanos(Math.ceil(value)) };
  if (sizing.kind !== 'volatilityTarget') return {};
  const { lookbackBars } = sizing;
  // The kernel divides by n; a sample's deviation by n − 1.
  return { barVolatility: value * Math.sqrt(lookbackBars / (lookbackBars - 1)) };
}

/** As {@link sizingMeasure}, from columns at a row. */
export function sizingMeasureAt(
  sizing: SizingRule,
  columns: Readonly<Record<string, Float64Array>>,
  row: number,
): SizingMeasure {
  return sizingMeasure(sizing, { [MEASURE]: columns[MEASURE]?.[row] ?? Number.NaN });
}
