import {
  type CashMicros,
  type Fill,
  isTerminal,
  notionalMicros,
  type Order,
  parseCash,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { KILL_OFF } from '@capstan/risk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountRows } from './account-config.ts';
import {
  configOf,
  fillOf,
  HUNDRED,
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
const START = parseCash('9000');
const LIMITS = {
  crossing: 'internal',
  maxSymbolNotionalMicros: parseCash('5000'),
  maxGrossExposureMicros: parseCash('7000'),
} as const;

type Step =
  | { readonly kind: 'decide'; readonly wants: readonly (readonly [number, number, number])[] }
  | { readonly kind: 'fill' | 'unknown' | 'end'; readonly pick: number; readonly amount: number }
  | { readonly kind: 'hearFill' | 'hearOrder' };

const pick = fc.nat({ max: 1_000 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 1 }), fc.nat({ max: 2 })), {
          minLength: 1,
          maxLength: 4,
        })
        .map((wants): Step => ({ kind: 'decide', wants })),
    },
    {
      weight: 5,
      arbitrary: fc.tuple(fc.constantFrom('fill', 'fill', 'unknown', 'end'), pick, pick).map(
        ([kind, which, amount]): Step => ({
          kind: kind as 'fill' | 'unknown' | 'end',
          pick: which,
          amount,
        }),
      ),
    },
    {
      weight: 5,
      arbitrary: fc.constantFrom('hearFill', 'hearOrder').map(
        (kind): Step => ({
          kind: kind as 'hearFill' | 'hearOrder',
        }),
      ),
    },
  ),
  { maxLength: 60, size: 'max' },
);

/** A broker whose two streams of news, fills and words on orders, are heard at any delay against each other. */
class Broker {
  readonly orders: Order[] = [];
  readonly fills: Fill[] = [];
  readonly words: Order[] = [];
  heardFills = 0;
  heardWords = 0;

  act(step: Extract<Step, { pick: number }>): void {
    const live = this.orders.filter((order) => !isTerminal(order.state));
    const order = live[step.pick % Math.max(1, live.length)];
    if (order === undefined) return;
    if (step.kind === 'unknown') this.#say({ ...order, state: 'unknown' });
    else if (step.kind === 'end') {
      this.#say({ ...order, state: order.filledQuantity > 0 ? 'cancelled' : 'rejected' });
    } else {
      const left = order.quantity - order.filledQuantity;
      const amount = 1 + (step.amount % left);
      this.fills.push(
        fillOf(order, this.fills.length + 1, amount, {
          feeMicros: (step.amount * 1_000) as CashMicros,
        }),
      );
      const filledQuantity = quantity(order.filledQuantity + amount);
      const state = filledQuantity === order.quantity ? 'filled' : 'partiallyFilled';
      this.#say({ ...order, state, filledQuantity });
    }
  }

  /** The bot's position as it is, and the largest and smallest that what is live can make of it. */
  truth(botId: string, symbol: string): { position: number; highest: number; lowest: number } {
    let position = 0;
    for (const fill of this.fills) {
      if (fill.botId === botId && fill.symbol === symbol) position += signed(fill);
    }
    let [highest, lowest] = [position, position];
    for (const order of this.orders) {
      if (order.botId !== botId || order.symbol !== symbol || isTerminal(order.state)) continue;
      const left = order.quantity - order.filledQuantity;
      if (order.side === 'buy') highest += left;
      else lowest -= left;
    }
    return { position, highest, lowest };
  }

  /** Ends every live order: those that were told to be cancelled as fate has it, the others filled, or where it `refuses`, refused. */
  endAll(
    cancelled: ReadonlySet<string>,
    fates: readonly number[],
    { refuses }: { readonly refuses: boolean },
  ): void {
    for (const order of this.orders.filter(({ state }) => !isTerminal(state))) {
      const at = this.orders.findIndex(({ orderId }) => orderId === order.orderId);
      const left = order.quantity - order.filledQuantity;
      const fate = fates[at % fates.length] ?? 0;
      if (!cancelled.has(order.orderId)) {
        if (!refuses || fate > 1) this.#fill(order, left);
        else
          this.#say({
            ...order,
            state: order.filledQuantity > 0 ? 'expired' : (REFUSED[fate] ?? 'rejected'),
          });
        continue;
      }
      if (fate > 0) this.#fill(order, fate === 1 ? Math.ceil(left / 2) : left);
      const now = this.orders[at] ?? order;
      if (!isTerminal(now.state)) this.#say({ ...now, state: 'cancelled' });
    }
  }

  /** Fills an order whole: another bot is the other side. */
  cross(orderId: string): void {
    const order = this.orders.find((one) => one.orderId === orderId);
    expect(order?.filledQuantity).toBe(0);
    if (order !== undefined) this.#fill(order, order.quantity);
  }

  #fill(order: Order, amount: number): void {
    this.fills.push(fillOf(order, this.fills.length + 1, amount));
    const filledQuantity = quantity(order.filledQuantity + amount);
    const state = filledQuantity === order.quantity ? 'filled' : 'partiallyFilled';
    this.#say({ ...order, state, filledQuantity });
  }

  #say(order: Order): void {
    const index = this.orders.findIndex((one) => one.orderId === order.orderId);
    const next = { ...order, version: order.version + 1 };
    this.orders[index] = next;
    this.words.push(next);
  }
}

