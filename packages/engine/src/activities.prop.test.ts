import { CalendarBook } from '@capstan/calendar';
import {
  type CashEvent,
  cashMicros,
  dividendShares,
  type Fill,
  type HistoryEntry,
  HOUSE,
  holdersAt,
  InstrumentBook,
  type LedgerEntry,
  priceNanos,
  type SplitEvent,
  timeUs,
  usEquity,
  type VenueActivity,
} from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { configOf } from './account-core.fixture.ts';
import { AccountCore } from './account-core.ts';
import { PLAIN_EXCHANGE } from './exchange-behaviour.ts';
import { ExchangeCore } from './exchange-core.ts';
import { TEN_US, testBar, testOrder } from './matching/test-world.ts';

const OPENING = cashMicros(1_000_000_000_000);
const SPY = usEquity('SPY');
const calendars = new CalendarBook();

/** A broker that nets, and the ledgers of the bots that trade there. */
class World {
  readonly broker = new ExchangeCore(
    {
      behaviour: PLAIN_EXCHANGE,
      accounts: [{ accountId: 'account', currency: 'USD', cashMicros: OPENING }],
    },
    new InstrumentBook([SPY]),
    (name) => calendars.get(name),
  );
  readonly core = new AccountCore({
    ...configOf(),
    accountId: 'account',
    instruments: new InstrumentBook([SPY]),
    fillsOf: () => [],
  });
  readonly #entries: LedgerEntry[] = [];
  /** Account sequence of each fill, by the venue's. */
  readonly #places = new Map<number, number>();
  #minute = 0;
  #seen = 0;
  #booked = 0;

  constructor() {
    this.core.fund(HOUSE, OPENING);
  }

  trade(botId: string, amount: number, cents: number): void {
    const minute = this.#minute;
    this.#minute += 1;
    const side = amount > 0 ? 'buy' : 'sell';
    const id = `o${minute}`;
    const order = { ...testOrder({ id, side, quantity: Math.abs(amount), minute }), botId };
    const atUs = timeUs(TEN_US + minute * 60_000_000);
    this.broker.apply({ kind: 'submit', order, atUs });
    const price = (cents / 100).toFixed(2);
    const bars = [testBar(`${price} ${price} ${price} ${price}`, { minute, volume: 1_000_000 })];
    const endUs = timeUs(atUs + 60_000_000);
    this.broker.apply({ kind: 'slice', feed: 'demo', endUs, bars });
  }

