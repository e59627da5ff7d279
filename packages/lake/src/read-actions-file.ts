import { type CivilDate, dayNumber } from '@capstan/calendar';
import { AppError, hasCode, parsePrice } from '@capstan/domain';
import { type CorporateAction, sortActions } from './corporate-action.ts';
import { type CsvLine, cellTexts, readCsvLines } from './csv-lines.ts';
import { parseSplitRatio } from './split-ratio.ts';

/** What a file of corporate actions holds. */
export interface ActionsFile {
  /** By symbol, each sorted by ex-date. */
  readonly bySymbol: ReadonlyMap<string, readonly CorporateAction[]>;
  /** What was not taken as it was written: rounded ratios, rows that repeat another. */
  readonly notes: readonly string[];
  /** Lower-case hexadecimal SHA-256 of the file's bytes. */
  readonly fileSha256: string;
}

const COLUMNS = ['symbol', 'ex_date', 'kind', 'value', 'pay_date'] as const;
type Column = (typeof COLUMNS)[number];

/**
 * Reads corporate actions from a CSV file, gzip too: `ex_date, kind, value`, and where they are there `symbol` and `pay_date`. `kind` is `split` or
 * `dividend`; the value of a split is new shares per old one, as a decimal or as `4:1`, that of a dividend cash a share.
 * @param symbol of every row, for files without a symbol column.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE naming line and column.
 */
export async function readActionsFile(path: string, symbol?: string): Promise<ActionsFile> {
  let reader = new ActionsReader(path, symbol);
  const { sha256 } = await readCsvLines(path, () => {
    reader = new ActionsReader(path, symbol);
    return (line) => reader.line(line);
  });
  return { ...reader.finish(), fileSha256: sha256 };
}

class ActionsReader {
  readonly #path: string;
  readonly #symbol: string | undefined;
  readonly #bySymbol = new Map<string, CorporateAction[]>();
  readonly #seen = new Set<string>();
  readonly #splitDates = new Map<string, number>();
  readonly #notes: string[] = [];
  #index: ReadonlyMap<Column, number> | undefined;

  constructor(path: string, symbol: string | undefined) {
    this.#path = path;
    this.#symbol = symbol;
  }

  line(line: CsvLine): void {
    const cells = cellTexts(line);
    if (this.#index === undefined) {
      this.#index = this.#header(cells);
      return;
    }
    const cell = (column: Column): string => cells[this.#index?.get(column) ?? -1] ?? '';
    const symbol = this.#symbol ?? cell('symbol');
    if (symbol === '') throw this.#wrong(line, 'symbol', '', 'a symbol');
    const exDate = this.#date(line, 'ex_date', cell('ex_date'));
    const kind = cell('kind');
    const key = [symbol, exDate, kind, cell('value')].join(' ');
    if (this.#seen.has(key)) {
      this.#notes.push(`line ${line.number}: ${key} repeats an earlier row and was left out`);
      return;
    }
    this.#seen.add(key);
    const payText = cell('pay_date');
    const payDate = payText === '' ? undefined : this.#date(line, 'pay_date', payText);
    const action = this.#action(line, { symbol, exDate, kind, value: cell('value'), payDate });
    const actions = this.#bySymbol.get(symbol) ?? [];
    actions.push(action);
    this.#bySymbol.set(symbol, actions);
  }

  finish(): Omit<ActionsFile, 'fileSha256'> {
    if (this.#bySymbol.size === 0) {
      throw new AppError({
        code: 'LAKE.FILE',
        why: `${this.#path}: the file has no corporate actions.`,
        fix: 'It must have the columns ex_date, kind and value, and a row an action.',
      });
    }
    const sorted = [...this.#bySymbol].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      bySymbol: new Map(sorted.map(([symbol, actions]) => [symbol, sortActions(actions)])),
      notes: this.#notes,
    };
  }

  #header(cells: readonly string[]): ReadonlyMap<Column, number> {
    const names = cells.map((cell) => cell.toLowerCase());
    const index = new Map<Column, number>();
    for (const column of COLUMNS) {
      const at = names.indexOf(column);
      if (at >= 0) index.set(column, at);
      else if (column !== 'pay_date' && !(column === 'symbol' && this.#symbol !== undefined)) {
        throw new AppError({
          code: 'LAKE.COLUMN',
          why: `${this.#path}, line 1: no column '${column}' among ${cells.join(', ')}.`,
          fix:
            column === 'symbol'
              ? 'Name the symbol with --symbol.'
              : 'A file of corporate actions has symbol, ex_date, kind, value, and may have pay_date.',
        });
      }
    }
    return index;
  }

  #action(
    line: CsvLine,
    row: {
      readonly symbol: string;
      readonly exDate: CivilDate;
      readonly kind: string;
      readonly value: string;
      readonly payDate: CivilDate | undefined;
    },
  ): CorporateAction {
    const { exDate, kind, value, payDate } = row;
    if (kind === 'split') return this.#split(line, row);
    if (kind !== 'dividend') throw this.#wrong(line, 'kind', kind, 'split or dividend');
    if (payDate !== undefined && payDate < exDate) {
      throw this.#wrong(line, 'pay_date', payDate, `a date from ${exDate} on`);
    }
    const amountPerUnitNanos = this.#amount(line, value);
    const pays = payDate === undefined ? {} : { payDate };
    return { kind, exDate, ...pays, amountPerUnitNanos };
  }

  #split(
    line: CsvLine,
    row: { readonly symbol: string; readonly exDate: CivilDate; readonly value: string },
  ): CorporateAction {
    const { symbol, exDate, value } = row;
    const ratio = parseSplitRatio(value);
    if (ratio === undefined) throw this.#wrong(line, 'value', value, 'a ratio such as 4 or 4:1');
    const dateKey = `${symbol} ${exDate}`;
    const other = this.#splitDates.get(dateKey);
    if (other !== undefined) {
      throw this.#wrong(line, 'value', value, `one split on ${exDate}; line ${other} has another`);
    }
    this.#splitDates.set(dateKey, line.number);
    const { newShares, oldShares, rounded } = ratio;
    if (rounded) {
      this.#notes.push(
        `line ${line.number}: the split of ${symbol} on ${exDate} reads ${value} and was taken as ${newShares}:${oldShares}`,
      );
    }
    return { kind: 'split', exDate, newShares, oldShares };
  }

  #amount(line: CsvLine, value: string): number {
    try {
      const amount = parsePrice(value);
      if (amount > 0) return amount;
    } catch (error) {
      if (!hasCode(error, 'NUMBER.FORMAT')) throw error;
    }
    throw this.#wrong(line, 'value', value, 'cash a share above zero, such as 0.25');
  }

  #date(line: CsvLine, column: Column, date: string): CivilDate {
    try {
      dayNumber(date);
      return date;
    } catch (error) {
      if (!hasCode(error, 'CALENDAR.DATE')) throw error;
      throw this.#wrong(line, column, date, 'a date such as 2024-01-31');
    }
  }

  #wrong(line: CsvLine, column: Column, found: string, expected: string): AppError {
    return new AppError({
      code: 'LAKE.VALUE',
      why: `${this.#path}, line ${line.number}: column '${column}' is '${found}', expected ${expected}.`,
      fix: 'Correct the row.',
    });
  }
}
