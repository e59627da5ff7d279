import type { CivilDate } from '@capstan/calendar';

/** New shares for old ones from the ex-date on: 4 for 1 is `{ newShares: 4, oldShares: 1 }`. */
export interface SplitAction {
  readonly kind: 'split';
  readonly exDate: CivilDate;
  /** A whole number from 1. */
  readonly newShares: number;
  /** A whole number from 1. */
  readonly oldShares: number;
}

/** Cash for each whole unit held at the close before the ex-date. */
export interface DividendAction {
  readonly kind: 'dividend';
  readonly exDate: CivilDate;
  /** When it becomes cash, not before the ex-date; the ex-date where absent. */
  readonly payDate?: CivilDate;
  /** For a whole unit on the share count of the ex-date, in nanos of the instrument's currency. */
  readonly amountPerUnitNanos: number;
}

/** What a company does to its shares. It takes effect before the first bar whose session date is the ex-date or later. */
export type CorporateAction = SplitAction | DividendAction;
