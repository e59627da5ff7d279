import { type Instrument, InstrumentBook, priceNanos, quantity, usEquity } from '@capstan/domain';

/** An OCC symbol without padding: root, expiration, right, strike in thousandths. */
export const OPTION_SYMBOL = /^([A-Z]{1,6})(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/;
export const CONTRACT_SIZE = 100;
const SUB_PENNY_NANOS = 100_000;
const QUANTITY_DECIMALS = 9;

/**
 * Instruments by their names alone: who lists them is somebody else's matter. Quantities have nine decimals, so that fractions of a
 * share are exact; the step of prices is the finest that any of them may have.
 */
export class LazyInstruments extends InstrumentBook {
  readonly #made = new Map<string, Instrument>();

  constructor() {
    super([]);
  }

  override get(symbol: string): Instrument {
    const known = this.#made.get(symbol);
    if (known !== undefined) return known;
    const isOption = OPTION_SYMBOL.test(symbol);
    const made: Instrument = {
      ...usEquity(symbol),
      ...(isOption ? { assetClass: 'option', multiplier: CONTRACT_SIZE } : {}),
      tickNanos: priceNanos(SUB_PENNY_NANOS),
      quantityScale: QUANTITY_DECIMALS,
      lot: quantity(1),
    };
    this.#made.set(symbol, made);
    return made;
  }

  override all(): readonly Instrument[] {
    return [...this.#made.values()];
  }
}
