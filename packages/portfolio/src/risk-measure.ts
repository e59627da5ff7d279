import { barsPerYear } from '@capstan/calendar';
import {
  type AtrRiskSizing,
  type Exits,
  type Instrument,
  type PriceNanos,
  priceNanos,
  type Signal,
  type SizingRule,
  type VolatilityTargetSizing,
} from '@capstan/domain';
import { namedPrices } from './entry-terms.ts';
import type { Entry, Protection } from './protective-exits.ts';

/** By what a rule that goes by risk measures it. */
export type RiskMeasure =
  /** What a unit loses when the price goes against it as far as is reckoned with, in nanos above 0. */
  | { readonly kind: 'distance'; readonly distanceNanos: PriceNanos }
  /** Of the instrument, as a fraction above 0. */
  | { readonly kind: 'volatility'; readonly annualVolatility: number };

/** The measure of a signal, where its rule needs one; or why there is none. */
export type Measured =
  | { readonly kind: 'measured'; readonly measure?: RiskMeasure }
  | { readonly kind: 'unknown'; readonly why: string };

/** What a measure is taken of. */
export interface MeasureInputs {
  readonly sizing: SizingRule;
  readonly signal: Signal;
  readonly instrument: Instrument;
  readonly entry: Entry;
  readonly protection: Protection;
}

/** Measures the risk of an entry, where the rule goes by it. */
export function riskMeasure(inputs: MeasureInputs): Measured {
  const { sizing } = inputs;
  if (sizing.kind === 'atrRisk') return lossDistance(sizing, inputs);
  return sizing.kind === 'volatilityTarget' ? volatilityOf(sizing, inputs) : { kind: 'measured' };
}

/**
 * The way to the protective stop from the worst price that the entry names, else `atrMultiple` × ATR. Of a stop and a trail the nearer
 * counts: it is reached first.
 * @source V. K. Tharp, Trade Your Way to Financial Freedom (2nd ed., 2007), chapter 14: position size = risk ÷ (entry − stop).
 */
function lossDistance(sizing: AtrRiskSizing, inputs: MeasureInputs): Measured {
  const { signal, entry, protection } = inputs;
  if (protection.kind === 'refused') return unknown(protection.reason);
  const prices = namedPrices(entry.terms, signal.referencePriceNanos);
  const worst = entry.side === 'buy' ? Math.max(...prices) : Math.min(...prices);
  const toExit = exitDistances(protection.exits ?? {}, worst);
  if (toExit.length > 0) return distance(Math.min(...toExit));
  const { atrNanos } = signal;
  if (atrNanos === undefined) {
    return unknown(`the average true range of ${sizing.atrBars} bars is not known yet`);
  }
  if (atrNanos <= 0) return unknown(`the price has not moved in ${sizing.atrBars} bars`);
  return distance(Math.ceil(atrNanos * sizing.atrMultiple));
}

function exitDistances(exits: Exits, price: number): readonly number[] {
  const { stopPriceNanos: stop, trailNanos, trailBps } = exits;
  return [
    ...(stop === undefined ? [] : [Math.abs(price - stop)]),
    ...(trailNanos === undefined ? [] : [trailNanos]),
    ...(trailBps === undefined ? [] : [Math.ceil((price * trailBps) / BPS_PARTS)]),
  ];
}

const BPS_PARTS = 10_000;

/**
 * The realised volatility a year: standard deviation of the log returns from bar to bar × √(bars a year).
 * @source J. C. Hull, Options, Futures, and Other Derivatives (8th ed., 2012), section 14.4: σ = s ÷ √τ.
 */
function volatilityOf(sizing: VolatilityTargetSizing, inputs: MeasureInputs): Measured {
  const { barVolatility, timeframe } = inputs.signal;
  if (barVolatility === undefined) {
    return unknown(`the volatility of ${sizing.lookbackBars} bars is not known yet`);
  }
  const bars = barsPerYear(inputs.instrument.calendar, timeframe);
  const annualVolatility = barVolatility * Math.sqrt(bars);
  if (!(annualVolatility > 0)) {
    return unknown(`the price has not moved in ${sizing.lookbackBars} bars`);
  }
  return { kind: 'measured', measure: { kind: 'volatility', annualVolatility } };
}

function distance(nanos: number): Measured {
  if (!Number.isSafeInteger(nanos))
    return unknown('the risk of a unit is more than can be counted');
  return { kind: 'measured', measure: { kind: 'distance', distanceNanos: priceNanos(nanos) } };
}

const unknown = (why: string): Measured => ({ kind: 'unknown', why });