const REFUSED: readonly Order['state'][] = ['rejected', 'denied'];

const signed = (fill: Fill): number => (fill.side === 'buy' ? fill.quantity : -fill.quantity);

/** What a store keeps of the rows that the core gives. */
class Rows {
  readonly #positions = new Map<string, AccountRows['positions'][number]>();
  readonly #cash = new Map<string, AccountRows['cash'][number]>();
  readonly #reservations = new Map<string, AccountRows['reservations'][number]>();

  take(changes: AccountRows): void {
    for (const row of changes.positions) this.#positions.set(`${row.botId} ${row.symbol}`, row);
    for (const row of changes.cash) this.#cash.set(row.botId, row);
    for (const row of changes.reservations) this.#reservations.set(row.orderId, row);
  }

  stored(): AccountRows {
    return {
      positions: [...this.#positions.values()],
      cash: [...this.#cash.values()],
      reservations: [...this.#reservations.values()].filter((row) => row.openQuantity > 0),
    };
  }
}

function play(all: readonly Step[], afterStep: (world: World) => void): World {
  const world = new World();
  for (const step of all) {
    world.take(step);
    afterStep(world);
  }
  return world;
}

class World {
  readonly broker = new Broker();
  readonly rows = new Rows();
  readonly core: AccountCore;
  /** What the last step decided, if it did. */
  lastDecision: SliceDecision | undefined;
  readonly cancelled = new Set<string>();
  laterAttempts = 0;
  crosses = 0;
  #now = NOON;

  constructor() {
    this.core = new AccountCore(configOf({ ...LIMITS, bufferBps: 0 }));
    this.core.fund(HOUSE, START);
    this.rows.take(this.core.takeChanges());
  }

  take(step: Step): void {
    const { broker, core } = this;
    this.lastDecision = undefined;
    if (step.kind === 'decide') this.decide(step.wants);
    else if (step.kind === 'hearFill') {
      const fill = broker.fills[broker.heardFills];
      if (fill !== undefined) core.applyFill(fill);
      broker.heardFills = Math.min(broker.heardFills + 1, broker.fills.length);
    } else if (step.kind === 'hearOrder') {
      const word = broker.words[broker.heardWords];
      if (word !== undefined) core.applyOrder(word);
      broker.heardWords = Math.min(broker.heardWords + 1, broker.words.length);
    } else if ('pick' in step) broker.act(step);
    this.rows.take(core.takeChanges());
  }

  /** Decides with the core and with one restored from rows and JSON: they must agree. */
  decide(wants: readonly (readonly [number, number, number])[]): void {
    this.#now = timeUs(this.#now + 60_000_000);
    const sliceEndUs = this.#now;
    const slices = BOTS.map((botId, bot) => {
      const mine = new Map(
        wants.filter(([who]) => who === bot).map(([, symbol, direction]) => [symbol, direction]),
      );
      const signals = [...mine].map(([symbol, direction]) =>
        signalOf(botId, SYMBOLS[symbol] ?? 'AAA', {
          direction: (['long', 'short', 'flat'] as const)[direction] ?? 'flat',
          barEndUs: sliceEndUs,
        }),
      );
      return sliceOf(botId, signals, { sliceEndUs });
    });
    const request = requestOf(slices, {
      sizingOf: (botId) => ({ kind: 'fixedQuantity', quantity: botId === 'a' ? 30 : 17 }),
    });
    const restored = this.restored();
    const decision = this.core.decideSlice(request);
    expect(plain(restored.decideSlice(request))).toEqual(plain(decision));
    expect(restored.state()).toEqual(this.core.state());
    this.lastDecision = decision;
    for (const orderId of decision.cancelOrderIds) this.cancelled.add(orderId);
    for (const order of decision.orders) this.#send(order, decision);
    for (const { buyOrderId, sellOrderId } of decision.crosses) {
      this.crosses += 1;
      for (const orderId of [buyOrderId, sellOrderId]) this.broker.cross(orderId);
    }
  }

  /** Takes an order to the broker. A later attempt comes after the end of the one before it was heard, or beside the one that it was part of. */
  #send(terms: SliceDecision['orders'][number], { orders }: SliceDecision): void {
    const { intentId, attempt } = terms;
    const isPart = orders.some((one) => one.intentId === intentId && one.attempt < attempt);
    if (attempt > 1 && !isPart) {
      const before = this.broker.words.slice(0, this.broker.heardWords);
      const last = before.findLast((one) => one.intentId === intentId);
      expect(last?.attempt).toBe(attempt - 1);
      expect(last !== undefined && isTerminal(last.state)).toBe(true);
      this.laterAttempts += 1;
    }
    this.broker.orders.push(orderOf(terms, {}));
  }

  restored(): AccountCore {
    const state = JSON.parse(JSON.stringify(this.core.state())) as ReturnType<AccountCore['state']>;
    const config = configOf({ ...LIMITS, bufferBps: 0 });
    return AccountCore.restore(config, this.rows.stored(), state);
  }

  hearAll(): void {
    while (this.broker.heardFills < this.broker.fills.length) this.take({ kind: 'hearFill' });
    while (this.broker.heardWords < this.broker.words.length) this.take({ kind: 'hearOrder' });
  }
}

const plain = (decision: SliceDecision): unknown => JSON.parse(JSON.stringify(decision));

describe('AccountCore', () => {
  it('never counts less than there is, and what there is never exceeds a limit', () => {
    let crosses = 0;
    fc.assert(
      fc.property(steps, (all) => {
        const world = play(all, ({ core, broker }) => {
          const view = core.view(KILL_OFF);
          let gross = 0;
          for (const symbol of SYMBOLS) {
            let inSymbol = 0;
            for (const botId of BOTS) {
              const { highest, lowest } = broker.truth(botId, symbol);
              const counted = view.exposure(botId, symbol);
              expect(counted.positionQuantity + counted.openBuyQuantity).toBeGreaterThanOrEqual(
                highest,
              );
              expect(counted.positionQuantity - counted.openSellQuantity).toBeLessThanOrEqual(
                lowest,
              );
              inSymbol += 100_000_000 * Math.max(Math.abs(highest), Math.abs(lowest));
            }
            expect(inSymbol).toBeLessThanOrEqual(LIMITS.maxSymbolNotionalMicros);
            gross += inSymbol;
          }
          expect(gross).toBeLessThanOrEqual(LIMITS.maxGrossExposureMicros);
          expect(view.grossMicros).toBeLessThanOrEqual(LIMITS.maxGrossExposureMicros);
        });
        crosses += world.crosses;
      }),
      { numRuns: 100 },
    );
    expect(crosses).toBeGreaterThan(5);
  });

  it('counts exactly what there is once everything was heard', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = play(all, () => undefined);
        world.hearAll();
        const view = world.core.view(KILL_OFF);
        for (const symbol of SYMBOLS) {
          for (const botId of BOTS) {
            const { position, highest, lowest } = world.broker.truth(botId, symbol);
            const counted = view.exposure(botId, symbol);
            expect(counted.positionQuantity).toBe(position);
            expect(counted.positionQuantity + counted.openBuyQuantity).toBe(highest);
            expect(counted.positionQuantity - counted.openSellQuantity).toBe(lowest);
          }
        }
        expect(world.restored().state()).toEqual(world.core.state());
        expect(world.core.state().reservations.filled).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('conserves money: cash is what it was, less what was paid for what is held, less fees', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = play(all, () => undefined);
        world.hearAll();
        let expected: number = START;
        for (const fill of world.broker.fills) {
          const notional = notionalMicros(usEquity(fill.symbol), HUNDRED, fill.quantity);
          expected -= fill.side === 'buy' ? notional : -notional;
          expected -= fill.feeMicros;
        }
        expect(world.core.ledger.totalCashMicros()).toBe(expected);
        const stored = world.rows.stored();
        expect(stored.cash.reduce((sum, row) => sum + row.cashMicros, 0)).toBe(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('approves a reducing order only where no outcome of all that is out goes through zero', () => {
    fc.assert(
      fc.property(steps, (all) => {
        play(all, ({ broker, lastDecision }) => {
          for (const order of lastDecision?.orders.filter((one) => one.reducing) ?? []) {
            const { highest, lowest } = broker.truth(order.botId, order.symbol);
            if (order.side === 'sell') expect(lowest).toBeGreaterThanOrEqual(0);
            else expect(highest).toBeLessThanOrEqual(0);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  it('ends flat after a wish to be flat, whatever becomes of the orders that it cancels, and where its own are refused at first', () => {
    const fates = fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 9 });
    let laterAttempts = 0;
    let refused = 0;
    const property = fc.property(steps, fates, (all, fate) => {
      const world = play(all, () => undefined);
      world.hearAll();
      const everybody = BOTS.flatMap((_, bot) => SYMBOLS.map((__, symbol) => [bot, symbol, 2]));
      world.decide(everybody as [number, number, number][]);
      for (let slice = 0; slice < 8; slice += 1) {
        expect(world.lastDecision?.orders.filter(({ reducing }) => !reducing)).toEqual([]);
        expect(world.lastDecision?.denials).toEqual([]);
        world.broker.endAll(world.cancelled, fate, { refuses: slice < 2 });
        world.hearAll();
        world.decide([]);
      }
      expect(world.core.followUps).toEqual([]);
      expect(world.core.state()).not.toHaveProperty('cancelled');
      for (const botId of BOTS) {
        for (const symbol of SYMBOLS) {
          expect(world.broker.truth(botId, symbol), `${botId} ${symbol}`).toEqual({
            ...{ position: 0, highest: 0, lowest: 0 },
          });
        }
      }
      laterAttempts += world.laterAttempts;
      refused += world.broker.orders.filter(({ state }) => state === 'denied').length;
    });
    fc.assert(property, { numRuns: 200 });
    expect(laterAttempts).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});
