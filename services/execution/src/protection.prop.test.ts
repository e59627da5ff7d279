import { isTerminal, type Order, priceNanos, quantity } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HOLDING, HoldingVenue } from './test-holding-venue.ts';
import type { Doing } from './test-venue.ts';
import { at, type Crash, KEY, terms, World } from './test-world.ts';

/** Something that happens to an account between two lives of its owner. */
type Happening =
  /** An entry of ten with a stop, a target or both, or with none. */
  | { readonly kind: 'enter'; readonly exits: 'both' | 'stop' | 'target' | 'none' }
  /** An order that closes a share of what is held by the books. */
  | { readonly kind: 'close'; readonly tenths: number }
  /** The price comes to an order that works at the venue: an entry, an exit, or what closes. */
  | { readonly kind: 'fill'; readonly which: number; readonly amount: number }
  /** An order ends at the venue, by hand or with the day. */
  | { readonly kind: 'end'; readonly which: number; readonly how: 'cancelled' | 'expired' }
  | { readonly kind: 'bar'; readonly low: number }
  | { readonly kind: 'doing'; readonly doing: Doing }
  | { readonly kind: 'venue'; readonly isDown: boolean }
  | { readonly kind: 'silence'; readonly isSilent: boolean }
  | { readonly kind: 'late'; readonly isLate: boolean }
  /** So many cancels to come get no answer. */
  | { readonly kind: 'flaky'; readonly calls: number }
  | { readonly kind: 'flatten' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('enter' as const),
      exits: fc.constantFrom('both' as const, 'both' as const, 'stop', 'target', 'none'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('close' as const),
      tenths: fc.integer({ min: 1, max: 10 }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      which: fc.nat(3),
      amount: fc.constantFrom(10, 10, 10, 1, 4, 7),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(3),
      how: fc.constantFrom('cancelled' as const, 'expired'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('bar' as const), low: fc.constantFrom(100, 100, 94) }),
  },
  fc.record({
    kind: fc.constant('doing' as const),
    doing: fc.constantFrom<Doing>('reject', 'unanswered', 'lost'),
  }),
  fc.record({ kind: fc.constant('venue' as const), isDown: fc.boolean() }),
  fc.record({ kind: fc.constant('silence' as const), isSilent: fc.boolean() }),
  fc.record({ kind: fc.constant('late' as const), isLate: fc.boolean() }),
  fc.record({ kind: fc.constant('flaky' as const), calls: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('flatten' as const) }),
);

