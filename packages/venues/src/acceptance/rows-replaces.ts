import { assert, type OrderTerms, quantity } from '@capstan/domain';
import { type Bench, countOf, filledOf, type Watch } from './bench.ts';
import type { AcceptanceRow, Claim } from './row.ts';

const REPLACES = 'New terms of a working order';
const replaced: Claim = { words: 'orders replaced', holds: ({ replaces }) => replaces };

export const REPLACE_ROWS: readonly AcceptanceRow[] = [
  {
    number: 'A35',
    group: REPLACES,
    title: 'new terms of a working order are taken, and told with the count of the request',
    claims: replaced,
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const { watch, terms } = await working(bench);
      const to = { count: 1, quantity: quantity(8), limitPriceNanos: await bench.price(0.4) };
      const answer = await venue.replace(accountId, terms.orderId, to);
      assert(answer.kind === 'requested', `it was answered ${answer.kind}`);
      const events = await watch.untilKind(terms.orderId, 'replaced');
      const told = events.find((event) => event.kind === 'replaced');
      assert(
        told?.kind === 'replaced' && told.count === 1 && told.quantity === 8,
        'told otherwise',
      );
    },
  },
  {
    number: 'A90',
    group: REPLACES,
    title: 'new terms whose answer is lost are unclear; asked for again they change nothing more',
    claims: replaced,
    abilities: ['loseReplace'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const { watch, terms } = await working(bench);
      const to = { count: 1, quantity: quantity(8), limitPriceNanos: await bench.price(0.4) };
      await bench.harness.trouble({ kind: 'loseReplace' });
      await bench.unclear(() => venue.replace(accountId, terms.orderId, to));
      await bench.harness.heal();
      const again = await venue.replace(accountId, terms.orderId, to);
      assert(again.kind === 'requested', `it was answered ${again.kind}`);
      const next = { count: 2, quantity: quantity(7), limitPriceNanos: await bench.price(0.3) };
      await venue.replace(accountId, terms.orderId, next);
      const events = await watch.until(terms.orderId, (told) =>
        told.some((event) => event.kind === 'replaced' && event.count === 2),
      );
      assert(countOf(events, 'replaced') === 2, `${countOf(events, 'replaced')} were told`);
      const open = (await venue.openOrders(accountId)).filter(
        (one) => one.orderId === terms.orderId,
      );
      assert(open.length === 1, `${open.length} of it work`);
    },
  },
  {
    number: 'A91',
    group: REPLACES,
    title: 'new terms that the venue refuses leave the old ones, and that is told',
    claims: replaced,
    abilities: ['refuseReplace'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const { watch, terms } = await working(bench);
      await bench.harness.trouble({ kind: 'refuseReplace' });
      const to = { count: 1, quantity: quantity(8), limitPriceNanos: await bench.price(0.4) };
      const answer = await venue.replace(accountId, terms.orderId, to);
      if (answer.kind === 'requested') await watch.untilKind(terms.orderId, 'replaceRejected');
      const found = await venue.find(accountId, terms.orderId);
      assert(found?.state === 'working', `it is ${found?.state}`);
      await venue.cancel(accountId, terms.orderId);
      const events = await watch.untilKind(terms.orderId, 'cancelled');
      assert(countOf(events, 'replaced') === 0, 'it was told as replaced');
    },
  },
  {
    number: 'A92',
    group: REPLACES,
    title:
      'a part that fills while new terms are asked for is filled once: no more than was ordered is',
    claims: replaced,
    abilities: ['fillRacesReplace'],
    run: async (bench) => {
      const { venue, accountId, symbol } = bench.harness;
      const { watch, terms } = await working(bench);
      await bench.harness.trouble({ kind: 'fillRacesReplace' });
      const to = { count: 1, quantity: quantity(10), limitPriceNanos: await bench.price(0.4) };
      await venue.replace(accountId, terms.orderId, to);
      const events = await watch.untilKind(terms.orderId, 'cancelled');
      assert(filledOf(events) === 5, `${filledOf(events)} were told as filled`);
      assert((await venue.openOrders(accountId)).length === 0, 'something works still');
      const held = (await venue.account(accountId)).positions.find((one) => one.symbol === symbol);
      assert(held?.quantity === 5, `${held?.quantity} are held`);
    },
  },
  {
    number: 'A93',
    group: REPLACES,
    title:
      'new terms of an order of which a part is filled count that part, or are rejected in words',
    claims: replaced,
    abilities: ['thinMarket'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const watch = await bench.watch();
      const limitPriceNanos = await bench.price(1.1);
      const terms = bench.terms({ type: 'limit', limitPriceNanos, quantity: quantity(100) });
      await bench.harness.trouble({ kind: 'thinMarket', units: 3 });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 1);
      const to = { count: 1, quantity: quantity(90), limitPriceNanos };
      const answer = await venue.replace(accountId, terms.orderId, to);
      if (answer.kind === 'rejected') {
        assert(/filled/.test(answer.reason), `the reason is '${answer.reason}'`);
        return;
      }
      const events = await watch.untilKind(terms.orderId, 'replaced');
      const told = events.find((event) => event.kind === 'replaced');
      assert(told?.kind === 'replaced' && told.quantity === 90, 'told otherwise');
    },
  },
];

/** An order that rests, told as accepted. */
async function working(
  bench: Bench,
): Promise<{ readonly watch: Watch; readonly terms: OrderTerms }> {
  const watch = await bench.watch();
  const terms = await bench.resting();
  await bench.accepted(terms);
  await watch.untilKind(terms.orderId, 'accepted');
  return { watch, terms };
}
