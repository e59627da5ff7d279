import {
  AppError,
  type CashEvent,
  deriveId,
  dividendShares,
  type Fill,
  type HistoryEntry,
  HOUSE,
  holdersAt,
  isInternalFill,
  type SplitEvent,
  standingFills,
  type VenueActivity,
} from '@capstan/domain';
import type { Account } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import type { Step } from '../step.ts';
import { within } from '../within.ts';
import { resolvedFillId } from './resolve-order.ts';
import { restateForSplit } from './restate-for-split.ts';
import { done, refused, type Verdict } from './verdict.ts';

/** Where an activity stands among the account's entries. */
interface Place {
  /** The account sequence of the last entry before it took effect. */
  readonly follows: number;
  /** Fills and splits of its symbol. */
  readonly entries: readonly HistoryEntry[];
}

type Of<Kind extends VenueActivity['kind']> = Extract<VenueActivity, { readonly kind: Kind }>;
type Cash = Exclude<VenueActivity, { readonly kind: 'split' | 'dividend' }>;

/**
 * Books what the venue tells of a corporate action, or of cash that moved without a trade, in the account's sequence: a split as it
 * is, a dividend to those who held the shares, all else to the house.
 * @idempotent by the venue's id of it
 */
export async function bookActivity(
  account: Account,
  step: Step,
  activity: VenueActivity,
): Promise<Verdict> {
  const { ports, settings, state } = account;
  const { activityId, afterSequence = 0 } = activity;
  if (await ports.store.isBooked(settings.accountId, activityId)) {
    return done('it was booked before.');
  }
  if (afterSequence > state.venueSequence) {
    return refused(`the venue's events through ${afterSequence} are to be taken before it.`);
  }
  if (!('symbol' in activity)) return bookCash(account, step, activity);
  if (!settings.instruments.all().some(({ symbol }) => symbol === activity.symbol)) {
    return bookUnlisted(account, step, activity);
  }
  const place = await placeOf(account, activity);
  if (place === undefined) {
    return refused(`${activity.symbol} has more than ${LIMITS.symbolEntriesMax} fills.`);
  }
  if (activity.kind === 'dividend') return bookDividend(account, step, activity, place);
  return bookSplit(account, step, activity, place);
}

function bookCash(account: Account, step: Step, { kind, amountMicros, ...of }: Cash): Verdict {
  if (amountMicros === 0) return done('it moved no cash.');
  step.event(cashEvent(account, of, { kind, amountMicros, botId: HOUSE }));
  return done(`${amountMicros} micros of ${kind} are booked to the house.`);
}

/** Shares that Capstan does not trade are somebody else's; their cash is the account's all the same. */
function bookUnlisted(account: Account, step: Step, of: Of<'split' | 'dividend'>): Verdict {
  const [kind, amountMicros] =
    of.kind === 'split'
      ? (['transfer', of.fractionMicros] as const)
      : (['dividend', of.amountMicros] as const);
  if (amountMicros !== 0) {
    const { symbol } = of;
    step.event(cashEvent(account, of, { kind, amountMicros, symbol, botId: HOUSE }));
  }
  return done(`${of.symbol} is none of our instruments: ${amountMicros} micros to the house.`);
}

function bookDividend(
  account: Account,
  step: Step,
  of: Of<'dividend'>,
  { follows, entries }: Place,
): Verdict {
  const { symbol } = of;
  const instrument = account.settings.instruments.get(symbol);
  const held = holdersAt(entries, instrument, follows);
  const shares = [...dividendShares(held, of, instrument, HOUSE)];
  for (const [botId, amountMicros] of shares) {
    step.event(cashEvent(account, of, { kind: 'dividend', amountMicros, symbol, botId }));
  }
  const told = shares.map(([botId, amountMicros]) => `${botId} ${amountMicros}`);
  return done(`a dividend of ${symbol} is booked in micros: ${told.join(', ') || 'nothing'}.`);
}