const turn = fc.record({
  happening,
  crash: fc.option(
    fc.record({
      call: fc.integer({ min: 1, max: 16 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    { nil: undefined },
  ),
});

const dollars = (price: number) => priceNanos(price * 1_000_000_000);
const EXITS = {
  stop: { stopPriceNanos: dollars(95) },
  target: { takeProfitPriceNanos: dollars(110) },
  both: { stopPriceNanos: dollars(95), takeProfitPriceNanos: dollars(110) },
} as const;

/** What is done to a world whose venue holds what exits protect. */
class Story {
  readonly world = new World(new HoldingVenue());
  readonly #closings: string[] = [];
  #slices = 0;
  #commands = 0;
  #unanswered = 0;

  constructor(capabilities: HoldingVenue['capabilities']) {
    this.world.venue.capabilities = capabilities;
    this.world.onCall = (name) => {
      if (this.#unanswered === 0 || name !== 'venue.cancel') return;
      this.#unanswered -= 1;
      const { down } = this.world.venue;
      this.world.venue.down = true;
      queueMicrotask(() => {
        this.world.venue.down = down;
      });
    };
  }

  async tell(what: Happening): Promise<void> {
    const { venue } = this.world;
    switch (what.kind) {
      case 'enter':
        return await this.slice(100, (number) => {
          const exits = what.exits === 'none' ? {} : { exits: EXITS[what.exits] };
          return [terms(`enter-${number}`, { ...exits, ...this.#decided(number) })];
        });
      case 'close':
        return await this.#close(what.tenths);
      case 'bar':
        return await this.slice(what.low, () => []);
      case 'fill': {
        const placed = venue.working()[what.which];
        if (placed === undefined) return;
        const left = placed.terms.quantity - placed.filled;
        if (left > 0) venue.fill(placed.terms.orderId, Math.min(left, what.amount));
        return;
      }
      case 'end': {
        const placed = venue.working()[what.which];
        if (placed !== undefined) venue.end(placed.terms.orderId, what.how);
        return;
      }
      case 'doing':
        venue.doings.push(what.doing);
        return;
      case 'venue':
        venue.down = what.isDown;
        return;
      case 'silence':
        venue.silent = what.isSilent;
        return;
      case 'late':
        venue.isLate = what.isLate;
        if (!what.isLate) venue.catchUp();
        return;
      case 'flaky':
        this.#unanswered = what.calls;
        return;
      case 'flatten':
        return await this.flatten();
    }
  }

  readonly #decided = (number: number) => ({
    decidedAtUs: at(number),
    expiresAtUs: at(number + 1_000),
  });

  /** As risk does: no more is approved than is held by the books and not being closed. */
  async #close(tenths: number): Promise<void> {
    const ended = (await this.orders()).filter(({ state }) => isTerminal(state));
    const isOver = this.#closings.every((id) => ended.some(({ orderId }) => orderId === id));
    const [holding] = (await this.world.state()).holdings();
    if (!isOver || holding === undefined) return;
    const amount = Math.ceil((holding.quantity * tenths) / 10);
    await this.slice(100, (number) => [
      terms(this.#closing(number), {
        ...{ side: 'sell', reducing: true, quantity: quantity(amount) },
        ...this.#decided(number),
      }),
    ]);
  }

  #closing(number: number): string {
    const orderId = `close-${number}`;
    this.#closings.push(orderId);
    return orderId;
  }

  async slice(
    low: number,
    orders: (number: number) => Parameters<World['slice']>[1],
  ): Promise<void> {
    this.#slices += 1;
    const number = this.#slices;
    await this.world.bar(number, dollars(low));
    this.world.venue.nowUs = at(number);
    this.world.slice(number, orders(number));
  }

  async flatten(): Promise<void> {
    this.#commands += 1;
    await this.world.store.addCommand({
      ...{ commandId: `c${this.#commands}`, key: KEY, kind: 'Flatten', payload: '{}' },
      ...{ actor: 'ann', createdAtUs: this.world.clock.nowUs(), state: 'pending' },
    });
  }

  async run(crash?: Crash): Promise<void> {
    await this.world.run(crash);
    expect(this.world.venue.leastHeld).toBeGreaterThanOrEqual(0);
  }

  /** Everything is well again, time passes, and what closes at the market fills as it arrives. */
  async settle(): Promise<void> {
    const { venue } = this.world;
    this.#unanswered = 0;
    venue.down = false;
    venue.silent = false;
    venue.isLate = false;
    venue.catchUp();
    venue.doings.splice(0);
    for (const { terms: order, filled } of venue.working()) {
      const { orderId, leg, side, quantity: amount } = order;
      if (leg === 0 && side === 'sell') venue.fill(orderId, amount - filled);
      else if (leg === 0) venue.end(orderId);
    }
    venue.onSubmit = ({ orderId, leg, side, quantity: amount }) => {
      if (leg !== 0) return;
      queueMicrotask(() => {
        if (venue.placed(orderId)?.state !== 'working') return;
        if (side === 'sell') venue.fill(orderId, amount);
        else venue.end(orderId);
      });
    };
    for (let life = 0; life < 4; life += 1) await this.run();
    for (let hour = 0; hour < 2; hour += 1) {
      this.#slices += 60;
      await this.slice(100, () => []);
      await this.run();
    }
  }

  async orders(): Promise<readonly Order[]> {
    return await this.world.store.orders({ limit: 1_000 });
  }
}

/** What must be true once quiet: the books are the venue's, and one of guard and venue protects all that is to be protected. */
async function expectProtected(
  story: Story,
  placesLater: boolean,
): Promise<'venue' | 'guard' | 'none'> {
  const { venue } = story.world;
  expect(venue.doubled).toBe(0);
  const known = new Set((await story.orders()).map(({ orderId }) => orderId));
  expect(venue.arrivals.filter((orderId) => !known.has(orderId))).toEqual([]);
  const state = await story.world.state();
  const held = state.holdings().reduce((sum, one) => sum + one.quantity, 0);
  expect(held).toBe(venue.heldIn('SPY'));
  expect([state.releases, state.tasks, state.queue]).toEqual([[], [], []]);
  expect(state.cancels.size).toBe(0);
  const open = (await story.orders()).filter((order) => !isTerminal(order.state));
  const there = venue.working().map(({ terms: { orderId } }) => orderId);
  expect(open.map(({ orderId }) => orderId).sort()).toEqual(there.sort());
  const groups = new Map<string, number>();
  for (const { intentId, attempt, orderId } of open) {
    const placed = venue.placed(orderId);
    const left = placed === undefined ? 0 : placed.terms.quantity - placed.filled;
    groups.set(`${intentId}/${attempt}`, left);
  }
  const atVenue = [...groups.values()].reduce((sum, left) => sum + left, 0);
  const armed = state.guards.filter((guard) => guard.armed !== undefined);
  expect(armed.length).toBeLessThanOrEqual(1);
  const [guard] = armed;
  if (held === 0) expect([armed, atVenue]).toEqual([[], 0]);
  if (guard === undefined) {
    expect(atVenue === 0 || atVenue === held).toBe(true);
    return atVenue === 0 ? 'none' : 'venue';
  }
  expect(atVenue).toBe(guard.rests === true ? held : 0);
  if (placesLater) expect(guard.rests).toBe(true);
  return guard.rests === true ? 'venue' : 'guard';
}

it.each([
  ['and takes exits later', true],
  ['and takes none later', false],
] as const)(
  'a position is protected once and never turned, at a venue that holds what exits protect %s',
  async (_, exitsLater) => {
    const ends = { venue: 0, guard: 0, none: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(turn, { minLength: 4, maxLength: 16, size: 'max' }),
        async (turns) => {
          const story = new Story({ ...HOLDING, exitsLater });
          await story.tell({ kind: 'enter', exits: 'both' });
          await story.run();
          for (const { happening: what, crash } of turns) {
            await story.tell(what);
            await story.run(crash);
          }
          await story.settle();
          ends[await expectProtected(story, exitsLater)] += 1;
          await story.flatten();
          await story.settle();
          expect(story.world.venue.heldIn('SPY')).toBe(0);
          await expectProtected(story, exitsLater);
        },
      ),
      { numRuns: 60 },
    );
    expect(exitsLater ? ends.venue : ends.guard).toBeGreaterThan(5);
  },
  120_000,
);
