import type { DomainErrorCode } from './error-codes.ts';
import { AppError, assert } from './errors.ts';
import {
  type CashMicros,
  cashMicros,
  mulDivRound,
  NANOS_PER_MICRO,
  type PriceNanos,
  powerOfTen,
  priceNanos,
  type Quantity,
  quantity,
} from './numbers.ts';

export const ASSET_CLASSES = ['equity', 'etf', 'future', 'option'] as const;
export type AssetClass = (typeof ASSET_CLASSES)[number];

/** A tradable thing: its stable id, the name it trades under, and the grid its prices and quantities lie on. */
export interface Instrument {
  /** Stable id; a ticker is its name as of a date. */
  readonly instrumentId: string;
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly currency: string;
  /** Smallest price step, in nanos. */
  readonly tickNanos: PriceNanos;
  /** Decimals of a quantity, 0 to 9: 3 means that quantity 1500 is 1.5 units. */
  readonly quantityScale: number;
  /** Smallest quantity step, at `quantityScale`. */
  readonly lot: Quantity;
  /** Currency units per whole unit and point of price: 1 for equities, 100 for equity options, 50 for ES. */
  readonly multiplier: number;
  /** The calendar whose sessions it trades in, such as `XNYS`. */
  readonly calendar: string;
}

/** Builds a US equity or ETF: one-cent tick, whole shares, multiplier 1, New York sessions. */
export function usEquity(symbol: string, assetClass: 'equity' | 'etf' = 'equity'): Instrument {
  return {
    instrumentId: `us-${assetClass}-${symbol.toLowerCase()}`,
    symbol,
    assetClass,
    currency: 'USD',
    tickNanos: priceNanos(10_000_000),
    quantityScale: 0,
    lot: quantity(1),
    multiplier: 1,
    calendar: 'XNYS',
  };
}

/**
 * Returns the notional of a trade in micros: price × quantity × multiplier, rounded half away from zero.
 * The sign follows the quantity.
 */
export function notionalMicros(
  instrument: Instrument,
  price: PriceNanos,
  amount: Quantity,
): CashMicros {
  const units = powerOfTen(instrument.quantityScale);
  return cashMicros(mulDivRound(price, amount * instrument.multiplier, units * NANOS_PER_MICRO));
}

/** Tells whether fills of the instrument move notional cash; futures settle by variation instead. */
export function movesNotionalCash(instrument: Instrument): boolean {
  return instrument.assetClass !== 'future';
}

/** Rounds a price to the tick: `nearest`, or `down`/`up` so that a limit never becomes more aggressive. */
export function roundToTick(
  instrument: Instrument,
  price: PriceNanos,
  mode: 'nearest' | 'down' | 'up' = 'nearest',
): PriceNanos {
  const tick = instrument.tickNanos;
  const remainder = price % tick;
  const above = remainder < 0 ? remainder + tick : remainder;
  if (above === 0) return priceNanos(price);
  const up = mode === 'up' || (mode === 'nearest' && above >= tick - above);
  return priceNanos(up ? price - above + tick : price - above);
}

/** Rounds a quantity toward zero to the lot. */
export function roundToLot(instrument: Instrument, amount: Quantity): Quantity {
  return quantity(amount - (amount % instrument.lot));
}

/** Checks that an instrument is well formed. @throws INSTRUMENT.INVALID naming the field. */
export function checkInstrument(instrument: Instrument): void {
  const bad = (field: string, rule: string): never => {
    throw new AppError({
      code: 'INSTRUMENT.INVALID' satisfies DomainErrorCode,
      why: `instrument ${instrument.symbol}: ${field} ${rule}.`,
    });
  };
  if (instrument.symbol === '') bad('symbol', 'must not be empty');
  if (!(instrument.tickNanos > 0)) bad('tickNanos', 'must be positive');
  if (!(instrument.lot > 0)) bad('lot', 'must be positive');
  if (!Number.isInteger(instrument.multiplier) || instrument.multiplier < 1)
    bad('multiplier', 'must be a whole number from 1');
  if (
    !Number.isInteger(instrument.quantityScale) ||
    instrument.quantityScale < 0 ||
    instrument.quantityScale > 9
  ) {
    bad('quantityScale', 'must be 0 to 9');
  }
}

/** The instruments that a process knows, by symbol. */
export class InstrumentBook {
  readonly #bySymbol = new Map<string, Instrument>();

  constructor(instruments: readonly Instrument[]) {
    for (const instrument of instruments) {
      checkInstrument(instrument);
      assert(
        !this.#bySymbol.has(instrument.symbol),
        `instrument ${instrument.symbol} is listed twice`,
      );
      this.#bySymbol.set(instrument.symbol, instrument);
    }
  }

  /** Returns the instrument named `symbol`. @throws INSTRUMENT.UNKNOWN naming those that are known. */
  get(symbol: string): Instrument {
    const found = this.#bySymbol.get(symbol);
    if (found !== undefined) return found;
    const known = [...this.#bySymbol.keys()].sort().slice(0, 10).join(', ');
    throw new AppError({
      code: 'INSTRUMENT.UNKNOWN' satisfies DomainErrorCode,
      why: `no instrument named '${symbol}'.`,
      fix: `Known: ${known}.`,
    });
  }

  /** Tells whether an instrument of that name is listed. */
  has(symbol: string): boolean {
    return this.#bySymbol.has(symbol);
  }

  /** Returns all instruments, sorted by symbol. */
  all(): readonly Instrument[] {
    return [...this.#bySymbol.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }
}