function bookSplit(
  account: Account,
  step: Step,
  of: Of<'split'>,
  { follows, entries }: Place,
): Verdict {
  const { symbol, newShares, oldShares, closeNanos, fractionMicros, activityId, eventAtUs } = of;
  const { accountId } = account.settings;
  const split: SplitEvent = {
    ...({
      kind: 'split',
      activityId,
      accountId,
      symbol,
      newShares,
      oldShares,
      closeNanos,
    } as const),
    ...{ fractionMicros, eventAtUs, followsSequence: follows },
    accountSequence: takeSequence(account),
  };
  step.event(split);
  const fills = entries.filter((entry) => entry.kind !== 'split');
  const later = standingFills(fills).filter((fill) => fill.accountSequence > follows);
  restateForSplit(account, split, later);
  return done(`${newShares} shares of ${symbol} for ${oldShares}: booked after entry ${follows}.`);
}

function cashEvent(
  account: Account,
  { activityId, eventAtUs }: Pick<VenueActivity, 'activityId' | 'eventAtUs'>,
  what: Pick<CashEvent, 'kind' | 'amountMicros' | 'symbol' | 'botId'>,
): CashEvent {
  const { accountId } = account.settings;
  const cashEventId = deriveId('cash-event', accountId, activityId, what.botId);
  const accountSequence = takeSequence(account);
  return { ...what, cashEventId, accountId, activityId, eventAtUs, accountSequence };
}

function takeSequence({ state }: Account): number {
  const sequence = state.nextAccountSequence;
  state.nextAccountSequence += 1;
  return sequence;
}

/** Finds the place of an activity: by the venue's own order where it tells it, else by times. */
async function placeOf(
  account: Account,
  activity: Of<'split' | 'dividend'>,
): Promise<Place | undefined> {
  const { ports, settings, state } = account;
  const limit = LIMITS.symbolEntriesMax;
  const entries = await ports.store.symbolEntries(settings.accountId, activity.symbol, limit);
  if (entries.length === limit) return undefined;
  const fills = entries.filter(({ kind }) => kind === 'fill') as readonly Fill[];
  const isLater = await laterFills(account, activity);
  const next = fills.find(isLater)?.accountSequence ?? state.nextAccountSequence;
  return { follows: next - 1, entries };
}

async function laterFills(
  account: Account,
  activity: Of<'split' | 'dividend'>,
): Promise<(fill: Fill) => boolean> {
  const { afterSequence, eventAtUs } = activity;
  const exAtUs = activity.kind === 'dividend' ? activity.exAtUs : undefined;
  if (afterSequence === undefined || exAtUs !== undefined) {
    const fromUs = exAtUs ?? eventAtUs;
    return (fill) => fill.eventAtUs >= fromUs;
  }
  const executions = await executionsAfter(account, afterSequence);
  // The venue has no place for what bots fill among themselves, nor for a fill that a person told: what has a time by then is of before.
  const isUntold = (fill: Fill): boolean =>
    isInternalFill(fill) || fill.fillId === resolvedFillId(fill.orderId);
  return (fill) => (isUntold(fill) ? fill.eventAtUs > eventAtUs : executions.has(fill.fillId));
}

/**
 * Reads again which executions came after an event, among those that were taken: all of them, for one that is not told again would
 * count as of before.
 * @throws VENUE.UNAVAILABLE where one of those events is not told again, or not in time.
 */
async function executionsAfter(account: Account, sequence: number): Promise<ReadonlySet<string>> {
  const { ports, settings, state } = account;
  const executions = new Set<string>();
  if (sequence >= state.venueSequence) return executions;
  const updates = await ports.venue.updates(settings.accountId, sequence);
  try {
    for (let seen = sequence; seen < state.venueSequence; ) {
      const batch = await within(ports.clock, LIMITS.toldAgainMsMax, updates.next());
      if (batch === undefined || batch.length === 0) throw untold(account, seen);
      for (const update of batch) {
        const told = update.kind === 'event' ? update.event.sequence : update.afterSequence;
        if (told <= seen) continue;
        if (update.kind !== 'event' || told > seen + 1) throw untold(account, seen);
        seen = told;
        if (update.event.kind === 'filled') executions.add(update.event.executionId);
      }
    }
  } finally {
    await updates.close();
  }
  return executions;
}

const untold = ({ settings }: Account, seen: number): AppError =>
  new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: `account ${settings.accountId}: the venue does not tell its events again: what follows event ${seen} is missing.`,
    fix: 'They are read again.',
    retry: 'retryable',
  });
