import type { Clock } from './clock.ts';
import { byId, element } from './elements.ts';
import { NONE, number, percent, quantity, toneOf } from './text.ts';
import { at, type Trades } from './trades.ts';

const ROWS_A_PAGE = 25;

interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  readonly key: (row: number) => number;
  readonly text: (row: number) => string;
  readonly tone?: (row: number) => string;
}

function columnsOf(trades: Trades, clock: Clock): readonly Column[] {
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

/** The list of trades: sorted by any column, a page at a time. */
export class TradeTable {
  readonly #trades: Trades;
  readonly #columns: readonly Column[];
  readonly #onPick: ((row: number) => void) | undefined;
  readonly #body = element('tbody');
  readonly #heads: HTMLTableCellElement[] = [];
  readonly #where = element('span', '', 'dim');
  readonly #buttons: readonly HTMLButtonElement[];
  #order: number[];
  #sorted: { readonly column: number; readonly descending: boolean } = {
    column: 0,
    descending: false,
  };
  #page = 0;

  constructor(trades: Trades, clock: Clock, onPick: ((row: number) => void) | undefined) {
    this.#trades = trades;
    this.#columns = columnsOf(trades, clock);
    this.#onPick = onPick;
    this.#order = Array.from({ length: trades.count }, (_, row) => row);
    this.#buttons = (
      [
        ['First', () => 0],
        ['Previous', () => this.#page - 1],
        ['Next', () => this.#page + 1],
        ['Last', () => this.#pages - 1],
      ] as const
    ).map(([text, target]) => {
      const button = element('button', text);
      button.type = 'button';
      button.addEventListener('click', () => this.#turn(target()));
      return button;
    });
  }

  get #pages(): number {
    return Math.max(1, Math.ceil(this.#trades.count / ROWS_A_PAGE));
  }

  /** Puts the table into its place. */
  mount(): void {
    const place = byId('trade-table');
    if (place === undefined) return;
    const table = element('table');
    table.append(element('caption', 'Trades', 'sr'));
    const line = element('tr');
    for (const [index, column] of this.#columns.entries()) line.append(this.#head(column, index));
    const head = element('thead');
    head.append(line);
    table.append(head, this.#body);
    const rows = element('div', '', 'rows');
    rows.tabIndex = 0;
    rows.setAttribute('role', 'region');
    rows.setAttribute('aria-label', 'Trades');
    rows.append(table);
    const pager = element('div', '', 'pager');
    const [first, previous, next, last] = this.#buttons;
    this.#where.setAttribute('aria-live', 'polite');
    pager.append(first ?? '', previous ?? '', this.#where, next ?? '', last ?? '');
    place.replaceChildren(rows, pager);
    this.#fill();
  }

  #head({ title, isNumber }: Column, index: number): HTMLElement {
    const cell = element('th', '', isNumber ? 'num' : '');
    cell.scope = 'col';
    const button = element('button', title, 'sort');
    button.type = 'button';
    button.addEventListener('click', () => this.#sort(index));
    cell.append(button);
    this.#heads.push(cell);
    return cell;
  }

  /** A number that is new to the order begins with its highest. */
  #sort(index: number): void {
    const column = this.#columns[index];
    if (column === undefined) return;
    const again = this.#sorted.column === index;
    const descending = again ? !this.#sorted.descending : column.isNumber;
    this.#sorted = { column: index, descending };
    const way = descending ? -1 : 1;
    this.#order.sort((a, b) => {
      const x = column.key(a);
      const y = column.key(b);
      if (Number.isNaN(x) || Number.isNaN(y))
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return x === y ? a - b : x < y ? -way : way;
    });
    this.#turn(0);
  }

  #turn(page: number): void {
    this.#page = Math.max(0, Math.min(this.#pages - 1, page));
    this.#fill();
  }

  #fill(): void {
    const from = this.#page * ROWS_A_PAGE;
    const rows = this.#order.slice(from, from + ROWS_A_PAGE);
    this.#body.replaceChildren(...rows.map((row) => this.#line(row)));
    for (const [index, head] of this.#heads.entries()) {
      const { column, descending } = this.#sorted;
      const sorted = index === column ? (descending ? 'descending' : 'ascending') : 'none';
      head.setAttribute('aria-sort', sorted);
    }
    const { count } = this.#trades;
    this.#where.textContent =
      count === 0
        ? NONE
        : `${number(from + 1, 0)} to ${number(Math.min(count, from + ROWS_A_PAGE), 0)} of ${number(count, 0)}`;
    const [first, previous, next, last] = this.#buttons;
    for (const button of [first, previous]) if (button) button.disabled = this.#page === 0;
    for (const button of [next, last]) if (button) button.disabled = this.#page >= this.#pages - 1;
  }

  #line(row: number): HTMLElement {
    const line = element('tr');
    for (const { text, tone, isNumber, title } of this.#columns) {
      const cell = element('td', '', isNumber ? 'num' : '');
      if (title === '#' && this.#onPick !== undefined) {
        const button = element('button', text(row), 'link');
        button.type = 'button';
        button.setAttribute('aria-label', `Show trade ${text(row)} on the price`);
        button.addEventListener('click', () => this.#onPick?.(row));
        cell.append(button);
      } else cell.append(tone === undefined ? text(row) : element('span', text(row), tone(row)));
      line.append(cell);
    }
    return line;
  }
}
