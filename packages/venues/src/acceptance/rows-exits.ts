import { assert, EXIT_LEGS, type OrderTerms, orderId, type PriceNanos } from '@capstan/domain';
import type { VenueCapabilities, VenueEvent } from '@capstan/ports';
import { type Bench, countOf, exitsOf, filledOf } from './bench.ts';
import type { AcceptanceRow, Claim } from './row.ts';

const EXITS = 'Exits kept at the venue';

const brackets = ({ exits }: VenueCapabilities): boolean => exits.includes('bracket');
const kept: Claim = { words: 'exits kept (bracket)', holds: brackets };
const keptOfTheWhole: Claim = {
  words: 'exits kept (bracket) that wait for the whole fill',
  holds: (one) => brackets(one) && one.exitsBegin === 'wholeFill',
};
const holding: Claim = {
  words: 'exits that hold what they protect',
  holds: (one) => brackets(one) && one.exitsHold,
};
const later: Claim = { words: 'exits for what is held', holds: ({ exitsLater }) => exitsLater };

export const EXIT_ROWS: readonly AcceptanceRow[] = [
  {
    number: 'A36',
    group: EXITS,
    title: 'exits of an entry are made as it fills, and told as orders of ours',
    claims: kept,
    run: async (bench) => {
      const watch = await bench.watch();
      const stopPriceNanos = await bench.price(0.5);
      const takeProfitPriceNanos = await bench.price(1.9);
      const terms = bench.terms({ exits: { stopPriceNanos, takeProfitPriceNanos } });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 10);
      await watch.untilExits(terms.orderId, 2);
      for (const { exit } of exitsOf(watch, terms.orderId)) {
        const { leg = 0, quantity: amount, side, reducing } = exit?.terms ?? {};
        assert(amount === 10 && side === 'sell' && reducing === true, 'it protects something else');
        const { intentId, attempt } = terms;
        assert(exit?.terms.orderId === orderId({ intentId, leg, attempt }), 'its id is another');
      }
    },
  },
  {
    number: 'A37',
    group: EXITS,
    title:
      'exits of an entry that is filled in part wait until it is filled whole, and are then of all of it',
    claims: keptOfTheWhole,
    abilities: ['thinMarket'],
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = await entry(bench);
      await bench.harness.trouble({ kind: 'thinMarket', units: 4 });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 4);
      assert(exitsOf(watch, terms.orderId).length === 0, 'an exit was told too early');
      await bench.harness.heal();
      for (const _ of [1, 2]) await bench.harness.pass();
      const exits = await watch.untilExits(terms.orderId, 2);
      const whole = watch.events.findIndex(isOf(terms.orderId, 10));
      const first = watch.events.findIndex(({ orderId: one }) => [...exits.values()].includes(one));
      assert(whole < first, 'an exit was told before all of its entry was');
    },
  },
  {
    number: 'A38',
    group: EXITS,
    title: 'an entry with one exit alone gets that one',
    claims: kept,
    run: async (bench) => {
      const watch = await bench.watch();
      const stops = await entry(bench, { takes: false });
      const takes = await entry(bench, { stops: false });
      for (const terms of [stops, takes]) {
        await bench.accepted(terms);
        await bench.harness.pass();
        await watch.untilFilled(terms.orderId, 10);
        await watch.untilExits(terms.orderId, 1);
      }
      const legs = [stops, takes].map((terms) =>
        exitsOf(watch, terms.orderId).map(({ exit }) => exit?.terms.leg),
      );
      const expected = [[EXIT_LEGS.stop], [EXIT_LEGS.takeProfit]];
      assert(JSON.stringify(legs) === JSON.stringify(expected), `they are ${JSON.stringify(legs)}`);
    },
  },
  {
    number: 'A39',
    group: EXITS,
    title: 'an exit that fills closes the position and ends the other one',
    claims: kept,
    run: async (bench) => {
      const { venue, accountId, symbol } = bench.harness;
      const watch = await bench.watch();
      const takeProfitPriceNanos = await bench.price(1.0005);
      const stopPriceNanos = await bench.price(0.9995);
      const terms = bench.terms({ exits: { stopPriceNanos, takeProfitPriceNanos } });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 10);
      const ids = [...(await watch.untilExits(terms.orderId, 2)).values()];
      await passUntil(bench, async () => {
        const { positions } = await venue.account(accountId);
        return positions.every((one) => one.symbol !== symbol);
      });
      const isClosed = () =>
        ids.reduce((sum, id) => sum + filledOf(own(watch.events, id)), 0) === 10;
      await watch.until('', isClosed);
      const other = ids.find((id) => filledOf(own(watch.events, id)) === 0) ?? '';
      await watch.untilKind(other, 'cancelled');
    },
  },
  {
    number: 'A80',
    group: EXITS,
    title: 'exits of an entry that is cancelled before it fills are told not at all',
    claims: keptOfTheWhole,
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const watch = await bench.watch();
      const limitPriceNanos = await bench.price(0.8);
      const terms = { ...(await entry(bench)), type: 'limit', limitPriceNanos } as const;
      await bench.accepted(terms);
      await watch.untilKind(terms.orderId, 'accepted');
      const open = await venue.openOrders(accountId);
      assert(open.length === 1 && open[0]?.orderId === terms.orderId, `${open.length} are open`);
      await venue.cancel(accountId, terms.orderId);
      await watch.untilKind(terms.orderId, 'cancelled');
      const last = await bench.resting();
      await bench.accepted(last);
      await watch.untilKind(last.orderId, 'accepted');
      const ids = new Set(watch.events.map((event) => event.orderId));
      assert(ids.size === 2, `${ids.size} orders were told`);
    },
  },
  {
    number: 'A81',
    group: EXITS,
    title:
      'exits that began while nobody listened are told to who comes back, and are among the open orders',
    claims: kept,
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const before = await bench.watch();
      const terms = await entry(bench);
      await bench.accepted(terms);
      await before.untilKind(terms.orderId, 'accepted');
      await before.close();
      await bench.harness.pass();
      const watch = await bench.watch(before, [terms]);
      const exits = [...(await watch.untilExits(terms.orderId, 2)).values()].sort();
      const open = (await venue.openOrders(accountId)).map((one) => one.orderId).sort();
      assert(JSON.stringify(open) === JSON.stringify(exits), `open are ${open.join(', ')}`);
      for (const id of exits) {
        const found = await venue.find(accountId, id);
        assert(found?.state === 'working' && found.orderId === id, `${id} is ${found?.state}`);
      }
    },
  },
  {
    number: 'A82',
    group: EXITS,
    title: 'an exit is cancelled by the id that it has here, and its end is told',
    claims: kept,
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const watch = await bench.watch();
      const terms = await entry(bench);
      await bench.accepted(terms);
      await bench.harness.pass();
      const exits = await watch.untilExits(terms.orderId, 2);
      for (const id of exits.values()) await venue.cancel(accountId, id);
      for (const id of exits.values()) await watch.untilKind(id, 'cancelled');
      assert((await venue.openOrders(accountId)).length === 0, 'something works still');
    },
  },
  {
    number: 'A83',
    group: EXITS,
    title:
      'a closing order is refused while exits hold what it closes, and taken once they have ended',
    claims: holding,
    run: async (bench) => {
      const { venue, accountId, symbol } = bench.harness;
      const watch = await bench.watch();
      const terms = await entry(bench);
      await bench.accepted(terms);
      await bench.harness.pass();
      const exits = await watch.untilExits(terms.orderId, 2);
      const refused = await bench.submit(bench.terms({ side: 'sell', reducing: true }));
      assert(refused.kind === 'rejected', `it was answered ${refused.kind}`);
      for (const id of exits.values()) await venue.cancel(accountId, id);
      for (const id of exits.values()) await watch.untilKind(id, 'cancelled');
      const close = bench.terms({ side: 'sell', reducing: true });
      await bench.accepted(close);
      await bench.harness.pass();
      await watch.untilFilled(close.orderId, 10);
      const { positions } = await venue.account(accountId);
      assert(
        positions.every((one) => one.symbol !== symbol),
        'something is held still',
      );
    },
  },
  {
    number: 'A84',
    group: EXITS,
    title: 'a take-profit with a stop beside it is taken for what is held, and one ends the other',
    claims: later,
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const watch = await bench.watch();
      const bought = bench.terms();
      await bench.accepted(bought);
      await bench.harness.pass();
      await watch.untilFilled(bought.orderId, 10);
      const limitPriceNanos = await bench.price(1.5);
      const exits = { stopPriceNanos: await bench.price(0.5) };
      const target = exitFor(bench, { limitPriceNanos, exits });
      await bench.accepted(target);
      const made = await watch.untilExits(target.orderId, 1);
      const stop = made.get(EXIT_LEGS.stop) ?? '';
      const { intentId, attempt } = target;
      assert(stop === orderId({ intentId, leg: EXIT_LEGS.stop, attempt }), 'its id is another');
      const open = (await venue.openOrders(accountId)).map((one) => one.orderId).sort();
      const both = [stop, target.orderId].sort();
      assert(JSON.stringify(open) === JSON.stringify(both), `open are ${open.join(', ')}`);
      await venue.cancel(accountId, target.orderId);
      await watch.untilKind(target.orderId, 'cancelled');
      const events = await watch.untilKind(stop, 'cancelled');
      assert(countOf(events, 'accepted') === 1, 'it was told as made twice');
    },
  },
  {
    number: 'A85',
    group: EXITS,
    title: 'exits whose entry’s answer was lost are told as its exits all the same',
    claims: kept,
    abilities: ['loseAnswer'],
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = await entry(bench);
      await bench.harness.trouble({ kind: 'loseAnswer' });
      await bench.unclear(() => bench.submit(terms));
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 10);
      await watch.untilExits(terms.orderId, 2);
    },
  },
];

