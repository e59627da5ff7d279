import { NANOS_PER_UNIT, type PriceNanos, priceNanos } from '@capstan/domain';
import { CUT_UNITS, FINE_ERROR_MAX, FLOAT_FRACTION } from './limits.ts';

/** A split as Yahoo tells it: `numerator` new units for `denominator` old ones. */
export interface YahooSplit {
  /** `YYYY-MM-DD`. */
  readonly exDate: string;
  readonly numerator: number;
  readonly denominator: number;
}

const CENT_NANOS = NANOS_PER_UNIT / 100;
const FINE_NANOS = NANOS_PER_UNIT / 10_000;

/**
 * What Yahoo divided by splits, restated as it was at the time. All of Yahoo's prices and volumes are on today's number of shares: those
 * of a date are restated by the splits after it.
 */
export class Restatement {
  readonly #splits: readonly YahooSplit[];

  /** @param splits all that the symbol ever had, at least those since the oldest date that is asked. */
  constructor(splits: readonly YahooSplit[]) {
    this.#splits = [...splits].sort((a, b) => (a.exDate < b.exDate ? 1 : -1));
  }

  /** Returns how many of today's units one unit of a date has become. */
  factorOn(date: string): number {
    let factor = 1;
    for (const { exDate, numerator, denominator } of this.#splits) {
      if (exDate <= date) break;
      factor *= numerator / denominator;
    }
    return factor;
  }

  /** Returns a price as it was on a date: to 1/10,000 where Yahoo's number is as good as that, else to a cent; never zero. */
  priceOn(date: string, price: number): PriceNanos {
    const factor = this.factorOn(date);
    const raw = price * factor;
    const lost = raw * FLOAT_FRACTION + (factor === 1 ? 0 : CUT_UNITS * factor);
    const isFine = raw < 1 || lost < FINE_ERROR_MAX;
    const step = isFine ? FINE_NANOS : CENT_NANOS;
    const steps = Math.round((raw * NANOS_PER_UNIT) / step);
    return priceNanos((raw > 0 ? Math.max(1, steps) : steps) * step);
  }

  /** Returns a volume as it was on a date, in whole units. */
  volumeOn(date: string, volume: number): number {
    return Math.round(volume / this.factorOn(date));
  }

  /** Returns cash a unit as it was on a date: to six decimals, as it was announced. */
  cashOn(date: string, amount: number): PriceNanos {
    const micros = Math.round(amount * this.factorOn(date) * 1e6);
    return priceNanos(micros * 1_000);
  }
}
