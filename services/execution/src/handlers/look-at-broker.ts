import type { Calendar, Session } from '@capstan/calendar';
import { type PriceNanos, timeUs, US_PER_DAY } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { VenueAccount } from '@capstan/ports';
import { shownOf } from '../broker-truth.ts';
import { type DayLook, isLikeSplit } from '../day-look.ts';
import { type Account, commitStep } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import { originOfSlice } from '../origin.ts';
import { Step } from '../step.ts';
import { caughtUp, decisionTime } from './hard-kill.ts';

/**
 * Tells whether the prices of a symbol mean what they meant as its exits were made: not from a while after the end of a session on, until
 * the broker was seen in the next one to hold what the books say. A split comes between two sessions, and is told by the venue some time
 * later.
 */
export function isSure(account: Account, symbol: string): boolean {
  const { state } = account;
  if (state.hasRestated(symbol)) return false;
  const look = state.looks.get(symbol);
  return look === undefined || look.date === dayOf(account, symbol)?.date;
}

/**
 * Looks once in each session whether the broker holds of what exits stand for as much as the books say. Where it does not, and the price
 * has moved as the count has, prices are gone by no more until the books have followed; else somebody else has traded, and what the
 * broker holds beyond the books is known from then on.
 * @idempotent by the date, which is stored with what was seen
 */
export async function lookAtBroker(account: Account, session: OwnerSession): Promise<void> {
  const { state, ticker } = account;
  const due = dueSymbols(account);
  if (due.length === 0) return;
  const venueAccount = await caughtUp(account, session);
  if (venueAccount === undefined) {
    ticker.arm();
    return;
  }
  const step = new Step(originOfSlice(account, state.feed, state.clockUs));
  for (const one of due) {
    const look = await lookAt(account, session, venueAccount, one);
    if (look === undefined) continue;
    state.looks.set(one.symbol, look);
    account.doubts.delete(one.symbol);
    step.keepState();
  }
  forgetOld(account);
  await commitStep(account, session, step);
}

interface Due {
  readonly symbol: string;
  /** The session in which it is looked at. */
  readonly day: Session;
}

/** What exits stand for, and what they are closing, where this session has not been looked at. */
function dueSymbols(account: Account): readonly Due[] {
  const { state, doubts } = account;
  return pricedSymbols(account).flatMap((symbol): Due[] => {
    if (decisionTime(account) < (doubts.get(symbol)?.againUs ?? 0)) return [];
    const day = dayOf(account, symbol);
    const isDue = day !== undefined && state.looks.get(symbol)?.date !== day.date;
    return isDue ? [{ symbol, day }] : [];
  });
}

/** The symbols in which something is done for a price. */
function pricedSymbols({ state }: Account): readonly string[] {
  const guarded = state.guards.filter(({ armed }) => armed !== undefined);
  const closed = state.tasks.filter(({ cause }) => cause === 'protection');
  return [...new Set([...guarded, ...closed].map(({ symbol }) => symbol))].sort();
}

/** Returns what is seen of a symbol; `undefined` while the books may not have followed a split. */
async function lookAt(
  account: Account,
  session: OwnerSession,
  venueAccount: VenueAccount,
  { symbol, day }: Due,
): Promise<DayLook | undefined> {
  const { state, settings, doubts } = account;
  const held = state.holdings().filter((one) => one.symbol === symbol);
  const booked = held.reduce((sum, one) => sum + one.quantity, 0);
  const shown = shownOf(venueAccount, symbol);
  const now: DayLook = { date: day.date, apart: shown - booked };
  const before = state.looks.get(symbol);
  if (before === undefined || before.apart === now.apart) return now;
  const expected = booked + before.apart;
  const prices = await pricesAcross(account, symbol, before.date, day);
  const what = { account: settings.accountId, symbol, expected, shown, ...prices };
  const { beforeNanos, afterNanos } = prices ?? {};
  const isKnown = beforeNanos !== undefined && afterNanos !== undefined;
  if (isKnown && !isLikeSplit({ expected, shown, beforeNanos, afterNanos })) {
    session.log.warn('the broker holds another quantity than a session before', what);
    return now;
  }
  const wasTold = doubts.get(symbol)?.isTold ?? false;
  const againUs = decisionTime(account) + LIMITS.lookAgainUs;
  doubts.set(symbol, { againUs, isTold: wasTold || prices !== undefined });
  if (prices === undefined || wasTold) return undefined;
  const fix =
    'its exits wait until the venue has told the split; until then `capstan flatten` closes';
  const why = isKnown
    ? 'count and price have changed as by a split that is not booked'
    : 'the count has changed, and no price of before is known';
  session.log.error(why, { ...what, fix });
  return undefined;
}

/** Returns the first price of a session, and the last one of an earlier one where that is known; `undefined` before there is a first. */
async function pricesAcross(
  account: Account,
  symbol: string,
  earlierDate: DayLook['date'],
  day: Session,
): Promise<{ readonly beforeNanos?: PriceNanos; readonly afterNanos: PriceNanos } | undefined> {
  const { ports, settings, state } = account;
  const closeUs = calendarOf(account, symbol).session(earlierDate)?.closeUs ?? day.openUs;
  const feed = state.guards.find((guard) => guard.symbol === symbol)?.feed ?? state.feed;
  const wish = { runId: settings.runId, feed, symbols: [symbol], timeframe: '1m' } as const;
  const earlier = { afterUs: timeUs(closeUs - LIMITS.lookBackUs), throughUs: closeUs };
  const later = { afterUs: day.openUs, throughUs: timeUs(day.openUs + US_PER_DAY) };
  const [last] = await ports.store.bars({ ...wish, ...earlier, limit: 1 });
  const [first] = await ports.store.bars({ ...wish, ...later, limit: LIMITS.guardBarsMax });
  if (first === undefined) return undefined;
  const afterNanos = first.openNanos;
  return last === undefined ? { afterNanos } : { beforeNanos: last.closeNanos, afterNanos };
}

/** What was seen of symbols in which nothing is done for a price any more is of no use beyond its session. */
function forgetOld(account: Account): void {
  const { looks } = account.state;
  const kept = new Set(pricedSymbols(account));
  for (const [symbol, { date }] of looks) {
    if (!kept.has(symbol) && date !== dayOf(account, symbol)?.date) looks.delete(symbol);
  }
}

function calendarOf({ settings }: Account, symbol: string): Calendar {
  return settings.calendarOf(settings.instruments.get(symbol).calendar);
}

/**
 * Returns the session in which the broker may be looked at: from its open on, and for a while after its close. What changes shares is
 * entered by brokers in the night. A symbol that is listed no more has none.
 */
function dayOf(account: Account, symbol: string): Session | undefined {
  if (!account.settings.instruments.has(symbol)) return undefined;
  const calendar = calendarOf(account, symbol);
  const nowUs = decisionTime(account);
  const session = calendar.session(calendar.tradeDate(nowUs));
  if (session === undefined || nowUs < session.openUs) return undefined;
  return nowUs < session.closeUs + LIMITS.lookStandsUs ? session : undefined;
}
