import { deriveId, InstrumentBook, quantity, timeUs } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Amounts } from './amounts.ts';
import { Coverage } from './coverage.ts';
import { OrderStory } from './order-story.ts';
import type { FillRow, OrderRow } from './rows.ts';
import type { KnownOrder, StoryEvent } from './story-order.ts';

const amounts = new Amounts(new InstrumentBook([]));
const OURS = deriveId('order', 'one', 0, 1);
const at = (second: number): string => `2026-01-05T15:00:${String(second).padStart(2, '0')}.5Z`;

/** A row as Alpaca shows it after so many fills. */
function row(of: Partial<OrderRow> & Pick<OrderRow, 'status'>, second: number): OrderRow {
  return {
    id: 'v1',
    client_order_id: OURS,
    symbol: 'SPY',
    side: 'buy',
    qty: '20',
    filled_qty: '0',
    limit_price: '100.5',
    time_in_force: 'gtc',
    submitted_at: at(0),
    updated_at: at(second),
    ...of,
  };
}

const END_STATUS = ['filled', 'canceled', 'expired', 'new'] as const;

/** An order's life: the sizes of its fills, and how it ended. */
const life = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }),
  end: fc.constantFrom(...END_STATUS),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** All that Alpaca shows in the course of it: a row and a fill at each step. */
function shownBy({ sizes, end }: Life, venueOrderId = 'v1', clientOrderId = OURS) {
  const id = { id: venueOrderId, client_order_id: clientOrderId };
  const rows: OrderRow[] = [row({ ...id, status: 'new' }, 0)];
  const fills: FillRow[] = [];
  let through = 0;
  for (const [index, size] of sizes.entries()) {
    through += size;
    const second = index + 1;
    const filled_qty = String(through);
    rows.push(row({ ...id, status: 'partially_filled', filled_qty }, second));
    fills.push({
      ...{ id: `20260105::${venueOrderId}-u${index}`, order_id: venueOrderId, symbol: 'SPY' },
      ...{ side: 'buy', price: '100.25', qty: String(size), cum_qty: filled_qty },
      transaction_time: at(second),
    });
  }
  const second = sizes.length + 1;
  rows.push(
    row({ ...id, status: end, filled_qty: String(through), canceled_at: at(second) }, second),
  );
  return { rows, fills, total: through };
}

/** What a telling gives in any order, some of it twice; then all of it as a look over orders and fills finds it. */
function tellAll(story: OrderStory, shown: ReturnType<typeof shownBy>, order: readonly number[]) {
  const { rows, fills } = shown;
  const facts = [
    ...rows.map((one) => () => story.takeRow(one)),
    ...fills.map((fill, index) => () => {
      const shownThen = rows[index + 1];
      if (shownThen === undefined) return [];
      return story.takeUpdate(
        {
          event: 'partial_fill',
          execution_id: fill.id.split('::')[1],
          price: fill.price,
          qty: fill.qty,
          order: shownThen,
        },
        timeUs(5),
      );
    }),
    ...fills.map((fill) => () => story.takeFill(fill)),
  ];
  const events: StoryEvent[] = [];
  for (const index of order) events.push(...(facts[index % facts.length]?.() ?? []));
  const last = rows.at(-1);
  if (last !== undefined) events.push(...story.takeRow(last));
  for (const fill of fills) events.push(...story.takeFill(fill));
  return events;
}

const orders = fc.array(fc.nat(99), { maxLength: 20 });
const filledOf = (events: readonly StoryEvent[]): number =>
  events.reduce((sum, event) => sum + (event.kind === 'filled' ? event.quantity : 0), 0);

