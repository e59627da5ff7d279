import { CalendarBook } from '@capstan/calendar';
import {
  cashMicros,
  InstrumentBook,
  priceNanos,
  quantity,
  timeUs,
  usEquity,
  type VenueEvent,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivedChance, type ExchangeBehaviour, PLAIN_EXCHANGE } from './exchange-behaviour.ts';
import { ExchangeCore, type ExchangeInput } from './exchange-core.ts';
import { TEN_US, testBar, testOrder } from './matching/test-world.ts';

const CASH = 1_000_000_000_000;
const calendars = new CalendarBook();
const at = (minute: number) => timeUs(TEN_US + minute * 60_000_000);
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');

function exchange(behaviour: ExchangeBehaviour): ExchangeCore {
  const account = { accountId: 'account', currency: 'USD', cashMicros: cashMicros(CASH) };
  return new ExchangeCore(
    { behaviour, accounts: [account] },
    new InstrumentBook([usEquity('SPY')]),
    (name) => calendars.get(name),
  );
}

const act = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    id: ids,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantity: fc.integer({ min: 1, max: 300 }),
    limit: fc.option(fc.integer({ min: 48, max: 52 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('cancel' as const), id: ids }),
  fc.record({
    kind: fc.constant('replace' as const),
    id: ids,
    count: fc.integer({ min: 1, max: 3 }),
    quantity: fc.integer({ min: 1, max: 300 }),
    limit: fc.integer({ min: 48, max: 52 }),
  }),
  fc.record({ kind: fc.constant('slice' as const), price: fc.integer({ min: 48, max: 52 }) }),
);

/** Turns acts into inputs: each slice is the next minute, and orders are decided at its beginning. */
const inputs: fc.Arbitrary<readonly ExchangeInput[]> = fc
  .array(act, { maxLength: 60 })
  .map((acts) => {
    let minute = 0;
    return acts.map((one): ExchangeInput => {
      if (one.kind === 'cancel')
        return { kind: 'cancel', accountId: 'account', orderId: one.id, atUs: at(minute) };
      if (one.kind === 'replace') {
        const { id, count, limit } = one;
        const revision = {
          quantity: quantity(one.quantity),
          limitPriceNanos: priceNanos(limit * 1_000_000_000),
        };
        const of = { accountId: 'account', orderId: id, atUs: at(minute) };
        return { kind: 'replace', ...of, count, revision };
      }
      if (one.kind === 'slice') {
        const price = `${one.price}`;
        const bar = testBar(`${price} ${price} ${price} ${price}`, { minute, volume: 1_000 });
        minute += 1;
        return { kind: 'slice', feed: 'demo', endUs: at(minute), bars: [bar] };
      }
      const { id, side, limit } = one;
      const limits = limit === undefined ? {} : { limit: `${limit}` };
      const order = testOrder({ id, side, quantity: one.quantity, minute, ...limits });
      return { kind: 'submit', order, atUs: at(minute) };
    });
  });

const BEHAVIOUR: ExchangeBehaviour = {
  matcher: {
    ...PLAIN_EXCHANGE.matcher,
    maxVolumeFraction: 0.1,
    commission: { kind: 'perOrder', feeMicros: 250_000 },
  },
  rejectFraction: 0.2,
  thinBarFraction: 0.3,
};

describe('ExchangeCore', () => {
  it('numbers events without a gap, and cash and positions follow from the fills', () => {
    fc.assert(
      fc.property(inputs, (list) => {
        const core = exchange(BEHAVIOUR);
        for (const input of list) core.apply(input);
        const events = core.events('account', 0);
        expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
        let cash = CASH;
        let held = 0;
        const filledOf = new Map<string, number>();
        for (const event of events) {
          if (event.kind !== 'filled') continue;
          const { orderId, feeMicros } = event;
          const sign = core.order(orderId)?.terms.side === 'buy' ? 1 : -1;
          cash -= (sign * event.quantity * event.priceNanos) / 1_000 + feeMicros;
          held += sign * event.quantity;
          filledOf.set(orderId, (filledOf.get(orderId) ?? 0) + event.quantity);
        }
        const account = core.account('account');
        expect(account?.cashMicros).toBe(cash);
        expect(account?.positions[0]?.position.quantity ?? 0).toBe(held);
        for (const [orderId, filled] of filledOf) {
          const order = core.order(orderId);
          expect(order?.filledQuantity).toBe(filled);
          expect(filled).toBeLessThanOrEqual(order?.terms.quantity ?? 0);
        }
      }),
    );
  });

  it('comes to the same by the same inputs, and by any of them repeated at once', () => {
    fc.assert(
      fc.property(inputs, (list) => {
        const [one, two] = [exchange(BEHAVIOUR), exchange(BEHAVIOUR)];
        for (const input of list) {
          const answer = one.apply(input);
          expect(two.apply(input)).toEqual(answer);
          const repeats = input.kind === 'submit' || input.kind === 'replace';
          if (repeats) expect(two.apply(input)).toEqual(answer);
        }
        expect(two.events('account', 0)).toEqual(one.events('account', 0));
        expect(two.account('account')).toEqual(one.account('account'));
      }),
    );
  });

  it('goes on from its snapshot, without what was asked of it and told, as if nothing had been', () => {
    fc.assert(
      fc.property(inputs, fc.nat(), (list, seed) => {
        const one = exchange(BEHAVIOUR);
        let two = exchange(BEHAVIOUR);
        const told: VenueEvent[] = [];
        list.forEach((input, index) => {
          expect(two.apply(input)).toEqual(one.apply(input));
          if ((index + seed) % 7 > 0) return;
          told.push(...two.events('account', told.length));
          two.forget(() => true);
          const snapshot = JSON.parse(JSON.stringify(two.snapshot()));
          two = exchange(BEHAVIOUR);
          two.restore(snapshot);
        });
        told.push(...two.events('account', told.length));
        expect(told).toEqual(one.events('account', 0));
        expect(two.account('account')).toEqual(one.account('account'));
        expect(two.openOrders('account')).toEqual(one.openOrders('account'));
        two.forget(() => false);
        const open = two.openOrders('account').map(({ terms }) => terms.orderId);
        expect(
          two
            .snapshot()
            .orders.map(({ terms }) => terms.orderId)
            .sort(),
        ).toEqual(open.sort());
      }),
    );
  });
});

describe('derivedChance', () => {
  it('lies in [0, 1), is the same for the same parts, and spreads', () => {
    fc.assert(
      fc.property(fc.string(), (part) => {
        const chance = derivedChance('kind', part);
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThan(1);
        expect(derivedChance('kind', part)).toBe(chance);
      }),
    );
    const below = Array.from({ length: 2_000 }, (_, n) => derivedChance('kind', n)).filter(
      (chance) => chance < 0.25,
    );
    expect(below.length).toBeGreaterThan(430);
    expect(below.length).toBeLessThan(570);
  });
});
