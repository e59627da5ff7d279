import { rateOfChange, standardDeviation } from '@capstan/indicators';
import type { Candidate, WeightRule } from '@capstan/portfolio';
import { type IndicatorGraph, ofField, ofNode } from '@capstan/strategy';

/** The node that a portfolio's measure is read from. */
const MEASURE = 'measure';

/**
 * Returns the indicators that a portfolio asks for of each of its symbols, by the kernels that strategies use: empty where it
 * needs none. Volatility is the population standard deviation of the changes from close to close.
 */
export function portfolioGraph(rule: WeightRule): IndicatorGraph {
  switch (rule.kind) {
    case 'equal':
      return {};
    case 'inverseVolatility': {
      const changes = ofField(rateOfChange, { period: 1 }, 'close');
      return { [MEASURE]: ofNode(standardDeviation, { period: rule.lookbackBars }, changes) };
    }
    case 'momentumRanking':
      return { [MEASURE]: ofField(rateOfChange, { period: rule.lookbackBars }, 'close') };
  }
}

/** Returns what a rule wants to know of a candidate, from the columns of {@link portfolioGraph} at a row. */
export function measureAt(
  rule: WeightRule,
  columns: Readonly<Record<string, Float64Array>>,
  row: number,
): Pick<Candidate, 'volatility' | 'returnFraction'> {
  const value = columns[MEASURE]?.[row] ?? Number.NaN;
  if (rule.kind === 'equal' || Number.isNaN(value)) return {};
  return rule.kind === 'inverseVolatility' ? { volatility: value } : { returnFraction: value };
}
