import {
  assert,
  cashMicros,
  FLAT_POSITION,
  type InstrumentBook,
  movesNotionalCash,
  notionalMicros,
  type OrderTerms,
  type PostedAction,
  revisionOf,
  type SymbolRestriction,
  splitPosition,
  type TimeUs,
  type VenueActivity,
  type VenueEvent,
  ZERO_QUANTITY,
} from '@capstan/domain';
import type { AccountBook } from './exchange-account.ts';
import type { SplitRatio } from './matching/adjust-for-split.ts';

/** What actions change of an exchange. */
export interface ActionParts {
  readonly instruments: InstrumentBook;
  readonly accounts: ReadonlyMap<string, AccountBook>;
  /** Notes how a symbol is restricted from now on. */
  readonly restrict: (restriction: SymbolRestriction) => void;
  /** Restates orders; those that go on come back by their new terms. */
  readonly adjustForSplit: (symbol: string, ratio: SplitRatio) => readonly OrderTerms[];
  readonly emit: (
    book: AccountBook,
    make: (head: { sequence: number; accountId: string }) => VenueEvent,
  ) => void;
}

type Posted<Kind extends PostedAction['kind']> = Extract<PostedAction, { readonly kind: Kind }>;

/** Says why an action cannot happen; `undefined` where it can. */
export function actionRefusal(
  { instruments, accounts }: ActionParts,
  action: PostedAction,
): string | undefined {
  if ('symbol' in action) {
    const instrument = instruments.all().find((one) => one.symbol === action.symbol);
    if (instrument === undefined) return `no instrument '${action.symbol}'`;
    if (action.kind === 'restriction') return undefined;
    return movesNotionalCash(instrument) ? undefined : `${action.symbol} is no share`;
  }
  const { kind, accountId, amountMicros } = action;
  if (!accounts.has(accountId)) return `no account '${accountId}'`;
  const isWrong =
    amountMicros === 0 ||
    (kind === 'deposit' && amountMicros < 0) ||
    (kind === 'withdrawal' && amountMicros > 0);
  return isWrong ? `a ${kind} of ${amountMicros} micros is none` : undefined;
}

/** Lets an action happen to every account that it concerns. */
export function postAction(
  parts: ActionParts,
  activityId: string,
  action: PostedAction,
  atUs: TimeUs,
): void {
  if (action.kind === 'split') postSplit(parts, activityId, action, atUs);
  else if (action.kind === 'dividend') postDividend(parts, activityId, action, atUs);
  else if (action.kind === 'restriction') parts.restrict(action);
  else {
    const { kind, accountId, amountMicros } = action;
    const book = parts.accounts.get(accountId);
    assert(book !== undefined, `cash of ${accountId} has no account`);
    pay(book, { ...headOf(book, activityId, atUs), kind, amountMicros });
  }
}

/** An account holds one position: what is less than a lot of that is paid out. Orders that go on are told by their new terms. */
function postSplit(
  { instruments, accounts, adjustForSplit, emit }: ActionParts,
  activityId: string,
  split: Posted<'split'>,
  eventAtUs: TimeUs,
): void {
  const { symbol, newShares, oldShares } = split;
  const instrument = instruments.get(symbol);
  const before = [...accounts.values()].map((book) => ({
    book,
    head: headOf(book, activityId, eventAtUs),
    held: book.positions.get(symbol) ?? FLAT_POSITION,
  }));
  const ratio = { numerator: newShares, denominator: oldShares };
  for (const terms of adjustForSplit(symbol, ratio)) {
    const book = accounts.get(terms.accountId);
    assert(book !== undefined, `order ${terms.orderId} has no account`);
    const { orderId } = terms;
    const to = { kind: 'replaced', count: 0, ...revisionOf(terms) } as const;
    emit(book, (head) => ({ ...head, orderId, eventAtUs, ...to }));
  }
  for (const { book, head, held } of before) {
    if (held.quantity === 0) continue;
    const { position, fractionMicros } = splitPosition(held, split, instrument);
    book.positions.set(symbol, position);
    book.cashMicros = cashMicros(book.cashMicros + fractionMicros);
    book.activities.push({ ...head, ...split, fractionMicros });
  }
}

function postDividend(
  { instruments, accounts }: ActionParts,
  activityId: string,
  { symbol, perUnitNanos }: Posted<'dividend'>,
  atUs: TimeUs,
): void {
  const instrument = instruments.get(symbol);
  for (const book of accounts.values()) {
    const held = book.positions.get(symbol)?.quantity ?? ZERO_QUANTITY;
    const amountMicros = notionalMicros(instrument, perUnitNanos, held);
    if (amountMicros === 0) continue;
    const dividend = { kind: 'dividend', symbol, amountMicros, perUnitNanos } as const;
    pay(book, { ...headOf(book, activityId, atUs), ...dividend });
  }
}

function pay(
  book: AccountBook,
  activity: Exclude<VenueActivity, { readonly kind: 'split' }>,
): void {
  book.cashMicros = cashMicros(book.cashMicros + activity.amountMicros);
  book.activities.push(activity);
}

const headOf = (
  { settings, forgotten, events }: AccountBook,
  activityId: string,
  eventAtUs: TimeUs,
) => ({
  ...{ activityId, accountId: settings.accountId, eventAtUs },
  afterSequence: forgotten + events.length,
});
