import { AppError, assert, quantity } from '@capstan/domain';
import type { VenueEvent } from '@capstan/ports';
import { countOf, filledOf } from './bench.ts';
import type { AcceptanceRow } from './row.ts';

/** Above what a page of any list of fills holds. */
const FILLS_OF_PAGES = 110;

const UNCLEAR = 'Unclear answers';
const EVENTS = 'Events';
const ACCOUNT = 'The account';
const ACCESS = 'Access and conditions';

export const TROUBLE_ROWS: readonly AcceptanceRow[] = [
  {
    number: 'A40',
    group: UNCLEAR,
    title: 'an answer that is lost after the order was placed is unclear, and the order is found',
    abilities: ['loseAnswer'],
    run: async (bench) => {
      const terms = await bench.resting();
      await bench.harness.trouble({ kind: 'loseAnswer' });
      await bench.unclear(() => bench.submit(terms));
      const found = await bench.harness.venue.find(bench.harness.accountId, terms.orderId);
      assert(found?.state === 'working', `it is ${found?.state}`);
    },
  },
  {
    number: 'A41',
    group: UNCLEAR,
    title: 'an order that is lost on its way is unclear, is not found, and can be sent again',
    abilities: ['loseSend'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const terms = await bench.resting();
      await bench.harness.trouble({ kind: 'loseSend' });
      await bench.unclear(() => bench.submit(terms));
      assert((await venue.find(accountId, terms.orderId)) === undefined, 'it is there');
      await bench.accepted(terms);
    },
  },
  {
    number: 'A42',
    group: UNCLEAR,
    title: 'a failure of the venue is unclear, never a rejection',
    abilities: ['failAnswer'],
    run: async (bench) => {
      await bench.harness.trouble({ kind: 'failAnswer' });
      const terms = await bench.resting();
      await bench.unclear(() => bench.submit(terms));
    },
  },
  {
    number: 'A43',
    group: UNCLEAR,
    title: 'an answer that takes too long is a time-out; the order is found if it was placed',
    abilities: ['slowAnswer'],
    run: async (bench) => {
      const terms = await bench.resting();
      await bench.harness.trouble({ kind: 'slowAnswer' });
      const code = await bench.unclear(() => bench.submit(terms));
      assert(code === 'VENUE.TIMEOUT', `it failed as ${code}`);
    },
  },
  {
    number: 'A44',
    group: UNCLEAR,
    title: 'being asked too often is unclear, and questions are asked again by themselves',
    abilities: ['tooOften'],
    run: async (bench) => {
      const terms = await bench.resting();
      await bench.harness.trouble({ kind: 'tooOften' });
      await bench.unclear(() => bench.submit(terms));
      await bench.harness.trouble({ kind: 'tooOften' });
      await bench.harness.venue.openOrders(bench.harness.accountId);
    },
  },
  {
    number: 'A45',
    group: UNCLEAR,
    title: 'an answer that cannot be read is unclear',
    abilities: ['cutAnswer'],
    run: async (bench) => {
      const terms = await bench.resting();
      await bench.harness.trouble({ kind: 'cutAnswer' });
      await bench.unclear(() => bench.submit(terms));
    },
  },
  {
    number: 'A46',
    group: UNCLEAR,
    title: 'an order that is not shown for a while after its send is found later',
    abilities: ['hideOrder'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const terms = await bench.resting();
      await bench.accepted(terms);
      await bench.harness.trouble({ kind: 'hideOrder' });
      assert(venue.capabilities.visibilityMs > 0, 'an absence counts at once');
      await bench.harness.heal();
      assert((await venue.find(accountId, terms.orderId)) !== undefined, 'it is not found');
    },
  },
  {
    number: 'A50',
    group: EVENTS,
    title: 'what happens while the stream is away is told when it is back',
    abilities: ['dropStream'],
    run: async (bench) => {
      const watch = await bench.watch();
      const first = await bench.resting();
      await bench.accepted(first);
      await watch.untilKind(first.orderId, 'accepted');
      await bench.harness.trouble({ kind: 'dropStream' });
      const terms = bench.terms();
      await bench.accepted(terms);
      await bench.harness.pass();
      const events = await watch.untilFilled(terms.orderId, 10);
      assert(filledOf(events) === 10 && countOf(events, 'accepted') === 1, 'it was told otherwise');
    },
  },
  {
    number: 'A51',
    group: EVENTS,
    title: 'a fill that the stream lost is found while it looks healthy',
    abilities: ['loseFill'],
    run: async (bench) => {
      const watch = await bench.watch();
      const terms = bench.terms();
      await bench.accepted(terms);
      await watch.untilKind(terms.orderId, 'accepted');
      await bench.harness.trouble({ kind: 'loseFill' });
      await bench.harness.pass();
      const events = await watch.untilFilled(terms.orderId, 10);
      assert(filledOf(events) === 10, `${filledOf(events)} were told`);
    },
  },
  {
    number: 'A52',
    group: EVENTS,
    title: 'what the stream says twice counts once',
    abilities: ['repeatFrames'],
    run: async (bench) => {
      const watch = await bench.watch();
      await bench.harness.trouble({ kind: 'repeatFrames' });
      const terms = bench.terms();
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 10);
      const last = await bench.resting();
      await bench.accepted(last);
      await watch.untilKind(last.orderId, 'accepted');
      const events = watch.events.filter((event) => event.orderId === terms.orderId);
      const amount = events.reduce(
        (sum, one) => sum + (one.kind === 'filled' ? one.quantity : 0),
        0,
      );
      assert(amount === 10 && countOf(events, 'accepted') === 1, `${amount} were told`);
    },
  },
  {
    number: 'A53',
    group: EVENTS,
    title: 'who opens the events again is told what came meanwhile, and what was filled once',
    run: async (bench) => {
      const before = await bench.watch();
      const terms = bench.terms();
      await bench.accepted(terms);
      await before.untilKind(terms.orderId, 'accepted');
      await before.close();
      await bench.harness.pass();
      const watch = await bench.watch(before, [terms]);
      const events = await watch.untilFilled(terms.orderId, 10);
      const all = [...before.events, ...events].filter((event) => event.orderId === terms.orderId);
      assert(filledOf(all) === 10, `${filledOf(all)} were told`);
      const sequences = watch.events.map(({ sequence }) => sequence);
      const isRising = sequences.every(
        (one, index) => one > (sequences[index - 1] ?? before.place.sequence),
      );
      assert(isRising, `the numbers ${sequences.join(', ')} do not rise`);
    },
  },
  {
    number: 'A54',
    group: EVENTS,
    title: "a trade of somebody else's order is told under an id that is none of ours",
    abilities: ['foreignOrder'],
    run: async (bench) => {
      const watch = await bench.watch();
      const own = await bench.resting();
      await bench.accepted(own);
      await watch.untilKind(own.orderId, 'accepted');
      await bench.harness.foreignOrder({ side: 'buy', quantity: quantity(7) });
      await bench.harness.pass();
      const other = await bench.harness.venue.openOrders(bench.harness.accountId);
      const ids = new Set(other.map(({ orderId }) => orderId));
      assert(ids.has(own.orderId), 'our own is not open');
      const isForeign = (event: VenueEvent) => event.orderId !== own.orderId;
      await watch.until('', () => filledOf(watch.events.filter(isForeign)) === 7);
    },
  },
  {
    number: 'A55',
    group: EVENTS,
    title: 'an order of ours that a person changes at the broker stays ours, by its new terms',
    abilities: ['amendOrder'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const watch = await bench.watch();
      const terms = await bench.resting();
      await bench.accepted(terms);
      await watch.untilKind(terms.orderId, 'accepted');
      const limit = await bench.price(0.4);
      await bench.harness.amend(terms.orderId, limit);
      const events = await watch.untilKind(terms.orderId, 'replaced');
      const told = events.find((event) => event.kind === 'replaced');
      assert(told?.kind === 'replaced' && told.limitPriceNanos === limit, 'told otherwise');
      const open = await venue.openOrders(accountId);
      assert(
        open.some((one) => one.orderId === terms.orderId),
        'it is not ours any more',
      );
      const answer = await venue.cancel(accountId, terms.orderId);
      assert(answer.kind === 'requested', `its cancel was answered ${JSON.stringify(answer)}`);
      await watch.untilKind(terms.orderId, 'cancelled');
    },
  },
  {
    number: 'A56',
    group: EVENTS,
    title: 'more fills than a page of a list holds are all told to who comes back',
    abilities: ['pages'],
    run: async (bench) => {
      const before = await bench.watch();
      const first = bench.terms({ quantity: quantity(1) });
      await bench.accepted(first);
      await before.untilKind(first.orderId, 'accepted');
      await before.close();
      const sent = [first];
      for (let count = 0; count < FILLS_OF_PAGES; count += 1) {
        const terms = bench.terms({ quantity: quantity(1) });
        await bench.accepted(terms);
        sent.push(terms);
      }
      await bench.harness.pass();
      const watch = await bench.watch(before, sent);
      for (const { orderId } of sent) await watch.untilFilled(orderId, 1);
      const total = filledOf(watch.events);
      assert(total === sent.length, `${total} were told`);
    },
  },
  {
    number: 'A57',
    group: EVENTS,
    title:
      "somebody else's order for an amount of money is told by its trade, and held by its shares",
    abilities: ['foreignOrder', 'fractions', 'pages'],
    run: async (bench) => {
      const { venue, accountId, fractional } = bench.harness;
      const watch = await bench.watch();
      const own = await bench.resting();
      await bench.accepted(own);
      await watch.untilKind(own.orderId, 'accepted');
      await bench.harness.foreignNotional(1_000);
      assert((await venue.openOrders(accountId)).length === 2, 'it is not open');
      for (const _ of [1, 2]) await bench.harness.pass();
      await watch.until('', (_) => watch.events.some((event) => event.kind === 'filled'));
      const told = filledOf(watch.events);
      const { positions } = await venue.account(accountId);
      const held = positions.find((one) => one.symbol === fractional)?.quantity ?? 0;
      assert(told > 0 && told === held, `${told} were told, ${held} are held`);
      const ids = new Set(watch.events.map((event) => event.orderId));
      assert(ids.size === 2, 'something else was told');
    },
  },
  {
    number: 'A60',
    group: ACCOUNT,
    title: 'cash and positions follow fills, and the state says which events it includes',
    run: async (bench) => {
      const { venue, accountId, symbol } = bench.harness;
      const watch = await bench.watch();
      const before = await venue.account(accountId);
      const terms = bench.terms();
      await bench.accepted(terms);
      await bench.harness.pass();
      const events = await watch.untilFilled(terms.orderId, 10);
      const after = await venue.account(accountId);
      const held = after.positions.find((one) => one.symbol === symbol);
      const heldBefore = before.positions.find((one) => one.symbol === symbol)?.quantity ?? 0;
      assert(held?.quantity === heldBefore + 10, `${held?.quantity} are held`);
      assert(after.cashMicros < before.cashMicros, 'the cash did not fall');
      assert(after.sequence >= (events.at(-1)?.sequence ?? 0), 'it includes less than was told');
    },
  },
  {
    number: 'A61',
    group: ACCOUNT,
    title: 'what is sold short is held as less than nothing',
    run: async (bench) => {
      const { venue, accountId, symbol } = bench.harness;
      const watch = await bench.watch();
      const terms = bench.terms({ side: 'sell' });
      await bench.accepted(terms);
      await bench.harness.pass();
      await watch.untilFilled(terms.orderId, 10);
      const { positions } = await venue.account(accountId);
      const held = positions.find((one) => one.symbol === symbol);
      assert(held?.quantity === -10, `${held?.quantity} are held`);
    },
  },
  {
    number: 'A62',
    group: ACCOUNT,
    title: 'cash that moves without a trade is told, each once, oldest first',
    claims: { words: 'activities', holds: ({ activities }) => activities !== 'none' },
    abilities: ['postCash'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const seen = (await venue.activities(accountId, '')).at(-1)?.activityId ?? '';
      await bench.harness.postCash();
      const [first, ...rest] = await venue.activities(accountId, seen);
      assert(first !== undefined && rest.length === 0, 'not one was told');
      const more = await venue.activities(accountId, first.activityId);
      assert(more.length === 0, 'it was told again');
    },
  },
  {
    number: 'A70',
    group: ACCESS,
    title:
      'keys that the venue does not take any more are named, place nothing, and are taken again',
    abilities: ['killKeys'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      const terms = await bench.resting();
      await bench.harness.trouble({ kind: 'killKeys' });
      const code = await venue.account(accountId).then(
        () => 'an answer',
        (error: unknown) => (error instanceof AppError ? error.code : 'another error'),
      );
      assert(code === 'VENUE.CREDENTIALS', `it failed as ${code}`);
      const answer = await bench.submit(terms);
      const isNoAccess = answer.kind === 'rejected' && answer.noAccess === true;
      assert(isNoAccess, `it was answered ${JSON.stringify(answer)}`);
      await bench.harness.heal();
      await venue.account(accountId);
      assert((await venue.find(accountId, terms.orderId)) === undefined, 'it was placed');
    },
  },
  {
    number: 'A73',
    group: ACCESS,
    title: 'events come by themselves once keys that were refused are taken again',
    abilities: ['killKeys'],
    run: async (bench) => {
      await bench.harness.trouble({ kind: 'killKeys' });
      const watch = await bench.watch();
      await bench.harness.venue.account(bench.harness.accountId).catch(() => undefined);
      await bench.harness.heal();
      const terms = await bench.resting();
      await bench.accepted(terms);
      await watch.untilKind(terms.orderId, 'accepted');
    },
  },
  {
    number: 'A71',
    group: ACCESS,
    title: 'the venue tells its time, also where that is off',
    abilities: ['clockOffset'],
    run: async (bench) => {
      const { venue } = bench.harness;
      const before = await venue.conditions?.();
      await bench.harness.trouble({ kind: 'clockOffset' });
      const after = await venue.conditions?.();
      assert(before !== undefined && after !== undefined, 'it tells no time');
      const offUs = Math.abs(after.nowUs - before.nowUs);
      assert(offUs > 60_000_000, `it is off by ${offUs} µs`);
    },
  },
  {
    number: 'A72',
    group: ACCESS,
    title: 'in a symbol that is halted nothing fills',
    abilities: ['halt'],
    run: async (bench) => {
      const { venue, accountId } = bench.harness;
      await bench.harness.trouble({ kind: 'halt' });
      const terms = bench.terms();
      const answer = await bench.submit(terms);
      if (answer.kind === 'rejected') return;
      await bench.harness.pass();
      const found = await venue.find(accountId, terms.orderId);
      assert(found?.filledQuantity === 0, `${found?.filledQuantity} were filled`);
    },
  },
];
