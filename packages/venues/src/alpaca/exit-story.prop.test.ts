import {
  EXIT_LEGS,
  InstrumentBook,
  type OrderTerms,
  orderId,
  parsePrice,
  quantity,
  timeUs,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Amounts } from './amounts.ts';
import { OrderStory } from './order-story.ts';
import type { FillRow, OrderRow } from './rows.ts';
import type { StoryEvent } from './story-order.ts';

const amounts = new Amounts(new InstrumentBook([]));
const idOf = (leg: number): string => orderId({ intentId: 'i', leg, attempt: 1 });
const at = (second: number): string => `2026-01-05T15:00:${String(second).padStart(2, '0')}.5Z`;
const STOP_PRICE = '90';
const TARGET_PRICE = '110';

/** How orders that hang together came out, as Alpaca shows it. */
const life = fc.record({
  kind: fc.constantFrom('bracket', 'stop alone', 'target alone', 'oco'),
  entry: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  entryEnd: fc.constantFrom('filled', 'canceled', 'new'),
  /** Which exit fills, as far as it does, and how the other one ends. */
  exit: fc.constantFrom('stop', 'target', 'none', 'cancelled'),
  otherEnd: fc.constantFrom('canceled', 'replaced'),
  isHeld: fc.boolean(),
  isNested: fc.boolean(),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** What a process can be shown of them, and what a look at them finds in the end. */
interface Shown {
  readonly terms: OrderTerms;
  readonly head: OrderRow;
  readonly rows: readonly OrderRow[];
  readonly fills: readonly { readonly fill: FillRow; readonly row: OrderRow }[];
  /** Exits that work in the end or did, by our ids, with how much they filled. */
  readonly exits: ReadonlyMap<string, number>;
  readonly entryFilled: number;
}

const termsOf = ({ kind, entry }: Life): OrderTerms => {
  const isPair = kind === 'oco';
  const stop = { stopPriceNanos: parsePrice(STOP_PRICE) };
  const target = { takeProfitPriceNanos: parsePrice(TARGET_PRICE) };
  const leg = isPair ? EXIT_LEGS.takeProfit : 0;
  return {
    ...{ orderId: idOf(leg), intentId: 'i', leg, attempt: 1, runId: 'live', accountId: 'main' },
    ...{ botId: 'b', symbol: 'SPY', side: isPair ? 'sell' : 'buy', reducing: isPair },
    ...{ type: isPair ? 'limit' : 'market', timeInForce: 'gtc' },
    quantity: quantity(entry.reduce((sum, one) => sum + one, 0)),
    exits: {
      ...(kind === 'target alone' ? {} : stop),
      ...(kind === 'bracket' || kind === 'target alone' ? target : {}),
    },
    ...{ decidedAtUs: timeUs(1), expiresAtUs: timeUs(2) },
  };
};

function shownBy(lived: Life): Shown {
  const { kind, entry, entryEnd, exit, otherEnd, isHeld, isNested } = lived;
  const terms = termsOf(lived);
  const isPair = kind === 'oco';
  const orderClass = kind.endsWith('alone') ? 'oto' : kind;
  const whole = terms.quantity;
  const base = {
    ...{ order_class: orderClass, symbol: 'SPY', qty: String(whole), filled_qty: '0' },
    ...{ time_in_force: 'gtc', created_at: at(0), submitted_at: at(0) },
  };
  const headBase = {
    ...base,
    ...{ id: 'v-head', client_order_id: terms.orderId, side: terms.side, type: terms.type },
    ...(isPair ? { limit_price: TARGET_PRICE } : {}),
  };
  const legBase = (name: 'stop' | 'target') => ({
    ...base,
    ...{ id: `v-${name}`, client_order_id: `drawn-${name}`, side: 'sell' },
    ...(name === 'stop'
      ? { type: 'stop', stop_price: STOP_PRICE }
      : { type: 'limit', limit_price: TARGET_PRICE }),
  });
  const rows: OrderRow[] = [];
  const fills: Shown['fills'][number][] = [];
  const fill = (row: OrderRow, size: number, second: number) =>
    fills.push({
      row,
      fill: {
        ...{ id: `x::${row.id}-${second}`, order_id: row.id, symbol: 'SPY', side: 'sell' },
        ...{ price: '100', qty: String(size), cum_qty: row.filled_qty ?? '' },
        transaction_time: at(second),
      },
    });
  rows.push({ ...headBase, status: 'new', updated_at: at(0) });
  let filled = 0;
  // Of a pair the take-profit is the head: it fills as the exit that it is.
  const sizes = isPair ? [] : entryEnd === 'filled' ? entry : entry.slice(1);
  for (const [index, size] of sizes.entries()) {
    filled += size;
    const isAll = filled === whole;
    const row = {
      ...headBase,
      ...{ status: isAll ? 'filled' : 'partially_filled', filled_qty: String(filled) },
      updated_at: at(index + 1),
    };
    rows.push(row);
    fill(row, size, index + 1);
  }
  if (!isPair && entryEnd !== 'filled') {
    rows.push({
      ...headBase,
      ...{ status: entryEnd === 'new' && filled > 0 ? 'partially_filled' : entryEnd },
      ...{ filled_qty: String(filled), updated_at: at(9) },
    });
  }
  const names = (['stop', 'target'] as const).filter((name) =>
    isPair ? name === 'stop' : kind !== `${name === 'stop' ? 'target' : 'stop'} alone`,
  );
  const works = isPair || entryEnd === 'filled';
  const exits = new Map<string, number>();
  const legs = names.map((name): OrderRow => {
    const leg = legBase(name);
    rows.push({ ...leg, status: 'held', updated_at: at(0) });
    const ends = !works && entryEnd === 'canceled';
    if (!works)
      return { ...leg, status: ends ? 'canceled' : 'held', updated_at: at(ends ? 10 : 0) };
    const orderIdOf = idOf(name === 'stop' ? EXIT_LEGS.stop : EXIT_LEGS.takeProfit);
    const status = name === 'stop' && isHeld && kind !== 'stop alone' ? 'held' : 'new';
    rows.push({ ...leg, status, updated_at: at(11) });
    exits.set(orderIdOf, 0);
    const last = lastOf(lived, name, whole, orderClass === 'oto');
    exits.set(orderIdOf, last.filled);
    const replaced = last.status === 'replaced' ? { replaced_by: 'v-stop' } : {};
    const took = name === 'stop' && exit === 'stop' && otherEnd === 'replaced' && names.length > 1;
    const end = {
      ...{ ...leg, ...replaced, status: last.status ?? status, filled_qty: String(last.filled) },
      ...(took ? { replaces: 'v-target' } : {}),
      updated_at: at(20),
    };
    rows.push(end);
    if (last.filled > 0) fill(end, last.filled, 20);
    return end;
  });
  const end = lastOf(lived, 'target', whole, false);
  if (isPair) {
    const pairEnd = end.status === 'replaced' ? 'canceled' : (end.status ?? 'new');
    const row = {
      ...headBase,
      ...{ status: pairEnd, filled_qty: String(end.filled), updated_at: at(20) },
    };
    rows.push(row);
    if (end.filled > 0) fill(row, end.filled, 20);
    filled = end.filled;
  }
  const head = { ...(rows.findLast(({ id }) => id === 'v-head') as OrderRow), legs };
  if (isNested) rows.push({ ...head, updated_at: at(20) });
  return { terms, head, rows, fills, exits, entryFilled: filled };
}

/** How an exit of a filled entry came out. */
function lastOf(
  { exit, otherEnd }: Life,
  name: 'stop' | 'target',
  whole: number,
  isAlone: boolean,
): { readonly status: string | undefined; readonly filled: number } {
  const by = isAlone && exit !== 'none' && exit !== 'cancelled' ? name : exit;
  if (by === 'none') return { status: undefined, filled: 0 };
  if (by === 'cancelled') return { status: 'canceled', filled: 0 };
  if (by === name) return { status: 'filled', filled: whole };
  return { status: name === 'target' ? otherEnd : 'canceled', filled: 0 };
}

/** Finds out what the story wants, as a look does. */
function settle(story: OrderStory, { head, terms }: Shown): readonly StoryEvent[] {
  const events: StoryEvent[] = [];
  const asked = new Set<string>();
  for (;;) {
    const wants = [...story.wants(), ...story.unopened()];
    const next = wants.find(({ kind, id }) => !asked.has(`${kind} ${id}`));
    if (next === undefined) return events;
    asked.add(`${next.kind} ${next.id}`);
    if (next.kind === 'terms') events.push(...story.learn(next.id, terms));
    else if (next.kind === 'family') events.push(...story.takeHead(head));
    else events.push(...story.takeRow(head));
  }
}

function tellAll(story: OrderStory, shown: Shown, order: readonly number[]) {
  const { rows, fills, terms } = shown;
  const facts = [
    ...rows.map((one) => () => story.takeRow(one)),
    ...fills.map(({ fill, row }) => () => {
      const { price, qty } = fill;
      const said = { event: 'fill', execution_id: fill.id.split('::')[1], price, qty, order: row };
      return story.takeUpdate(said, timeUs(5));
    }),
    ...fills.map(
      ({ fill }) =>
        () =>
          story.takeFill(fill),
    ),
    () => settle(story, shown),
    () => story.learn(terms.orderId, terms),
  ];
  const events: StoryEvent[] = [];
  for (const index of order) events.push(...(facts[index % facts.length]?.() ?? []));
  // A look finds each order as it is by then.
  const last = new Map(rows.map((row) => [row.id, row]));
  for (const row of last.values()) events.push(...story.takeRow(row));
  events.push(...settle(story, shown));
  for (const { fill } of fills) events.push(...story.takeFill(fill));
  events.push(...settle(story, shown));
  return events;
}

const orders = fc.array(fc.nat(999), { maxLength: 30 });
const filledOf = (events: readonly StoryEvent[], id: string): number =>
  events.reduce(
    (sum, one) => sum + (one.kind === 'filled' && one.orderId === id ? one.quantity : 0),
    0,
  );

describe('the story of orders that hang together', () => {
  it('is told whole and once, all of an entry before its exits, and nothing of it as a stranger’s', () => {
    fc.assert(
      fc.property(life, orders, (lived, order) => {
        const shown = shownBy(lived);
        const { terms, exits } = shown;
        const story = new OrderStory(amounts, []);
        const events = tellAll(story, shown, order);
        const ids = new Set(events.map((event) => event.orderId));
        expect([...ids].sort()).toEqual([...new Set([terms.orderId, ...exits.keys()])].sort());
        expect(filledOf(events, terms.orderId)).toBe(shown.entryFilled);
        for (const [id, filled] of exits) {
          expect(filledOf(events, id)).toBe(filled);
          const own = events.filter((event) => event.orderId === id);
          expect(own[0]).toMatchObject({
            kind: 'accepted',
            exit: {
              parentOrderId: terms.orderId,
              terms: { orderId: id, quantity: terms.quantity },
            },
          });
          expect(own.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
          const ends = own.filter(({ kind }) => kind === 'cancelled' || kind === 'expired');
          const isOver = lived.exit !== 'none' && filled === 0;
          expect(ends).toHaveLength(isOver ? 1 : 0);
          if (isOver) expect(own.at(-1)).toBe(ends[0]);
        }
        if (lived.kind !== 'oco') {
          const firstExit = events.findIndex((event) => event.orderId !== terms.orderId);
          const after = firstExit < 0 ? [] : events.slice(firstExit);
          expect(after.filter((event) => event.orderId === terms.orderId)).toEqual([]);
        }
        expect(story.wants()).toEqual([]);
        expect(story.missingFills()).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it('goes on where another process left it: exits that were told are not told again as made', () => {
    fc.assert(
      fc.property(life, orders, (lived, order) => {
        const shown = shownBy(lived);
        const { terms, exits } = shown;
        if (exits.size === 0 || lived.kind === 'oco') return;
        const known = [...exits.keys()].map((id) => {
          const leg = id === idOf(EXIT_LEGS.stop) ? EXIT_LEGS.stop : EXIT_LEGS.takeProfit;
          const venueOrderId = leg === EXIT_LEGS.stop ? 'v-stop' : 'v-target';
          const own = { ...terms, orderId: id, leg, venueOrderId, executed: quantity(0) };
          return { ...own, terms: own };
        });
        const story = new OrderStory(amounts, known);
        const executed = quantity(shown.entryFilled);
        story.recall({ ...terms, venueOrderId: 'v-head', executed, terms });
        // The first that a process sees shows at least what was executed.
        const events = [...story.takeHead(shown.head), ...tellAll(story, shown, order)];
        expect(events.filter(({ kind }) => kind === 'accepted')).toEqual([]);
        for (const [id, filled] of exits) expect(filledOf(events, id)).toBe(filled);
        expect(filledOf(events, terms.orderId)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('tells of somebody else’s bracket its trades alone, under the ids that they have there', () => {
    fc.assert(
      fc.property(life, orders, (lived, order) => {
        const made = shownBy(lived);
        const strange = (row: OrderRow): OrderRow =>
          row.id === 'v-head' ? { ...row, client_order_id: 'a person' } : row;
        const shown = {
          ...made,
          head: strange(made.head),
          rows: made.rows.map(strange),
          fills: made.fills.map((one) => ({ ...one, row: strange(one.row) })),
        };
        const events = tellAll(new OrderStory(amounts, []), shown, order);
        const total = made.fills.reduce((sum, { fill }) => sum + Number(fill.qty), 0);
        const told = events.reduce(
          (sum, one) => sum + (one.kind === 'filled' ? one.quantity : 0),
          0,
        );
        expect(told).toBe(total);
        expect(events.filter(({ kind }) => kind !== 'filled')).toEqual([]);
        const names = ['a person', 'drawn-stop', 'drawn-target'];
        expect(events.every((event) => names.includes(event.orderId))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a stop and a take-profit of a filled entry', () => {
  const lived: Life = {
    ...{ kind: 'bracket', entry: [10], entryEnd: 'filled', exit: 'none', otherEnd: 'canceled' },
    ...{ isHeld: true, isNested: true },
  };
  const [stop, target] = [idOf(EXIT_LEGS.stop), idOf(EXIT_LEGS.takeProfit)];
  const begun = () => {
    const story = new OrderStory(amounts, []);
    const shown = shownBy(lived);
    tellAll(story, shown, []);
    const legs = new Map(shown.head.legs?.map((leg) => [leg.id, leg]));
    const row = (id: string, of: Partial<OrderRow>): OrderRow => {
      const leg = legs.get(id);
      if (leg === undefined) throw new Error(`no ${id}`);
      return { ...leg, ...of, updated_at: at(30) };
    };
    return { story, row };
  };

  it('share what is held: what one fills the other loses, and ends without it', () => {
    const { story, row } = begun();
    const parted = row('v-target', { status: 'partially_filled', filled_qty: '4' });
    const of = { price: '110', symbol: 'SPY', side: 'sell', transaction_time: at(30) };
    story.takeRow(parted);
    story.takeFill({ ...of, id: 'x::a', order_id: 'v-target', qty: '4', cum_qty: '4' });
    const told = [
      ...story.takeRow(row('v-stop', { status: 'filled', qty: '6', filled_qty: '6' })),
      ...story.takeFill({ ...of, id: 'x::b', order_id: 'v-stop', qty: '6', cum_qty: '6' }),
    ];
    expect(told).toMatchObject([
      { kind: 'filled', orderId: stop, quantity: 6 },
      { kind: 'cancelled', orderId: stop },
    ]);
  });

  it('are not asked for one by one while the one is listed for which the other is held', () => {
    const { story } = begun();
    expect(story.open(new Set(['v-target']))).toEqual([]);
    expect(story.open()).toEqual(['v-stop', 'v-target']);
  });

  it('end by each other, which the stream does not tell', () => {
    const { story, row } = begun();
    expect(story.hasLooseEnds()).toBe(false);
    expect(story.takeRow(row('v-target', { status: 'canceled' }))).toMatchObject([
      { kind: 'cancelled', orderId: target },
    ]);
    expect(story.hasLooseEnds()).toBe(true);
    expect(story.takeRow(row('v-stop', { status: 'canceled' }))).toMatchObject([
      { kind: 'cancelled', orderId: stop },
    ]);
    expect(story.hasLooseEnds()).toBe(false);
  });

  it('end by each other also where one took the place of the other, seen first after a restart', () => {
    const terms = termsOf(lived);
    const known = [stop, target].map((id, index) => {
      const leg = index === 0 ? EXIT_LEGS.stop : EXIT_LEGS.takeProfit;
      const own = { ...terms, orderId: id, leg, venueOrderId: index === 0 ? 'v-stop' : 'v-target' };
      return { ...own, executed: quantity(0), terms: own };
    });
    const { row } = begun();
    const story = new OrderStory(amounts, known);
    const gone = row('v-target', { status: 'replaced', replaced_by: 'v-stop' });
    expect(story.takeRow(gone)).toEqual([]);
    expect(story.missingLinks()).toEqual(['v-stop']);
    const triggered = row('v-stop', { status: 'new', replaces: 'v-target' });
    expect(story.takeRow(triggered)).toMatchObject([{ kind: 'cancelled', orderId: target }]);
    expect(story.open()).toEqual(['v-stop']);
  });
});
