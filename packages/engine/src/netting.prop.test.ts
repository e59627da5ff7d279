import {
  type CashEvent,
  type CashMicros,
  cashMicros,
  type Fill,
  isTerminal,
  type Order,
  type PriceNanos,
  parseCash,
  quantity,
  timeUs,
} from '@capstan/domain';
import type { Crossing } from '@capstan/risk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  configOf,
  fillOf,
  NOON,
  orderOf,
  requestOf,
  signalOf,
  sliceOf,
} from './account-core.fixture.ts';
import { AccountCore, HOUSE } from './account-core.ts';
import type { SliceDecision } from './account-slice.ts';

const BOTS = ['a', 'b', 'c'] as const;
const SYMBOLS = ['AAA', 'BBB'] as const;
const START = parseCash('50000');
const CENT_NANOS = 10_000_000;
const CENT_MICROS = 10_000;

interface Step {
  readonly kind: 'decide' | 'fill' | 'end' | 'foreign' | 'cash' | 'bust' | 'correct';
  readonly who: number;
  readonly what: number;
  readonly amount: number;
  readonly cents: number;
}

const kinds = [
  'decide',
  'decide',
  'fill',
  'fill',
  'fill',
  'end',
  'foreign',
  'cash',
  'bust',
  'correct',
];
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...(kinds as readonly Step['kind'][])),
    who: fc.nat(99),
    what: fc.nat(99),
    amount: fc.integer({ min: 1, max: 9 }),
    cents: fc.integer({ min: 9_000, max: 11_000 }),
  }),
  { minLength: 20, maxLength: 60, size: 'max' },
);

interface Trade {
  readonly fill: Fill;
  readonly cents: number;
  readonly feeCents: number;
  readonly isGone: boolean;
}

/** What the broker has: one position a symbol and one sum of cash, whoever of ours traded. In cents and shares. */
class NetBroker {
  readonly orders: Order[] = [];
  readonly trades: Trade[] = [];
  cents = START / CENT_MICROS;
  readonly held = new Map<string, number>();

  trade(fill: Fill, cents: number, feeCents: number, direction: 1 | -1): void {
    const shares = direction * (fill.side === 'buy' ? fill.quantity : -fill.quantity);
    this.held.set(fill.symbol, (this.held.get(fill.symbol) ?? 0) + shares);
    this.cents -= shares * cents + direction * feeCents;
  }

  live(): readonly Order[] {
    return this.orders.filter((order) => !isTerminal(order.state));
  }
}

class World {
  readonly core: AccountCore;
  readonly broker = new NetBroker();
  refused = 0;
  crossed = 0;
  divided = 0;
  readonly #together: number;
  #now = NOON;

  /** @param together bots that speak in one slice. */
  constructor(crossing: Crossing = 'deny', together = 1) {
    const limits = { maxGrossExposureMicros: parseCash('1000000'), bufferBps: 0, crossing };
    this.core = new AccountCore(configOf(limits));
    this.core.fund(HOUSE, START);
    this.#together = together;
  }

  take(step: Step): void {
    if (step.kind === 'decide') this.#decide(step);
    else if (step.kind === 'fill') this.#fillOne(step);
    else if (step.kind === 'end') this.#end(step);
    else if (step.kind === 'foreign') this.#foreign(step);
    else if (step.kind === 'cash') this.#cash(step);
    else this.#word(step);
  }

