import type { Clock } from './clock.ts';
import type { Column } from './data-table.ts';
import { number, percent, quantity, toneOf } from './text.ts';
import { at, type Trades } from './trades.ts';

/** The columns of the list of trades. */
export function tradeColumns(trades: Trades, clock: Clock): readonly Column[] {
  const { symbols, openFrom, pricePlaces, quantityPlaces } = trades;
  const rank = [...symbols.keys()].sort((a, b) =>
    (symbols[a] ?? '') < (symbols[b] ?? '') ? -1 : 1,
  );
  const rankOf = new Map(rank.map((index, place) => [index, place]));
  const plain = (title: string, column: Float64Array, text: (value: number) => string): Column => ({
    title,
    isNumber: true,
    key: (row) => at(column, row),
    text: (row) => text(at(column, row)),
  });
  const price = (value: number) => number(value, pricePlaces);
  const share = (value: number) => percent(value);
  return [
    { title: '#', isNumber: true, key: (row) => row, text: (row) => number(row + 1, 0) },
    {
      title: 'Symbol',
      isNumber: false,
      key: (row) => rankOf.get(at(trades.symbolIndex, row)) ?? 0,
      text: (row) => symbols[at(trades.symbolIndex, row)] ?? '',
    },
    {
      title: 'Side',
      isNumber: false,
      key: (row) => at(trades.side, row),
      text: (row) => (at(trades.side, row) > 0 ? 'Long' : 'Short'),
      tone: (row) => toneOf(at(trades.side, row)),
    },
    plain('Quantity', trades.quantity, (value) => quantity(value, quantityPlaces)),
    { ...plain('Entry', trades.entryAtS, (value) => clock.full(value)), isNumber: false },
    {
      title: 'Exit',
      isNumber: false,
      key: (row) => (row >= openFrom ? Number.MAX_VALUE : at(trades.exitAtS, row)),
      text: (row) => (row >= openFrom ? 'open' : clock.full(at(trades.exitAtS, row))),
    },
    plain('Entry price', trades.entryPrice, price),
    plain('Exit price', trades.exitPrice, price),
    {
      ...plain('Net profit', trades.net, (value) => number(value, 2, true)),
      tone: (row) => toneOf(at(trades.net, row)),
    },
    {
      ...plain('Return', trades.returnFraction, (value) => percent(value, 2, true)),
      tone: (row) => toneOf(at(trades.returnFraction, row)),
    },
    plain('Costs', trades.fees, (value) => number(value)),
    plain('MAE', trades.adverseFraction, share),
    plain('MFE', trades.favourableFraction, share),
    {
      title: 'Bars',
      isNumber: true,
      key: (row) => at(trades.exitRow, row) - at(trades.entryRow, row),
      text: (row) => number(at(trades.exitRow, row) - at(trades.entryRow, row), 0),
    },
  ];
}