/** An entry at the market with exits far from it. */
async function entry(
  bench: Bench,
  { stops = true, takes = true }: { readonly stops?: boolean; readonly takes?: boolean } = {},
): Promise<OrderTerms> {
  const far: { readonly [side in 'low' | 'high']: PriceNanos } = {
    low: await bench.price(0.5),
    high: await bench.price(1.9),
  };
  return bench.terms({
    exits: {
      ...(stops ? { stopPriceNanos: far.low } : {}),
      ...(takes ? { takeProfitPriceNanos: far.high } : {}),
    },
  });
}

/** A take-profit of ten that are held. */
function exitFor(bench: Bench, of: Pick<OrderTerms, 'limitPriceNanos' | 'exits'>): OrderTerms {
  const terms = bench.terms({ side: 'sell', type: 'limit', timeInForce: 'gtc', reducing: true });
  const { intentId, attempt } = terms;
  const leg = EXIT_LEGS.takeProfit;
  return { ...terms, ...of, leg, orderId: orderId({ intentId, leg, attempt }) };
}

const own = (events: readonly VenueEvent[], id: string): readonly VenueEvent[] =>
  events.filter((event) => event.orderId === id);

/** Tells of an event whether an order is filled so far by it. */
function isOf(
  id: string,
  amount: number,
): (event: VenueEvent, index: number, all: VenueEvent[]) => boolean {
  return (event, index, all) =>
    event.orderId === id && filledOf(own(all.slice(0, index + 1), id)) >= amount;
}

const STEPS_MAX = 400;

/** Lets the market go on until something is so. */
async function passUntil(bench: Bench, isSo: () => Promise<boolean>): Promise<void> {
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (await isSo()) return;
    await bench.harness.pass();
  }
  assert(false, `it did not come to be in ${STEPS_MAX} steps`);
}