  #decide({ who, what, amount, cents }: Step): void {
    this.#now = timeUs(this.#now + 1_000_000);
    const symbol = SYMBOLS[what % 2] ?? 'AAA';
    const marks = [{ symbol, priceNanos: (cents * CENT_NANOS) as PriceNanos, barEndUs: this.#now }];
    const slices = Array.from({ length: this.#together }, (_, index) => {
      const botId = BOTS[(who + index) % 3] ?? 'a';
      const direction = (['long', 'short', 'flat'] as const)[(amount + index) % 3] ?? 'flat';
      const signal = signalOf(botId, symbol, { direction, barEndUs: this.#now });
      return sliceOf(botId, [signal], { sliceEndUs: this.#now, marks });
    });
    const units = (botId: string) => 7 + ((who + botId.charCodeAt(0)) % 5);
    const decision = this.core.decideSlice(
      requestOf(slices, {
        sizingOf: (botId) => ({ kind: 'fixedQuantity', quantity: units(botId) }),
      }),
    );
    const inside = this.#cross(decision, cents);
    for (const order of decision.orders.filter(({ orderId }) => !inside.has(orderId))) {
      const against = this.broker
        .live()
        .filter(
          (one) =>
            one.symbol === order.symbol && one.botId !== order.botId && one.side !== order.side,
        );
      if (!order.reducing) expect(against).toEqual([]);
      this.broker.orders.push(orderOf(order, {}));
    }
    this.refused += decision.denials.filter((one) => one.policy === 'would-cross').length;
  }

  /** Two bots fill each other at the close of the slice, and the broker knows nothing of it. */
  #cross({ crosses, orders }: SliceDecision, cents: number): ReadonlySet<string> {
    const inside = new Set<string>();
    for (const { buyOrderId, sellOrderId, priceNanos } of crosses) {
      const pair = [buyOrderId, sellOrderId].map((id) => orders.find((one) => one.orderId === id));
      const [buy, sell] = pair;
      if (buy === undefined || sell === undefined) throw new Error('a cross of no orders');
      expect([buy.side, sell.side, sell.quantity]).toEqual(['buy', 'sell', buy.quantity]);
      expect(buy.botId === sell.botId).toBe(false);
      expect(priceNanos).toBe(cents * CENT_NANOS);
      for (const order of [buy, sell]) {
        expect(inside.has(order.orderId)).toBe(false);
        inside.add(order.orderId);
        const sequence = this.core.lastSequence + 1;
        this.core.applyFill(fillOf(order, sequence, order.quantity, { priceNanos }));
        this.core.applyOrder(orderOf(order, { state: 'filled', filledQuantity: order.quantity }));
      }
      this.crossed += 1;
    }
    this.divided += new Set(orders.map((one) => one.intentId)).size < orders.length ? 1 : 0;
    return inside;
  }

  #fillOne({ who, amount, cents }: Step): void {
    const live = this.broker.live();
    const order = live[who % Math.max(1, live.length)];
    if (order === undefined) return;
    const shares = Math.min(amount, order.quantity - order.filledQuantity);
    const feeCents = amount % 3;
    this.#apply(
      fillOf(order, this.core.lastSequence + 1, shares, {
        priceNanos: (cents * CENT_NANOS) as PriceNanos,
        feeMicros: (feeCents * CENT_MICROS) as CashMicros,
      }),
      cents,
      feeCents,
    );
    const filledQuantity = quantity(order.filledQuantity + shares);
    const state = filledQuantity === order.quantity ? 'filled' : 'partiallyFilled';
    this.#say({ ...order, filledQuantity, state });
  }

  #end({ who }: Step): void {
    const live = this.broker.live();
    const order = live[who % Math.max(1, live.length)];
    if (order !== undefined) this.#say({ ...order, state: 'cancelled' });
  }

  /** Somebody trades at the broker's own page: the house takes it. */
  #foreign({ what, amount, cents }: Step): void {
    const symbol = SYMBOLS[what % 2] ?? 'AAA';
    const side = what % 3 === 0 ? 'sell' : 'buy';
    const sequence = this.core.lastSequence + 1;
    const terms = {
      ...{ orderId: `foreign-${sequence}`, runId: 'run', accountId: 'paper', botId: HOUSE },
      ...{ symbol, side },
    } as Order;
    const priceNanos = (cents * CENT_NANOS) as PriceNanos;
    this.#apply(fillOf(terms, sequence, amount, { priceNanos }), cents, 0);
  }

