import { type OptionContract, priceNanos } from '@capstan/domain';

const SHAPE = /^([A-Z0-9.]{1,6})(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/;
/** The last eight digits are thousandths. */
const NANOS_PER_DIGIT = 1_000_000;
const UNITS_PER_CONTRACT = 100;

/**
 * Reads what the symbol of a listed option says: `AAPL260116C00150000` is the call of AAPL that expires 2026-01-16 at 150.
 * @returns `undefined` where it is no such symbol.
 * @source The Options Clearing Corporation, Options Symbology Initiative, 2010.
 */
export function readOccSymbol(
  symbol: string,
): Pick<OptionContract, 'underlying' | 'right' | 'expiration' | 'strikeNanos'> | undefined {
  const match = SHAPE.exec(symbol);
  if (match === null) return undefined;
  const [, underlying = '', year, month, day, right, strike] = match;
  return {
    underlying,
    right: right === 'C' ? 'call' : 'put',
    expiration: `20${year}-${month}-${day}`,
    strikeNanos: priceNanos(Number(strike) * NANOS_PER_DIGIT),
  };
}

/** Returns the contract that a symbol names, as long as it was not adjusted: 100 units, exercised at any time. */
export function contractOfSymbol(symbol: string, underlying: string): OptionContract | undefined {
  const read = readOccSymbol(symbol);
  if (read === undefined) return undefined;
  return { ...read, symbol, underlying, multiplier: UNITS_PER_CONTRACT, style: 'american' };
}
