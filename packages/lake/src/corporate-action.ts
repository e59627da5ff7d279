import type { CivilDate } from '@capstan/calendar';
import { AppError } from '@capstan/domain';
import type { BarsDescription } from './fingerprint.ts';

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
  /** When it becomes cash; absent where the source does not say. */
  readonly payDate?: CivilDate;
  /** For a whole unit on the share count of the ex-date, in nanos of the instrument's currency. */
  readonly amountPerUnitNanos: number;
}

/** What a company does to its shares. It takes effect before the first bar of the ex-date's session. */
export type CorporateAction = SplitAction | DividendAction;

/** Sorts actions by ex-date, splits first, as the lake keeps them. */
export function sortActions(actions: readonly CorporateAction[]): readonly CorporateAction[] {
  const key = (action: CorporateAction): string =>
    `${action.exDate} ${action.kind === 'split' ? 0 : 1}`;
  return [...actions].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/**
 * Refuses adjusted bars that are to be used together with corporate actions.
 * @throws LAKE.ADJUSTED
 */
export function requireRaw(
  symbol: string,
  description: BarsDescription,
  actions: readonly CorporateAction[],
): void {
  if (description.adjustment === 'raw' || actions.length === 0) return;
  const what = description.adjustment === 'split' ? 'splits' : 'splits and dividends';
  throw new AppError({
    code: 'LAKE.ADJUSTED',
    why: `${symbol}: the bars are adjusted for ${what}, and there are ${actions.length} corporate actions: together they count ${description.adjustment === 'split' ? 'splits' : 'dividends'} twice.`,
    fix: 'Use raw bars with the actions, or adjusted bars without them.',
  });
}
