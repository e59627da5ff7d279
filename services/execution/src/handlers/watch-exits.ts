import {
  assert,
  type Bar,
  deriveId,
  type Fill,
  isExit,
  isTerminal,
  type Order,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { BarQuery, Store } from '@capstan/ports';
import { type Account, commitStep, venueKeepsExits } from '../effects.ts';
import { heldOnSide, needsGuards } from '../exits-at-venue.ts';
import { type Guard, type PlacedLater, watchBar, watches } from '../guard.ts';
import { LIMITS } from '../limits.ts';
import { originOfSlice } from '../origin.ts';
import { Step } from '../step.ts';
import { isSure } from './look-at-broker.ts';

/** Keeps the exits of an entry with the account, unless its venue keeps them for all that it ever opens. */
export function guardEntry(account: Account, order: Order): void {
  const { state, ports } = account;
  const { orderId, botId, symbol, side, exits, decidedAtUs } = order;
  if (exits === undefined) return;
  if (venueKeepsExits(account, order) && !needsGuards(ports.venue.capabilities)) return;
  if (state.guards.some((one) => one.entryOrderId === orderId)) return;
  const guard = { entryOrderId: orderId, botId, symbol, side, exits, decidedAtUs };
  state.guards = [...state.guards, { ...guard, feed: state.feed, throughUs: decidedAtUs }];
}

/**
 * Lets guards follow a fill that was counted: an entry's exits stand for all that its bot holds of the symbol from the fill on that
 * opens something, in the place of earlier ones; where nothing is held on their side any more they stand for nothing. Where the venue
 * keeps them it tells so soon: until then they are not placed there.
 */
export function guardFill(account: Account, order: Order, fill: Fill): void {
  const { state } = account;
  const isEntry = order.exits !== undefined && !isExit(order);
  if (isEntry && heldOnSide(state, order) > 0) guardEntry(account, order);
  state.guards = state.guards.flatMap((guard): Guard[] => {
    if (guard.botId !== fill.botId || guard.symbol !== fill.symbol) return [guard];
    const { armed, rests, ...planned } = guard;
    const isHeld = heldOnSide(state, guard) > 0;
    if (guard.entryOrderId === fill.orderId) {
      if (!isHeld) return [planned];
      const { eventAtUs: sinceUs, priceNanos: bestPriceNanos } = fill;
      const begun = { ...guard, armed: armed ?? { sinceUs, bestPriceNanos } };
      const isAwaited =
        venueKeepsExits(account, order) && needsGuards(account.ports.venue.capabilities);
      if (!isAwaited) return [{ ...begun, ...laterFrom(guard, 0) }];
      const afterUs = timeUs(sinceUs + LIMITS.protectAgainUs);
      const rounds = guard.later?.rounds ?? 0;
      return [{ ...begun, later: { rounds, tries: 0, afterUs, isAwaited } }];
    }
    if (armed === undefined) return [guard];
    const isReplaced = isEntry && order.side === guard.side;
    return isHeld && !isReplaced ? [{ ...guard, ...laterFrom(guard, 0) }] : [];
  });
}

/** A fill makes what a venue refused before worth another try. */
function laterFrom({ later }: Guard, afterUs: number): { readonly later?: PlacedLater } {
  if (later === undefined && afterUs === 0) return {};
  return { later: { rounds: later?.rounds ?? 0, tries: 0, afterUs: timeUs(afterUs) } };
}

/**
 * Holds the guards against the bars that have closed since they were looked at last, also over a restart. An exit that is reached
 * becomes a wish to flatten what its bot holds of the symbol: what works there is cancelled first, and what closes it is approved as
 * reducing.
 * @idempotent by a wish's id, which follows from the entry: an exit is reached once
 */
export async function watchExits(account: Account, session: OwnerSession): Promise<void> {
  const { state, settings, ports, ticker } = account;
  state.guards = state.guards.filter((guard) => isNeeded(account, guard));
  const nowUs = settings.eventTime ? state.clockUs : ports.clock.nowUs();
  const isDue = (guard: Guard) =>
    watches(guard) && nowUs >= guard.throughUs + US_PER_MINUTE && isSure(account, guard.symbol);
  const due = state.guards.filter(isDue);
  const step = new Step(originOfSlice(account, state.feed, state.clockUs));
  for (const [feed, guards] of Map.groupBy(due, (guard) => guard.feed)) {
    await watchFeed(account, session, step, { feed, guards, nowUs });
  }
  await commitStep(account, session, step);
  if (!settings.eventTime && state.guards.some(watches)) ticker.arm();
}

/** A guard waits for its entry's first fill, or stands for what is held. */
function isNeeded(account: Account, guard: Guard): boolean {
  if (guard.armed !== undefined) return heldOnSide(account.state, guard) > 0;
  const entry = account.state.order(guard.entryOrderId);
  return entry !== undefined && !isTerminal(entry.state);
}

/** Guards of a feed that are held against what has closed by now. */
interface Due {
  readonly feed: string;
  readonly guards: readonly Guard[];
  readonly nowUs: TimeUs;
}

const byEnd = (a: Bar, b: Bar): number =>
  a.endUs - b.endUs || Number(a.symbol > b.symbol) - Number(a.symbol < b.symbol);

async function watchFeed(
  account: Account,
  session: OwnerSession,
  step: Step,
  { feed, guards, nowUs }: Due,
): Promise<void> {
  const { state, ports, settings } = account;
  let bars: readonly Bar[] = [];
  // Each symbol from where it was left: one that has no bars for long would have those of all others read again and again.
  for (const [afterUs, mine] of Map.groupBy(guards, ({ throughUs }) => throughUs)) {
    const symbols = [...new Set(mine.map(({ symbol }) => symbol))].sort();
    const of = { runId: settings.runId, feed, timeframe: '1m' } as const;
    bars = [...bars, ...(await barsOf(ports.store, { ...of, symbols, afterUs, throughUs: nowUs }))];
  }
  for (const bar of bars.toSorted(byEnd)) {
    for (const guard of state.guards) {
      if (guard.feed !== feed || guard.symbol !== bar.symbol) continue;
      const { guard: next, reached } = watchBar(guard, bar);
      state.guards = state.guards.flatMap((one) =>
        one !== guard ? [one] : reached === undefined ? [next] : [],
      );
      if (reached !== undefined) close(account, session, step, guard, reached);
    }
  }
}

/** Reads all bars of a time. A page has the latest of it: what a long time without an owner has before them comes with further ones. */
async function barsOf(store: Pick<Store, 'bars'>, of: Omit<BarQuery, 'limit'>): Promise<Bar[]> {
  const bars = new Map<string, Bar>();
  let { throughUs } = of;
  for (;;) {
    const page = await store.bars({ ...of, throughUs, limit: LIMITS.guardBarsMax });
    for (const bar of page) bars.set(`${bar.symbol} ${bar.endUs}`, bar);
    const [first] = page;
    if (first === undefined || page.length < LIMITS.guardBarsMax) return [...bars.values()];
    assert(first.endUs < throughUs, 'a page of bars is of more than one minute');
    throughUs = first.endUs;
  }
}

function close(
  account: Account,
  session: OwnerSession,
  step: Step,
  { entryOrderId, botId, symbol }: Guard,
  reached: string,
): void {
  const { state, settings } = account;
  const commandId = deriveId('protection', entryOrderId);
  if (state.tasks.some((task) => task.commandId === commandId)) return;
  const task = { commandId, actor: `its ${reached}`, cause: 'protection', botId, symbol } as const;
  state.tasks = [...state.tasks, { ...task, sinceUs: state.clockUs, round: 0, orderIds: [] }];
  step.keepState();
  const labels = { account: settings.accountId, bot: botId, symbol };
  session.log.info(`${reached} reached`, { ...labels, entryOrderId });
}
