import { closedTrades, type OpenTrade, type RoundTrips } from '@capstan/analytics';
import { type CashMicros, formatCash, formatDecimal, type Instrument } from '@capstan/domain';
import { csvCell, csvText, isoUs } from './csv-text.ts';

/** Columns of `trades.csv`: a row a trade, flat to flat. Prices and money are decimals in the instrument's currency. */
export const TRADE_COLUMNS = [
  'trade',
  'symbol',
  'side',
  'state',
  'quantity',
  'entry_utc',
  'exit_utc',
  'entry_price',
  'exit_price',
  'entry_notional',
  'gross_profit',
  'fees',
  'income',
  'net_profit',
  'net_return_fraction',
  'bars_held',
  'fills',
  'adverse_excursion',
  'favourable_excursion',
] as const;

/**
 * Writes the trades of a run in the order in which they closed, those that are open at the end last. Money is exact in micros,
 * prices in nanos (means of several fills are rounded to one); excursions are rounded to a micro. What is unknown is empty: of an
 * open trade the exit time and bars held. Its exit price is the last close, its profit as of it, its notional that of its entries.
 * @param instruments in the order of the result's symbols.
 */
export function tradesCsv(trips: RoundTrips, instruments: readonly Instrument[]): string {
  const name = (index: number): string => csvCell(instruments[index]?.symbol ?? '');
  const quantity = (units: number, index: number): string =>
    formatDecimal(units, instruments[index]?.quantityScale ?? 0);
  const closed = closedTrades(trips.closed).map((one, row) => [
    String(row + 1),
    name(one.symbolIndex),
    one.side,
    'closed',
    quantity(one.quantity, one.symbolIndex),
    isoUs(one.entryAtUs),
    isoUs(one.exitAtUs),
    price(one.entryPriceNanos),
    price(one.exitPriceNanos),
    cash(one.entryNotionalMicros),
    cash(one.grossMicros),
    cash(one.feesMicros),
    cash(one.incomeMicros),
    cash(one.netMicros),
    fraction(one.returnFraction),
    String(one.barsHeld),
    String(one.fillCount),
    cash(one.adverseMicros),
    cash(one.favourableMicros),
  ]);
  const open = trips.open.map((one, row) => openRow(one, closed.length + row + 1, name, quantity));
  return csvText(TRADE_COLUMNS, [...closed, ...open]);
}

function openRow(
  one: OpenTrade,
  number: number,
  name: (index: number) => string,
  quantity: (units: number, index: number) => string,
): string[] {
  const share =
    one.netMicros === undefined || one.entryNotionalMicros === 0
      ? undefined
      : one.netMicros / one.entryNotionalMicros;
  return [
    String(number),
    name(one.symbolIndex),
    one.side,
    'open',
    quantity(Math.abs(one.openQuantity), one.symbolIndex),
    isoUs(one.entryAtUs),
    '',
    price(one.entryPriceNanos),
    price(one.markNanos),
    cash(one.entryNotionalMicros),
    cash(one.grossMicros),
    cash(one.feesMicros),
    cash(one.incomeMicros),
    cash(one.netMicros),
    fraction(share),
    '',
    String(one.fillCount),
    cash(one.adverseMicros),
    cash(one.favourableMicros),
  ];
}

const cash = (micros: number | undefined): string =>
  micros === undefined ? '' : formatCash(Math.round(micros) as CashMicros);

const price = (nanos: number | undefined): string =>
  nanos === undefined ? '' : formatDecimal(Math.round(nanos), 9, 2);

const fraction = (value: number | undefined): string => (value === undefined ? '' : String(value));
