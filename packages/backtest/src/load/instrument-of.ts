import { type Instrument, parsePrice, quantity, usEquity } from '@capstan/domain';
import type { RunFile } from '../config/run-schema.ts';

/** Returns the instrument of a symbol: as the run says, else a plain US share. */
export function instrumentOf(run: Pick<RunFile, 'instruments'>, symbol: string): Instrument {
  const said = run.instruments[symbol];
  if (said === undefined) return usEquity(symbol);
  const { assetClass, currency, quantityScale, multiplier, calendar } = said;
  return {
    instrumentId: `${calendar.toLowerCase()}-${assetClass}-${symbol.toLowerCase()}`,
    symbol,
    assetClass,
    currency,
    tickNanos: parsePrice(String(said.tick)),
    quantityScale,
    lot: quantity(said.lot),
    multiplier,
    calendar,
  };
}