  /** Takes the fills that the broker has told. */
  takeFills(): void {
    for (const event of this.broker.events('account', this.#seen)) {
      this.#seen = event.sequence;
      const terms = this.broker.order(event.orderId)?.terms;
      if (event.kind !== 'filled' || terms === undefined) continue;
      const { executionId: fillId, orderId, quantity, priceNanos: price, feeMicros } = event;
      const { runId, accountId, botId, symbol, side } = terms;
      const accountSequence = this.#entries.length + 1;
      this.#places.set(event.sequence, accountSequence);
      const fill: Fill = {
        ...{ fillId, orderId, runId, accountId, botId, symbol, kind: 'fill', side, quantity },
        ...{ priceNanos: price, feeMicros, eventAtUs: event.eventAtUs, accountSequence },
      };
      this.#enter(fill);
    }
  }

  /** Books what the broker has told beside fills, also where fills after it were taken. */
  book(): void {
    const all = this.broker.activities('account');
    for (const activity of all.slice(this.#booked)) this.#book(activity);
    this.#booked = all.length;
  }

  #book(activity: VenueActivity): void {
    const { activityId, accountId, eventAtUs, afterSequence = 0 } = activity;
    const later = [...this.#places].filter(([sequence]) => sequence > afterSequence);
    const follows = Math.min(this.#entries.length + 1, ...later.map(([, place]) => place)) - 1;
    const head = { activityId, accountId, eventAtUs };
    if (activity.kind === 'split') {
      const accountSequence = this.#entries.length + 1;
      const split: SplitEvent = {
        ...{ ...activity, ...head, followsSequence: follows, accountSequence },
      };
      this.#enter(split);
      return;
    }
    const history = this.#entries.filter(
      (entry): entry is HistoryEntry => 'fillId' in entry || entry.kind === 'split',
    );
    const shares =
      activity.kind === 'dividend'
        ? dividendShares(holdersAt(history, SPY, follows), activity, SPY, HOUSE)
        : new Map([[HOUSE, activity.amountMicros]]);
    for (const [botId, amountMicros] of shares) {
      const accountSequence = this.#entries.length + 1;
      const cashEventId = `${activityId} ${botId}`;
      const { kind } = activity;
      const event: CashEvent = {
        ...{ ...head, cashEventId, kind, botId, amountMicros, accountSequence },
      };
      this.#enter(event);
    }
  }

  #enter(entry: LedgerEntry): void {
    this.#entries.push(entry);
    expect(this.core.applyEntry(entry)).toBe(true);
    expect(this.core.applyEntry(entry)).toBe(false);
  }

  expectEqual(): void {
    const account = this.broker.account('account');
    const held = account?.positions[0]?.position.quantity ?? 0;
    expect(this.core.ledger.netQuantity('SPY')).toBe(held);
    expect(this.core.ledger.totalCashMicros()).toBe(account?.cashMicros);
  }
}

const cents = fc.integer({ min: 100, max: 50_000 });
const part = fc.integer({ min: 1, max: 7 });
const amounts = fc.integer({ min: -200, max: 200 }).filter((amount) => amount !== 0);
const bots = fc.constantFrom('a', 'b', 'c');
const micros = fc.integer({ min: 1, max: 9_000_000 }).map(cashMicros);
const kinds = fc.constantFrom('deposit' as const, 'interest' as const, 'charge' as const);

/** A step of a story. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('trade' as const), bots, amounts, cents) },
  fc.tuple(fc.constant('split' as const), part, part, cents),
  fc.tuple(fc.constant('dividend' as const), fc.integer({ min: 1, max: 3_000_000_000 })),
  fc.tuple(fc.constant('cash' as const), kinds, micros),
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function play(world: World, one: Step, n: number) {
  const post = (action: Parameters<typeof posted>[1]) => posted(world, action, n);
  switch (one[0]) {
    case 'trade':
      return world.trade(one[1], one[2], one[3]);
    case 'split': {
      const closeNanos = priceNanos(one[3] * 10_000_000);
      const [, newShares, oldShares] = one;
      return post({ kind: 'split', symbol: 'SPY', newShares, oldShares, closeNanos });
    }
    case 'dividend':
      return post({ kind: 'dividend', symbol: 'SPY', perUnitNanos: priceNanos(one[1]) });
    case 'cash':
      return post({ kind: one[1], accountId: 'account', amountMicros: one[2] });
  }
}

function posted(
  world: World,
  action: Extract<Parameters<ExchangeCore['apply']>[0], { kind: 'post' }>['action'],
  n: number,
): void {
  const answer = world.broker.apply({
    ...{ kind: 'post', actionId: `p${n}`, action, atUs: timeUs(TEN_US) },
  });
  expect(answer).toEqual({ kind: 'requested' });
}

it('ledgers sum to the broker through trades, splits, dividends and cash, each booked in its place', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (story) => {
      const world = new World();
      for (const [n, one] of story.entries()) {
        play(world, one, n);
        if (one[0] === 'trade') continue;
        world.takeFills();
        world.book();
        world.expectEqual();
      }
      world.takeFills();
      world.expectEqual();
    }),
    { numRuns: 200 },
  );
});

it('a split and what follows may be told after the fills that came on the new share count', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(bots, amounts, cents), { maxLength: 8 }),
      fc.tuple(part, part, cents),
      fc.array(fc.tuple(bots, amounts, cents), { maxLength: 8 }),
      (before, [newShares, oldShares, close], after) => {
        const world = new World();
        for (const trade of before) world.trade(...trade);
        const closeNanos = priceNanos(close * 10_000_000);
        posted(world, { kind: 'split', symbol: 'SPY', newShares, oldShares, closeNanos }, 0);
        posted(world, { kind: 'dividend', symbol: 'SPY', perUnitNanos: priceNanos(7_000_000) }, 1);
        for (const trade of after) world.trade(...trade);
        world.takeFills();
        world.book();
        world.expectEqual();
      },
    ),
    { numRuns: 200 },
  );
});
