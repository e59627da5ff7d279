import { assert, priceNanos, quantity } from '@capstan/domain';
import type { VenueEvent } from '@capstan/ports';
import { countOf, filledOf } from './bench.ts';
import { type AcceptanceRow, takesTime, takesType } from './row.ts';

const TYPES = 'Order types';
const TIMES = 'Times in force';
const IDS = 'Identity';
const ENDS = 'Fills, cancels and ends';
const UNKNOWN_SYMBOL = 'ZZZZZZ';

export const ORDER_ROWS: readonly AcceptanceRow[] = [
  {
    number: 'A01',
    group: TYPES,
    title: 'a market order is taken, told as accepted, then as filled at the next trades',
    claims: takesType('market'),
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = bench.terms();
      const venueOrderId = await bench.accepted(terms);
      await watch.untilKind(terms.orderId, 'accepted');
      await bench.harness.pass();
      const events = await watch.untilFilled(terms.orderId, 10);
      const [first] = events;
      assert(first?.kind === 'accepted', `it was told as ${first?.kind} first`);
      assert(first.venueOrderId === venueOrderId, 'answer and event name it differently');
      assert(filledOf(events) === 10, `it was filled by ${filledOf(events)}`);
    },
  },
  {
    number: 'A02',
    group: TYPES,
    title: 'a limit order rests while the market is away from it, and is among the open orders',
    claims: takesType('limit'),
    run: async (bench) => {
      const terms = await bench.resting();
      const venueOrderId = await bench.accepted(terms);
      await bench.harness.pass();
      const { venue, accountId, symbol } = bench.harness;
      const open = (await venue.openOrders(accountId)).find((one) => one.orderId === terms.orderId);
      assert(open !== undefined, 'it is not among the open orders');
      assert(open.state === 'working' && open.filledQuantity === 0, `it is ${open.state}`);
      assert(open.venueOrderId === venueOrderId && open.symbol === symbol, 'it is another one');
    },
  },
  {
    number: 'A03',
    group: TYPES,
    title: 'a limit order that the market reaches fills at its price or better',
    claims: takesType('limit'),
    run: async (bench) => {
      const watch = await bench.watch();
      const limitPriceNanos = await bench.price(1.5);
      const terms = bench.terms({ type: 'limit', limitPriceNanos });
      await bench.accepted(terms);
      await bench.harness.pass();
      const events = await watch.untilFilled(terms.orderId, 10);
      const prices = events.flatMap((event) => (event.kind === 'filled' ? [event.priceNanos] : []));
      assert(
        prices.length > 0 && prices.every((price) => price <= limitPriceNanos),
        'it paid more',
      );
    },
  },
  {
    number: 'A04',
    group: TYPES,
    title: 'a stop order waits for its price',
    claims: takesType('stop'),
    run: async (bench) => {
      const terms = bench.terms({ type: 'stop', stopPriceNanos: await bench.price(1.8) });
      await bench.accepted(terms);
      await bench.harness.pass();
      const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
      assert(found?.state === 'working', `it is ${found?.state}`);
    },
  },
  {
    number: 'A05',
    group: TYPES,
    title: 'a stop-limit order waits for its price',
    claims: takesType('stopLimit'),
    run: async (bench) => {
      const stopPriceNanos = await bench.price(1.8);
      const limitPriceNanos = await bench.price(1.9);
      const terms = bench.terms({ type: 'stopLimit', stopPriceNanos, limitPriceNanos });
      await bench.accepted(terms);
      await bench.harness.pass();
      const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
      assert(found?.state === 'working', `it is ${found?.state}`);
    },
  },
  {
    number: 'A06',
    group: TYPES,
    title: 'a stop that trails is taken, by an amount and by a fraction',
    claims: takesType('trailingStop'),
    run: async (bench) => {
      const trailNanos = priceNanos((await bench.price(0.5)) as number);
      for (const trail of [{ trailNanos }, { trailBps: 2_500 }]) {
        const terms = bench.terms({ type: 'trailingStop', ...trail });
        await bench.accepted(terms);
        await bench.harness.pass();
        const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
        assert(found?.state === 'working', `${JSON.stringify(trail)}: it is ${found?.state}`);
      }
    },
  },
  {
    number: 'A10',
    group: TIMES,
    title: 'a day order ends with the day, told as expired or cancelled',
    claims: takesTime('day'),
    abilities: ['endDay'],
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = await bench.resting({ timeInForce: 'day' });
      await bench.accepted(terms);
      await bench.harness.endDay();
      await watch.until(terms.orderId, (events) => events.some(isEnd));
    },
  },
  {
    number: 'A11',
    group: TIMES,
    title: 'an order good until cancelled outlives the day',
    claims: takesTime('gtc'),
    abilities: ['endDay'],
    run: async (bench) => {
      const terms = await bench.resting({ timeInForce: 'gtc' });
      await bench.accepted(terms);
      await bench.harness.endDay();
      const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
      assert(found?.state === 'working', `it is ${found?.state}`);
    },
  },
  {
    number: 'A12',
    group: TIMES,
    title: 'an immediate-or-cancel order that cannot fill ends by itself',
    claims: takesTime('ioc'),
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = await bench.resting({ timeInForce: 'ioc' });
      await bench.accepted(terms);
      await bench.harness.pass();
      const events = await watch.until(terms.orderId, (told) => told.some(isEnd));
      assert(filledOf(events) === 0, 'it was filled');
    },
  },
  {
    number: 'A13',
    group: TIMES,
    title: 'an order for the closing auction is taken and works',
    claims: takesTime('onClose'),
    run: async (bench) => {
      const terms = bench.terms({ timeInForce: 'onClose' });
      await bench.accepted(terms);
      const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
      assert(found?.state === 'working', `it is ${found?.state}`);
    },
  },
  {
    number: 'A14',
    group: TYPES,
    title: 'a fraction of a share is bought and held as it was asked for',
    abilities: ['fractions'],
    run: async (bench) => {
      const { venue, accountId, fractional: symbol = '' } = bench.harness;
      const watch = await bench.watch();
      const terms = bench.terms({ symbol, quantity: quantity(1_234) });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 1_234);
      const held = (await venue.account(accountId)).positions.find((one) => one.symbol === symbol);
      assert(held?.quantity === 1_234, `${held?.quantity} are held`);
    },
  },
  {
    number: 'A18',
    group: TYPES,
    title: 'an option is bought, held and sold by its contract',
    abilities: ['options'],
    run: async (bench) => {
      const { venue, accountId, option: symbol = '' } = bench.harness;
      const watch = await bench.watch();
      const held = async () =>
        (await venue.account(accountId)).positions.find((one) => one.symbol === symbol)?.quantity;
      const entry = bench.terms({ symbol, quantity: quantity(2) });
      await bench.accepted(entry);
      await bench.harness.pass();
      await watch.untilFilled(entry.orderId, 2);
      assert((await held()) === 2, `${await held()} contracts are held`);
      const exit = bench.terms({ symbol, quantity: quantity(2), side: 'sell', reducing: true });
      await bench.accepted(exit);
      await bench.harness.pass();
      await watch.untilFilled(exit.orderId, 2);
      assert((await held()) === undefined, `${await held()} contracts are left`);
    },
  },
  {
    number: 'A15',
    group: TIMES,
    title:
      'a limit order fills before the open where its account trades then; a market order waits',
    claims: takesType('limit'),
    abilities: ['extendedHours'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const watch = await bench.watch();
      await bench.harness.beforeOpen();
      const terms = bench.terms({ type: 'limit', limitPriceNanos: await bench.price(1.2) });
      const waiting = bench.terms();
      await bench.accepted(terms);
      await bench.accepted(waiting);
      for (const _ of [1, 2, 3]) await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 10);
      const found = await venue.find(accountId, waiting.orderId);
      assert(found?.state === 'working' && found.filledQuantity === 0, `it is ${found?.state}`);
    },
  },
  {
    number: 'A16',
    group: TYPES,
    title: 'a fraction of a share is not sold short: it is rejected, with the reason in words',
    abilities: ['fractions'],
    run: async (bench) => {
      const { fractional: symbol = '' } = bench.harness;
      const terms = bench.terms({ symbol, side: 'sell', quantity: quantity(500) });
      const answer = await bench.submit(terms);
      assert(answer.kind === 'rejected', `it was answered ${answer.kind}`);
      assert(answer.reason.length > 10, `the reason is '${answer.reason}'`);
    },
  },
  {
    number: 'A17',
    group: TIMES,
    title: 'an order for the opening auction is taken in the evening before, and works',
    claims: takesTime('onOpen'),
    abilities: ['endDay'],
    run: async (bench) => {
      await bench.harness.endDay();
      const terms = bench.terms({ timeInForce: 'onOpen' });
      await bench.accepted(terms);
      const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
      assert(found?.state === 'working', `it is ${found?.state}`);
    },
  },
  {
    number: 'A20',
    group: IDS,
    title: 'an id that is sent twice makes no second order',
    claims: {
      words: 'client order ids enforced',
      holds: ({ enforcesClientOrderId }) => enforcesClientOrderId,
    },
    run: async (bench) => {
      const terms = await bench.resting();
      const venueOrderId = await bench.accepted(terms);
      const again = await bench.submit(terms);
      const isSame = again.kind === 'accepted' && again.venueOrderId === venueOrderId;
      assert(isSame || again.kind === 'duplicate', `it was answered ${again.kind}`);
      const open = await bench.harness.venue.openOrders(bench.harness.accountId);
      assert(open.filter((one) => one.orderId === terms.orderId).length === 1, 'there are two');
    },
  },
  {
    number: 'A21',
    group: IDS,
    title: 'an order is found by its client id; an id that was never sent is not',
    claims: {
      words: 'orders found by client id',
      holds: ({ findsByClientOrderId }) => findsByClientOrderId,
    },
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const terms = await bench.resting();
      const venueOrderId = await bench.accepted(terms);
      const found = await venue.find(accountId, terms.orderId);
      assert(found?.venueOrderId === venueOrderId, 'it found another one');
      assert(found.orderId === terms.orderId && found.side === 'buy', 'it is told otherwise');
      assert(
        (await venue.find(accountId, bench.terms().orderId)) === undefined,
        'it found nothing',
      );
    },
  },
  {
    number: 'A22',
    group: IDS,
    title: 'an order that the venue does not take is rejected, with the reason in words',
    run: async (bench) => {
      const answer = await bench.submit(bench.terms({ symbol: UNKNOWN_SYMBOL }));
      assert(answer.kind === 'rejected', `it was answered ${answer.kind}`);
      assert(answer.reason.length > 10, `the reason is '${answer.reason}'`);
    },
  },
  {
    number: 'A23',
    group: IDS,
    title: 'an order beyond what the account can pay is rejected',
    abilities: ['refuseFunds'],
    run: async (bench) => {
      const answer = await bench.submit(await bench.resting({ quantity: quantity(50_000_000) }));
      assert(answer.kind === 'rejected', `it was answered ${answer.kind}`);
    },
  },
  {
    number: 'A30',
    group: ENDS,
    title: 'parts of an order are told one by one, and come to the whole',
    abilities: ['thinMarket'],
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = bench.terms();
      await bench.harness.trouble({ kind: 'thinMarket', units: 4 });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 4);
      await bench.harness.heal();
      for (const _ of [1, 2]) await bench.harness.pass();
      const events = await watch.untilFilled(terms.orderId, 10);
      assert(countOf(events, 'filled') > 1 && filledOf(events) === 10, 'they are not the whole');
    },
  },
  {
    number: 'A31',
    group: ENDS,
    title: 'a cancel of a working order is taken, and the end is told',
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = await bench.resting();
      await bench.accepted(terms);
      const answer = await bench.harness.venue.cancel(bench.harness.accountId, terms.orderId);
      assert(answer.kind === 'requested', `it was answered ${JSON.stringify(answer)}`);
      const events = await watch.untilKind(terms.orderId, 'cancelled');
      assert(filledOf(events) === 0, 'it was filled');
    },
  },
  {
    number: 'A32',
    group: ENDS,
    title: 'a cancel of what is filled, or was never there, is refused',
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const watch = await bench.watch();
      const terms = bench.terms();
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 10);
      for (const orderId of [terms.orderId, bench.terms().orderId]) {
        const answer = await venue.cancel(accountId, orderId);
        assert(answer.kind === 'rejected', `it was answered ${answer.kind}`);
      }
    },
  },
  {
    number: 'A33',
    group: ENDS,
    title: 'a fill that comes before the cancel counts, and the end is what truly was',
    abilities: ['fillRacesCancel'],
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = await bench.resting();
      await bench.accepted(terms);
      await bench.harness.trouble({ kind: 'fillRacesCancel' });
      await bench.harness.venue.cancel(bench.harness.accountId, terms.orderId);
      await bench.harness.pass();
      const events = await watch.untilFilled(terms.orderId, 10);
      assert(countOf(events, 'cancelled') === 0, 'it was told as cancelled');
    },
  },
  {
    number: 'A34',
    group: ENDS,
    title: 'a partly filled order that is cancelled keeps what was filled, told before its end',
    abilities: ['thinMarket'],
    run: async (bench) => {
      const watch = await bench.watch();
      const limitPriceNanos = await bench.price(1.1);
      const terms = bench.terms({ type: 'limit', limitPriceNanos, quantity: quantity(100) });
      await bench.harness.trouble({ kind: 'thinMarket', units: 3 });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 1);
      await bench.harness.venue.cancel(bench.harness.accountId, terms.orderId);
      const events = await watch.untilKind(terms.orderId, 'cancelled');
      const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
      assert(found?.filledQuantity === filledOf(events), `${filledOf(events)} were told as filled`);
      assert(events.at(-1)?.kind === 'cancelled', 'a fill was told after the end');
    },
  },
];

const isEnd = ({ kind }: VenueEvent): boolean => kind === 'expired' || kind === 'cancelled';
