import type { SizingRule } from './bot-sizing.ts';
import { type CashMicros, formatCash, formatDecimal } from './numbers.ts';

const cash = (micros: number): string => formatCash(micros as CashMicros);
/** Six decimals of a fraction are four of a percent. */
const percent = (fraction: number): string =>
  `${formatDecimal(Math.round(fraction * 1_000_000), 4)}%`;

/**
 * Writes a sizing in a few words: `10% of equity`, `1% of equity at risk by stop or 2 × ATR(14), cap 100%`.
 * @param quantityScale decimals of the instrument's quantities; 0 where they are not known.
 */
export function sizingText(sizing: SizingRule, quantityScale = 0): string {
  switch (sizing.kind) {
    case 'fixedQuantity':
      return `${formatDecimal(sizing.quantity, quantityScale)} units an entry`;
    case 'fixedNotional':
      return `${cash(sizing.notionalMicros)} an entry`;
    case 'equityFraction':
      return `${percent(sizing.fraction)} of equity`;
    case 'cashFraction':
      return `${percent(sizing.fraction)} of free cash`;
    case 'atrRisk': {
      const { riskFraction, riskMicros = 0, atrBars, atrMultiple, maxFraction } = sizing;
      const amount =
        riskFraction === undefined ? cash(riskMicros) : `${percent(riskFraction)} of equity`;
      return `${amount} at risk by stop or ${atrMultiple} × ATR(${atrBars}), cap ${percent(maxFraction)}`;
    }
    case 'volatilityTarget': {
      const { annualVolatility, lookbackBars, maxFraction } = sizing;
      return `${percent(annualVolatility)} volatility a year by ${lookbackBars} bars, cap ${percent(maxFraction)}`;
    }
  }
}