describe('the story of an order', () => {
  it('is told once and whole, whatever comes late, twice, or not by the stream', () => {
    fc.assert(
      fc.property(life, orders, (lived, order) => {
        const shown = shownBy(lived);
        const story = new OrderStory(amounts, []);
        const events = tellAll(story, shown, order);
        expect(filledOf(events)).toBe(shown.total);
        const kinds = events.map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
        const ends = kinds.filter((kind) => kind === 'cancelled' || kind === 'expired');
        expect(ends).toHaveLength(lived.end === 'canceled' || lived.end === 'expired' ? 1 : 0);
        if (ends.length > 0) expect(kinds.at(-1)).toBe(ends[0]);
        expect(new Set(events.map((event) => event.orderId))).toEqual(new Set([OURS]));
        expect(story.missingFills()).toEqual([]);
        const ids = events.flatMap((event) => ('executionId' in event ? [event.executionId] : []));
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 400 },
    );
  });

  it('goes on where another process left it: what was executed is not told again', () => {
    fc.assert(
      fc.property(life, orders, fc.nat(5), (lived, order, taken) => {
        const shown = shownBy(lived);
        const executed = lived.sizes.slice(0, taken).reduce((sum, size) => sum + size, 0);
        const known: KnownOrder = {
          ...{ orderId: OURS, venueOrderId: 'v1', quantity: quantity(20) },
          executed: quantity(executed),
        };
        const story = new OrderStory(amounts, [known]);
        // The first that a process sees is a row that shows at least what was executed.
        const last = shown.rows.at(-1);
        const first =
          last === undefined ? [] : story.takeRow({ ...last, status: 'new', updated_at: at(0) });
        const events = [...first, ...tellAll(story, shown, order)];
        expect(filledOf(events)).toBe(shown.total - executed);
        expect(events.filter(({ kind }) => kind === 'accepted')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("tells of somebody else's order its trades alone", () => {
    fc.assert(
      fc.property(life, orders, (lived, order) => {
        const shown = shownBy(lived, 'v9', '1f0e5ea4-7c1c-4b1f-9df0-3a7f4de2b8a1');
        const events = tellAll(new OrderStory(amounts, []), shown, order);
        expect(filledOf(events)).toBe(shown.total);
        expect(events.filter(({ kind }) => kind !== 'filled')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('an order that took the place of ours', () => {
  const first = row({ status: 'replaced', filled_qty: '4', replaced_by: 'v2' }, 2);
  const second = row(
    {
      id: 'v2',
      client_order_id: 'drawn',
      status: 'new',
      qty: '16',
      replaces: 'v1',
      limit_price: '101',
    },
    3,
  );

  it('is told as new terms of ours, its fills as ours, its end as ours', () => {
    const story = new OrderStory(amounts, []);
    const fill = { ...shownBy({ sizes: [4], end: 'new' }).fills[0], price: '100' } as FillRow;
    const told = [...story.takeRow(first), ...story.takeFill(fill)];
    expect(told.map(({ kind }) => kind)).toEqual(['accepted', 'filled']);
    expect(story.missingLinks()).toEqual(['v2']);
    expect(story.takeRow(second)).toMatchObject([
      { kind: 'replaced', orderId: OURS, count: 1, quantity: 20, limitPriceNanos: 101e9 },
    ]);
    expect(story.missingLinks()).toEqual([]);
    expect(story.takeRow({ ...second, status: 'canceled', updated_at: at(9) })).toMatchObject([
      { kind: 'cancelled', orderId: OURS },
    ]);
  });

  it('and was rejected leaves ours as it is', () => {
    const story = new OrderStory(amounts, []);
    story.takeRow({ ...first, status: 'new', filled_qty: '0', replaced_by: null });
    expect(story.takeRow({ ...second, status: 'rejected' })).toEqual([]);
    expect(story.open()).toEqual(['v1']);
  });

  it('is not told again where its terms are known', () => {
    const known = {
      orderId: OURS,
      venueOrderId: 'v1',
      executed: quantity(4),
      quantity: quantity(20),
    };
    const story = new OrderStory(amounts, [{ ...known, limitPriceNanos: 101e9 as never }]);
    expect([...story.takeRow(first), ...story.takeRow(second)]).toEqual([]);
  });
});

describe('what has ended long ago', () => {
  const us = (second: number): number => amounts.time(at(second)) ?? 0;
  const filled = { status: 'filled', filled_qty: '4', qty: '4' } as const;
  const [fill] = shownBy({ sizes: [4], end: 'new' }).fills as [FillRow];

  it('is let go once its fills are listed no more, and told again alike where it comes back', () => {
    const story = new OrderStory(amounts, []);
    const shown = () => [...story.takeRow(row(filled, 2)), ...story.takeFill(fill)];
    const told = shown();
    story.forget(us(2), us(9));
    expect([story.has(OURS), shown()]).toEqual([true, []]);
    story.forget(us(3), us(2));
    expect([story.has(OURS), shown()]).toEqual([true, []]);
    story.forget(us(3), us(3));
    expect([story.has(OURS), story.knows('v1'), story.missingFills()]).toEqual([false, false, []]);
    expect(shown()).toEqual(told);
  });

  it('is not what works, nor what misses fills', () => {
    const story = new OrderStory(amounts, []);
    story.takeRow(row({ status: 'new' }, 1));
    story.takeRow(row({ ...filled, id: 'v2', client_order_id: deriveId('order', 'two', 0, 1) }, 1));
    story.takeRow(row({ status: 'new', id: 'v3', client_order_id: 'of somebody else' }, 1));
    story.forget(us(5), us(5));
    expect(['v1', 'v2', 'v3'].map((id) => story.knows(id))).toEqual([true, true, false]);
  });
});

describe('words on a trade', () => {
  it('go by the id under which it was told, and are nothing where it was not', () => {
    const story = new OrderStory(amounts, []);
    const shown = shownBy({ sizes: [5], end: 'new' });
    tellAll(story, shown, []);
    const word = { execution_id: 'v1-u0', order: shown.rows[1] ?? row({ status: 'new' }, 1) };
    const bust = story.takeUpdate({ ...word, event: 'trade_bust' }, timeUs(9));
    expect(bust).toEqual([{ kind: 'busted', orderId: OURS, executionId: 'v1:5', eventAtUs: 9 }]);
    const correct = { ...word, event: 'trade_correct', qty: '3', price: '99.5' };
    expect(story.takeUpdate(correct, timeUs(9))).toMatchObject([
      { kind: 'corrected', executionId: 'v1:5', quantity: 3, priceNanos: 99.5e9 },
    ]);
    const strange = story.takeUpdate({ ...correct, execution_id: 'never' }, timeUs(9));
    expect(strange).toEqual([]);
  });
});

it('counts each unit once, however spans overlap', () => {
  const span = fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
      const coverage = new Coverage();
      const units = new Set<number>();
      for (const [from = 0, to = 0] of spans) {
        const before = units.size;
        for (let unit = from; unit < to; unit += 1) units.add(unit);
        expect(coverage.take(from, to)).toBe(units.size - before);
      }
      expect(coverage.total).toBe(units.size);
    }),
  );
});
