import { byId, element } from './elements.ts';
import { NONE, number } from './text.ts';

const ROWS_A_PAGE = 25;

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  /** What it is sorted by; NaN comes last. */
  readonly key: (row: number) => number;
  readonly text: (row: number) => string;
  readonly tone?: (row: number) => string;
}

/** What a table is made of. */
export interface TableParts {
  /** Of the element that it is put into. */
  readonly id: string;
  readonly caption: string;
  readonly count: number;
  readonly columns: readonly Column[];
  /** What the numbers of the first column do, where they do something. */
  readonly pick?: { readonly label: string; readonly onPick: (row: number) => void };
  /** Column that it is sorted by at first, falling; the first one, rising, unless given. */
  readonly sortedBy?: { readonly column: number; readonly descending: boolean };
}

/** A long list: sorted by any column, a page at a time. */
export class DataTable {
  readonly #parts: TableParts;
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

  constructor(parts: TableParts) {
    this.#parts = parts;
    this.#order = Array.from({ length: parts.count }, (_, row) => row);
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
    return Math.max(1, Math.ceil(this.#parts.count / ROWS_A_PAGE));
  }

  /** Puts the table into its place. */
  mount(): void {
    const place = byId(this.#parts.id);
    if (place === undefined) return;
    const table = element('table');
    table.append(element('caption', this.#parts.caption, 'sr'));
    const line = element('tr');
    for (const [index, column] of this.#parts.columns.entries())
      line.append(this.#head(column, index));
    const head = element('thead');
    head.append(line);
    table.append(head, this.#body);
    const rows = element('div', '', 'rows');
    rows.tabIndex = 0;
    rows.setAttribute('role', 'region');
    rows.setAttribute('aria-label', this.#parts.caption);
    rows.append(table);
    const pager = element('div', '', 'pager');
    const [first, previous, next, last] = this.#buttons;
    this.#where.setAttribute('aria-live', 'polite');
    pager.append(first ?? '', previous ?? '', this.#where, next ?? '', last ?? '');
    place.replaceChildren(rows, pager);
    if (this.#parts.sortedBy === undefined) this.#fill();
    else this.#sortBy(this.#parts.sortedBy);
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
    const column = this.#parts.columns[index];
    if (column === undefined) return;
    const again = this.#sorted.column === index;
    const descending = again ? !this.#sorted.descending : column.isNumber;
    this.#sortBy({ column: index, descending });
  }

  #sortBy(sorted: { readonly column: number; readonly descending: boolean }): void {
    const column = this.#parts.columns[sorted.column];
    if (column === undefined) return;
    const { descending } = sorted;
    this.#sorted = sorted;
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
    const { count } = this.#parts;
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
    const { pick } = this.#parts;
    for (const { text, tone, isNumber, title } of this.#parts.columns) {
      const cell = element('td', '', isNumber ? 'num' : '');
      if (title === '#' && pick !== undefined) {
        const button = element('button', text(row), 'link');
        button.type = 'button';
        button.setAttribute('aria-label', `${pick.label} ${text(row)}`);
        button.addEventListener('click', () => pick.onPick(row));
        cell.append(button);
      } else cell.append(tone === undefined ? text(row) : element('span', text(row), tone(row)));
      line.append(cell);
    }
    return line;
  }
}
