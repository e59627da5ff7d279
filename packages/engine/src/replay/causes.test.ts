import {
  type BotSlice,
  cashMicros,
  DERIVED_IDS,
  type Denial,
  type Fill,
  type LedgerEntry,
  newOrder,
  type Order,
  type OrderTerms,
  priceNanos,
  quantity,
} from '@capstan/domain';
import { DEFAULT_LIMITS, type RiskLimits } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { PLAIN_MATCHER_CONFIG } from '../matching/matcher-config.ts';
import {
  CENT,
  calendarOf,
  coded,
  INSTRUMENTS,
  type RawBar,
  seriesOf,
  type TestWorld,
} from '../run/test-run-world.ts';
import type { ReplayEvent } from './replay.ts';
import { differencesOf, type Journal, journalOf } from './test-replay-world.ts';

/** What the bots want by minute: 0 is long, 1 is flat, 3 nothing new. */
const WANTED: Readonly<Record<number, number>> = { 2: 0, 6: 1, 10: 0, 14: 1, 40: 0 };
const LAST_ENTRY = 40;
const MINUTES = 53;

function world(
  without: readonly number[] = [],
  wanted = WANTED,
  limits: RiskLimits = DEFAULT_LIMITS,
): TestWorld {
  const raw = Array.from({ length: MINUTES }, (_, minute): RawBar | null =>
    without.includes(minute)
      ? null
      : { open: 1, up: 1, down: 1, close: -1, code: wanted[minute] ?? 3 },
  );
  return {
    spec: {
      ...{ runId: 'run', strategy: coded, params: {}, timeframe: '1m' },
      ...{
        cashMicros: cashMicros(100_000_000_000),
        sizing: { kind: 'fixedQuantity', quantity: 7 },
      },
      ...{ limits, matcher: PLAIN_MATCHER_CONFIG },
      execution: { fillAt: 'nextOpen', closeAtEnd: false },
      ...{ instruments: INSTRUMENTS, calendarOf },
    },
    series: [seriesOf('AAA', raw)],
  };
}

/** The last order of a bot. */
function lastOrderOf({ events }: Journal, botId: string): OrderTerms {
  const decided = events.flatMap((event) => (event.kind === 'decided' ? event.orders : []));
  const last = decided.findLast((order) => order.botId === botId);
  if (last === undefined) throw new Error(`${botId} has no order`);
  return last;
}

const isOrder =
  ({ orderId }: OrderTerms) =>
  (one: OrderTerms) =>
    one.orderId === orderId;
const isOther = (orderId: string) => (one: { orderId: string }) => one.orderId !== orderId;
const isFill = (entry: LedgerEntry): entry is Fill => 'fillId' in entry;

/** What is told of an order is changed, and its executions have never been; the account's fills are counted anew. */
function retold(
  events: readonly ReplayEvent[],
  orderId: string,
  tell: (order: Order) => readonly Order[],
): readonly ReplayEvent[] {
  let last = 0;
  return events.map((event) => {
    if (event.kind === 'orders') {
      const orders = event.orders.flatMap((one) => (one.orderId === orderId ? tell(one) : [one]));
      return { ...event, orders };
    }
    if (event.kind !== 'fills') return event;
    const kept = event.entries.filter(isFill).filter(isOther(orderId));
    const entries = kept.map((fill) => {
      last += 1;
      return { ...fill, accountSequence: last };
    });
    return { ...event, entries };
  });
}

/** The order was denied by risk, under a policy. */
function deniedBy(
  before: readonly ReplayEvent[],
  order: OrderTerms,
  policy: string,
): readonly ReplayEvent[] {
  const { intentId, runId, accountId, botId, symbol, decidedAtUs } = order;
  const denial: Denial = {
    denialId: DERIVED_IDS.denialId(intentId, policy),
    ...{ runId, accountId, botId, symbol, intentId, causeKind: 'signal', causeId: 'signal' },
    ...{ policy, reason: 'for a reason', decidedAtUs },
  };
  return retold(before, order.orderId, () => []).flatMap((event): ReplayEvent[] => {
    if (event.kind !== 'decided' || !event.orders.some(({ orderId }) => orderId === order.orderId))
      return [event];
    const orders = event.orders.filter(isOther(order.orderId));
    return [
      { kind: 'denied', accountId, denials: [denial] },
      { ...event, orders },
    ];
  });
}