  #cash({ what, amount }: Step): void {
    const kind = what % 2 === 0 ? 'interest' : 'charge';
    const amountMicros = cashMicros((kind === 'interest' ? 1 : -1) * amount * CENT_MICROS);
    const accountSequence = this.core.lastSequence + 1;
    const event: CashEvent = {
      ...{ cashEventId: `cash-${accountSequence}`, kind, accountId: 'paper', botId: HOUSE },
      ...{ amountMicros, eventAtUs: NOON, accountSequence },
    };
    this.broker.cents += amountMicros / CENT_MICROS;
    this.core.applyCash(event);
  }

  /** The broker undoes a trade, or says that it was another one. */
  #word({ kind, who, amount, cents }: Step): void {
    const index = who % Math.max(1, this.broker.trades.length);
    const trade = this.broker.trades[index];
    if (trade === undefined || trade.isGone) return;
    const { fill } = trade;
    this.broker.trade(fill, trade.cents, trade.feeCents, -1);
    const sequence = this.core.lastSequence + 1;
    const word: Fill = {
      ...fill,
      ...{ fillId: `word-${sequence}`, refersTo: fill.fillId, accountSequence: sequence },
      kind: kind === 'bust' ? 'bust' : 'correction',
    };
    if (kind === 'bust') {
      this.broker.trades[index] = { ...trade, isGone: true };
      this.core.applyFill(word);
      return;
    }
    const corrected: Fill = {
      ...word,
      quantity: quantity(Math.min(amount, fill.quantity)),
      priceNanos: (cents * CENT_NANOS) as PriceNanos,
    };
    this.broker.trade(corrected, cents, trade.feeCents, 1);
    const { quantity: shares, priceNanos } = corrected;
    const now = { ...fill, quantity: shares, priceNanos };
    this.broker.trades[index] = { ...trade, fill: now, cents };
    this.core.applyFill(corrected);
  }

  #apply(fill: Fill, cents: number, feeCents: number): void {
    this.broker.trade(fill, cents, feeCents, 1);
    this.broker.trades.push({ fill, cents, feeCents, isGone: false });
    this.core.applyFill(fill);
  }

  #say(order: Order): void {
    const next = { ...order, version: order.version + 1 };
    const index = this.broker.orders.findIndex((one) => one.orderId === order.orderId);
    this.broker.orders[index] = next;
    this.core.applyOrder(next);
  }
}

/** The ledgers of bots and house together are what the broker has. */
function expectNet({ core, broker }: World): void {
  const { rows, cash } = core.ledger.snapshot();
  for (const symbol of SYMBOLS) {
    const sum = rows
      .filter((row) => row.symbol === symbol)
      .reduce((total, row) => total + row.quantity, 0);
    expect(sum).toBe(broker.held.get(symbol) ?? 0);
  }
  const total = cash.reduce((micros, row) => micros + row.cashMicros, 0);
  expect(total).toBe(broker.cents * CENT_MICROS);
}

it('keeps ledgers of bots and house that are the broker’s account to the last share and cent, and lets no two bots trade with each other', () => {
  let refused = 0;
  let trades = 0;
  fc.assert(
    fc.property(steps, (all) => {
      const world = new World();
      for (const step of all) {
        world.take(step);
        expectNet(world);
      }
      refused += world.refused;
      trades += world.broker.trades.length;
    }),
    { numRuns: 200 },
  );
  expect(trades).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(20);
});

it('keeps them so where bots fill each other inside, and what adds still meets no other bot at the broker', () => {
  const seen = { crossed: 0, divided: 0, trades: 0, refused: 0 };
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (all, together) => {
      const world = new World('internal', together);
      for (const step of all) {
        world.take(step);
        expectNet(world);
      }
      seen.crossed += world.crossed;
      seen.divided += world.divided;
      seen.trades += world.broker.trades.length;
      seen.refused += world.refused;
    }),
    { numRuns: 200 },
  );
  expect(Math.min(seen.crossed, seen.divided)).toBeGreaterThan(50);
  expect(seen.trades).toBeGreaterThan(500);
  expect(seen.refused).toBeGreaterThan(20);
});
