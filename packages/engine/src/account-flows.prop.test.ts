import {
  type CashEvent,
  type CashEventKind,
  cashMicros,
  parseCash,
  parsePrice,
  timeUs,
} from '@capstan/domain';
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

const MINUTE = 60_000_000;
const LIMITS = { bufferBps: 0, maxDailyLossMicros: parseCash('50') };

/** An account of 10,000 that loses at most 50 a day, and over whose cash somebody disposes. */
class World {
  #core = new AccountCore(configOf(LIMITS));
  #minute = 0;

  constructor() {
    this.#core.fund(HOUSE, parseCash('10000'));
  }

  /** Decides a slice in which AAA costs so much. @returns which policies denied something. */
  decide(price: number, direction?: 'long' | 'flat'): readonly string[] {
    this.#minute += 1;
    const sliceEndUs = timeUs(NOON + this.#minute * MINUTE);
    const of = { barEndUs: sliceEndUs };
    const signals = direction === undefined ? [] : [signalOf('a', 'AAA', { direction, ...of })];
    const marks = [{ symbol: 'AAA', priceNanos: parsePrice(String(price)), ...of }];
    const slices = [sliceOf('a', signals, { sliceEndUs, marks })];
    const { orders, denials } = this.#core.decideSlice(requestOf(slices));
    for (const order of orders) {
      const sequence = this.#core.lastSequence + 1;
      this.#core.applyFill(fillOf(order, sequence, order.quantity));
      const ended = { state: 'filled' as const, filledQuantity: order.quantity };
      this.#core.applyOrder(orderOf(order, ended));
    }
    return denials.map(({ policy }) => policy);
  }

  cash(kind: CashEventKind, units: number): void {
    const accountSequence = this.#core.lastSequence + 1;
    const event: CashEvent = {
      ...{ cashEventId: `c${accountSequence}`, kind, accountId: 'paper', botId: HOUSE },
      ...{ amountMicros: cashMicros(units * 1_000_000), eventAtUs: NOON, accountSequence },
    };
    this.#core.applyCash(event);
  }

  restart(): void {
    const { rows, cash } = this.#core.ledger.snapshot();
    const state = JSON.parse(JSON.stringify(this.#core.state())) as ReturnType<
      AccountCore['state']
    >;
    const stored = { positions: rows, cash, reservations: [] };
    this.#core = AccountCore.restore(configOf(LIMITS), stored, state);
  }
}

const flows = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('deposit' as const), fc.integer({ min: 1, max: 4_000 })),
    fc.tuple(fc.constant('withdrawal' as const), fc.integer({ min: -200, max: -1 })),
    fc.tuple(fc.constant('transfer' as const), fc.integer({ min: -200, max: 500 })),
  ),
  { maxLength: 4 },
);

it('a day’s loss is what was lost, whatever cash comes and goes, over restarts as well', () => {
  const price = fc.integer({ min: 85, max: 110 });
  fc.assert(
    fc.property(fc.array(fc.tuple(price, flows, fc.boolean()), { maxLength: 8 }), (story) => {
      const [calm, moved] = [new World(), new World()];
      for (const world of [calm, moved]) world.decide(100, 'long');
      for (const [at, events, restarts] of story) {
        for (const [kind, units] of events) moved.cash(kind, units);
        if (restarts) moved.restart();
        for (const world of [calm, moved]) world.decide(at);
      }
      const [first, second] = [calm, moved].map((world) => {
        world.decide(100, 'flat');
        return world.decide(100, 'long');
      });
      expect(second).toEqual(first);
      const lost = story.some(([at]) => (100 - at) * 10 >= 50);
      expect(first).toEqual(lost ? ['daily-loss'] : []);
    }),
    { numRuns: 300 },
  );
});

it('a charge is a loss of the day, and interest is none', () => {
  for (const [kind, units, policies] of [
    ['charge', -50, ['daily-loss']],
    ['interest', 50, []],
    ['withdrawal', -50, []],
  ] as const) {
    const world = new World();
    world.decide(100);
    world.cash(kind, units);
    expect(world.decide(100, 'long')).toEqual(policies);
  }
});