describe('a replay explains', () => {
  const journal = journalOf(world());
  const order = lastOrderOf(journal, 'a');
  const about = { botId: 'a', symbol: 'AAA', accountId: 'account', atUs: order.decidedAtUs };

  it('nothing where nothing happened', () => {
    expect(order.side).toBe('buy');
    expect(differencesOf(journal, journal.events)).toEqual([]);
  });

  it.each([
    ['kill-switch', 'kill'],
    ['breaker', 'breaker'],
    ['drift', 'drift'],
    ['venue-access', 'access'],
    ['clock-offset', 'clock'],
    ['decision-age', 'age'],
    ['stale-data', 'stale data'],
  ])('a denial by %s, and all that follows from it is the same', (policy, cause) => {
    const events = ['a', 'b'].reduce(
      (before, botId) => deniedBy(before, lastOrderOf(journal, botId), policy),
      journal.events,
    );
    const denied = {
      ...{ ...about, kind: 'denial', cause, replay: 'buy 7 market' },
      ...{ live: `denied by ${policy}: for a reason`, why: 'for a reason' },
    };
    const found = differencesOf(journal, events).toSorted((x, y) => (x.botId < y.botId ? -1 : 1));
    expect(found).toMatchObject([denied, { ...denied, botId: 'b' }]);
  });

  it.each([
    ['kill-switch', 'kill'],
    ['breaker', 'breaker'],
    ['drift', 'drift'],
    ['clock-offset', 'clock'],
  ])('no order that went out under a %s that kept another from it', (policy, cause) => {
    const events = deniedBy(journal.events, order, policy);
    expect(differencesOf(journal, events)).toMatchObject([
      { ...about, botId: 'b', kind: 'denial', cause: 'unexplained', live: 'buy 7 market' },
      { ...about, kind: 'denial', cause },
    ]);
  });

  it('a denial once: what was never sent is neither closed nor cancelled later', () => {
    const closed = journalOf(world([], { ...WANTED, 44: 1 }));
    const without = ['a', 'b'].reduce((before, botId) => {
      const { orderId } = lastOrderOf(closed, botId);
      return retold(before, orderId, () => []).map((event) =>
        event.kind === 'decided'
          ? { ...event, orders: event.orders.filter(isOther(orderId)) }
          : event,
      );
    }, closed.events);
    const events = ['a', 'b'].reduce((before, botId) => {
      const entry = lastOrderOf({ ...closed, events: without }, botId);
      return deniedBy(before, entry, 'decision-age');
    }, without);
    expect(differencesOf(closed, events)).toMatchObject([
      { kind: 'denial', cause: 'age', replay: 'buy 7 market' },
      { kind: 'denial', cause: 'age', replay: 'buy 7 market' },
    ]);
  });

  it('nothing of limits that were changed: they hold from the slice that tells them on', () => {
    const tight = { ...DEFAULT_LIMITS, blockedSymbols: ['AAA'] };
    const live = journalOf(world([], WANTED, tight));
    const configured = {
      ...live,
      settings: { ...live.settings, accounts: journal.settings.accounts },
    };
    const first = live.events.findIndex(({ kind }) => kind === 'decided');
    const told = live.events.map((event, at) =>
      at === first && event.kind === 'decided' ? { ...event, limits: tight } : event,
    );
    expect(differencesOf(configured, told)).toEqual([]);
    expect(differencesOf(configured, live.events)).toContainEqual(
      expect.objectContaining({ kind: 'denial', cause: 'unexplained', replay: 'buy 7 market' }),
    );
  });

  it('nothing by an order that was out before it was decided, and goes on as live did', () => {
    const at = journal.events.findIndex(
      (event) => event.kind === 'decided' && event.orders.some(isOrder(order)),
    );
    const some = { ...order, quantity: quantity(3) };
    const early = { ...newOrder(some, order.decidedAtUs), state: 'accepted' } as const;
    const told: ReplayEvent = { kind: 'orders', accountId: order.accountId, orders: [early] };
    const found = differencesOf(journal, journal.events.toSpliced(at, 0, told));
    expect(found).toContainEqual(
      expect.objectContaining({
        ...{ ...about, kind: 'order', cause: 'unexplained' },
        replay: 'cannot be where live is',
      }),
    );
    expect(found.filter(({ atUs }) => atUs > order.decidedAtUs)).toEqual([]);
  });

  it('no denial by a limit that did not deny here', () => {
    expect(differencesOf(journal, deniedBy(journal.events, order, 'gross-exposure'))).toMatchObject(
      [{ ...about, kind: 'denial', cause: 'unexplained', replay: 'buy 7 market' }],
    );
  });

  it.each([
    ['kill-switch: the soft kill switch was thrown', 'kill'],
    ['hold: an order in AAA is unknown', 'hold'],
    ['dry-run: everything but the send was done', 'dry run'],
    ['moon: nobody knows this', 'unexplained'],
  ])('an order that execution did not send: %s', (reason, cause) => {
    const denied = { ...newOrder(order, order.decidedAtUs), state: 'denied', reason } as const;
    let told = false;
    const events = retold(journal.events, order.orderId, () => {
      if (told) return [];
      told = true;
      return [denied];
    });
    expect(differencesOf(journal, events)).toMatchObject([
      { ...about, kind: 'order', cause, live: 'not sent', replay: 'buy 7 market', why: reason },
    ]);
  });

  it.each([
    ['command', 'operator'],
    ['protection', 'protection'],
    ['adoption', 'foreign'],
    ['signal', 'unexplained'],
  ] as const)('an order that no decision has sent, by its cause: %s', (kind, cause) => {
    const terms: OrderTerms = {
      ...order,
      ...{
        orderId: 'by-hand',
        intentId: 'of-hand',
        type: 'limit',
        limitPriceNanos: priceNanos(CENT),
      },
    };
    const accepted = { ...newOrder(terms, order.decidedAtUs), state: 'accepted' } as const;
    const { accountId } = order;
    const events: ReplayEvent[] = [
      ...journal.events,
      { kind: 'cause', intentId: 'of-hand', cause: kind },
      { kind: 'orders', accountId, orders: [accepted] },
    ];
    expect(differencesOf(journal, events)).toMatchObject([
      { kind: 'order', cause, orderId: 'by-hand', replay: 'nothing' },
    ]);
  });

  it('an execution that the venue took back', () => {
    const fills = journal.events.flatMap((event) =>
      event.kind === 'fills' ? event.entries.filter(isFill) : [],
    );
    const last = fills.at(-1);
    if (last === undefined) throw new Error('there are fills');
    const { fillId: refersTo, accountSequence } = last;
    const bust: Fill = {
      ...{ ...last, kind: 'bust', fillId: 'bust', refersTo },
      accountSequence: accountSequence + 1,
    };
    const { accountId } = last;
    const events: ReplayEvent[] = [
      ...journal.events,
      { kind: 'fills', accountId, entries: [bust] },
    ];
    expect(differencesOf(journal, events)).toMatchObject([
      { kind: 'fill', cause: 'correction', orderId: last.orderId, botId: last.botId },
    ]);
  });

  it('a price of a venue that is not the model', () => {
    const real = { ...journal, settings: { ...journal.settings, modelled: new Set<string>() } };
    const events = journal.events.map((event) =>
      event.kind !== 'fills'
        ? event
        : {
            ...event,
            entries: event.entries.filter(isFill).map((fill) => {
              const priced = priceNanos(fill.priceNanos + CENT);
              return fill.orderId === order.orderId ? { ...fill, priceNanos: priced } : fill;
            }),
          },
    );
    expect(differencesOf(real, events)).toMatchObject([{ kind: 'price', cause: 'venue' }]);
    expect(differencesOf(journal, events)).toMatchObject([{ kind: 'price', cause: 'unexplained' }]);
  });

  it('a signal that a bar would have led to, had it not come late', () => {
    const [whole, live] = [journalOf(world()), journalOf(world([LAST_ENTRY]))];
    const slices = whole.events.flatMap((event) => (event.kind === 'slice' ? [event.slice] : []));
    const late = slices.find(({ endUs }) => endUs === order.decidedAtUs);
    const at = live.events.findIndex(
      (event) => event.kind === 'slice' && event.slice.endUs > order.decidedAtUs,
    );
    if (late === undefined) throw new Error('the bar is there');
    const empty: ReplayEvent = { kind: 'slice', slice: { ...late, bars: [] }, late: late.bars };
    const said = ['a', 'b'].map((botId): ReplayEvent => {
      const of = { runId: 'run', botId, accountId: 'account', feed: 'feed' };
      const nothing: BotSlice = {
        ...{ ...of, sliceEndUs: late.endUs, state: 'running', signals: [], marks: [] },
      };
      return { kind: 'said', said: nothing, isSilent: false };
    });
    const events = [...live.events.slice(0, at), empty, ...said, ...live.events.slice(at)];
    const found = differencesOf(live, events);
    expect(found).toMatchObject([
      { ...about, kind: 'signal', cause: 'late bar', live: 'nothing' },
      { ...about, botId: 'b', kind: 'signal', cause: 'late bar', live: 'nothing' },
    ]);
    expect(found[0]?.why).toBe('a bar of AAA came late');
  });

  it('a slice that came after it was decided', () => {
    const denial: Denial = {
      ...{ denialId: 'late', runId: 'run', accountId: 'account', botId: 'a', symbol: 'AAA' },
      ...{ causeKind: 'signal', causeId: 's', policy: 'slice-order', reason: 'too late' },
      decidedAtUs: order.decidedAtUs,
    };
    const events = journal.events.flatMap((event): ReplayEvent[] =>
      event.kind === 'decided' && event.sliceEndUs === order.decidedAtUs
        ? [{ kind: 'denied', accountId: 'account', denials: [denial] }, event]
        : [event],
    );
    expect(differencesOf(journal, events)).toMatchObject([
      { ...about, kind: 'timing', cause: 'late slice' },
    ]);
  });

  it('an order that went out after the next slice', () => {
    const { accountId } = order;
    const isFirst = (event: ReplayEvent) =>
      event.kind === 'orders' && event.orders.some(({ orderId }) => orderId === order.orderId);
    const at = journal.events.findIndex(isFirst);
    const next = journal.events.findIndex((event, n) => n > at && event.kind === 'slice');
    const matched: ReplayEvent = {
      ...{ kind: 'fills', accountId, entries: [] },
      venueSlice: { feed: 'feed', sliceEndUs: (order.decidedAtUs + 1) as typeof order.decidedAtUs },
    };
    const events = journal.events.toSpliced(at, 0, matched);
    expect(next).toBeGreaterThan(at);
    expect(differencesOf(journal, events)).toMatchObject([
      { botId: 'a', kind: 'timing', cause: 'sent late' },
      { botId: 'b', kind: 'timing', cause: 'sent late' },
    ]);
  });
});

it('a quantity that differs is sizing, told with both', () => {
  const journal = journalOf(world());
  const order = lastOrderOf(journal, 'b');
  const events = journal.events.map((event) =>
    event.kind !== 'decided'
      ? event
      : {
          ...event,
          orders: event.orders.map((one) =>
            one.orderId === order.orderId ? { ...one, quantity: quantity(8) } : one,
          ),
        },
  );
  expect(differencesOf(journal, events)).toMatchObject([
    { kind: 'sizing', live: 'buy 8 market', replay: 'buy 7 market', cause: 'unexplained' },
  ]);
});
