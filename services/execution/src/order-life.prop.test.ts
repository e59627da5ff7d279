import { isTerminal, type Order, priceNanos, quantity } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CAREFUL, type Doing } from './test-venue.ts';
import { at, KEY, terms, World } from './test-world.ts';

/** Something that happens to an account between two lives of its owner. */
type Happening =
  | { readonly kind: 'slice'; readonly orders: number; readonly cancels: number }
  | { readonly kind: 'fill'; readonly which: number; readonly amount: number }
  | { readonly kind: 'bust'; readonly which: number }
  | { readonly kind: 'doing'; readonly doing: Doing }
  | { readonly kind: 'venue'; readonly isDown: boolean }
  /** So many cancels and replaces to come get no answer. */
  | { readonly kind: 'flaky'; readonly calls: number }
  | { readonly kind: 'silence'; readonly isSilent: boolean }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'replace'; readonly which: number; readonly amount: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('slice' as const),
      orders: fc.nat(2),
      cancels: fc.nat(2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      which: fc.nat(9),
      amount: fc.integer({ min: 1, max: 10 }),
    }),
  },
  fc.record({ kind: fc.constant('bust' as const), which: fc.nat(9) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('doing' as const),
      doing: fc.constantFrom<Doing>('reject', 'unanswered', 'lost', 'fillFirst'),
    }),
  },
  fc.record({ kind: fc.constant('venue' as const), isDown: fc.boolean() }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('flaky' as const),
      calls: fc.integer({ min: 1, max: 4 }),
    }),
  },
  fc.record({ kind: fc.constant('silence' as const), isSilent: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
  fc.record({ kind: fc.constant('flatten' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('replace' as const),
      which: fc.nat(9),
      amount: fc.integer({ min: 1, max: 10 }),
    }),
  },
);

/** A happening, and where the life of the owner that meets it ends, if it does. */
const turn = fc.record({
  happening,
  crash: fc.option(
    fc.record({
      call: fc.integer({ min: 1, max: 14 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    { nil: undefined },
  ),
});

/** What is done to a world, and what the venue was made to do by hand. */
class Story {
  readonly world = new World();
  readonly orderIds: string[] = [];
  /** Orders that somebody wanted gone. */
  readonly unwanted = new Set<string>();
  readonly #busted = new Set<string>();
  #slices = 0;
  #commands = 0;
  #unanswered = 0;

  constructor(capabilities: World['venue']['capabilities']) {
    this.world.venue.capabilities = capabilities;
    this.world.venue.nowUs = at(0);
    this.world.onCall = (name) => {
      if (this.#unanswered === 0 || (name !== 'venue.cancel' && name !== 'venue.replace')) return;
      this.#unanswered -= 1;
      const { down } = this.world.venue;
      this.world.venue.down = true;
      queueMicrotask(() => {
        this.world.venue.down = down;
      });
    };
  }

  get slices(): number {
    return this.#slices;
  }

  async tell(what: Happening): Promise<void> {
    const { venue } = this.world;
    switch (what.kind) {
      case 'slice':
        return await this.#slice(what.orders, what.cancels);
      case 'fill':
        return this.#fill(this.orderIds[what.which], what.amount);
      case 'bust':
        return this.#bust(what.which);
      case 'doing':
        venue.doings.push(what.doing);
        return;
      case 'venue':
        venue.down = what.isDown;
        return;
      case 'flaky':
        this.#unanswered = what.calls;
        return;
      case 'silence':
        venue.silent = what.isSilent;
        return;
      case 'cancel':
        for (const order of await this.orders()) this.unwanted.add(order.orderId);
        return await this.command('CancelOrders', {});
      case 'flatten':
        return await this.command('Flatten', {});
      case 'replace': {
        const orderId = this.orderIds[what.which] ?? 'nobody';
        return await this.command('ReplaceOrder', { orderId, quantity: what.amount });
      }
    }
  }

  /** The last close, a little above every limit, so that what waits is worth another price. */
  async #close(): Promise<void> {
    const close = priceNanos(100_000_000_000 + this.#slices * 50_000_000);
    await this.world.bar(this.#slices, close);
  }

  async #slice(count: number, cancels: number): Promise<void> {
    this.#slices += 1;
    await this.#close();
    const decidedAtUs = at(this.#slices);
    this.world.venue.nowUs = decidedAtUs;
    const fresh = Array.from({ length: count }, (_, index) => `o${this.#slices}-${index}`);
    const orders = fresh.map((orderId) =>
      terms(orderId, {
        ...{ type: 'limit', limitPriceNanos: priceNanos(100_000_000_000), timeInForce: 'gtc' },
        ...{ decidedAtUs, expiresAtUs: at(this.#slices + 1_000) },
      }),
    );
    const cancelOrderIds = this.orderIds.slice(0, cancels);
    for (const orderId of cancelOrderIds) this.unwanted.add(orderId);
    this.world.slice(this.#slices, orders, { cancelOrderIds });
    this.orderIds.push(...fresh);
  }

  /** Fills what works of an order, never more than is left. */
  #fill(orderId: string | undefined, amount: number): void {
    const placed = orderId === undefined ? undefined : this.world.venue.placed(orderId);
    if (orderId === undefined || placed?.state !== 'working') return;
    const left = placed.terms.quantity - placed.filled;
    if (left > 0) this.world.venue.fill(orderId, Math.min(left, amount));
  }

  #bust(which: number): void {
    const fills = this.world.venue.events.filter((event) => event.kind === 'filled');
    const fill = fills[which];
    if (fill === undefined || this.#busted.has(fill.executionId)) return;
    this.#busted.add(fill.executionId);
    const { orderId, executionId } = fill;
    this.world.venue.emit({ kind: 'busted', orderId, executionId });
  }

  async command(kind: string, payload: object): Promise<void> {
    this.#commands += 1;
    await this.world.store.addCommand({
      ...{ commandId: `c${this.#commands}`, key: KEY, kind, payload: JSON.stringify(payload) },
      ...{ actor: 'ann', createdAtUs: this.world.clock.nowUs(), state: 'pending' },
    });
  }

  /** Everything is well again, and what flattens fills as it arrives. */
  async settle(): Promise<void> {
    const { venue } = this.world;
    this.#unanswered = 0;
    venue.down = false;
    venue.silent = false;
    venue.doings.splice(0);
    venue.onSubmit = (order) => {
      if (order.reducing) queueMicrotask(() => venue.fill(order.orderId, order.quantity));
    };
    for (let life = 0; life < 3; life += 1) expect((await this.world.run()).kind).toBe('idle');
  }

  async orders(): Promise<readonly Order[]> {
    return await this.world.store.orders({ limit: 1_000 });
  }
}

/** What must be true once quiet, whatever happened. */
async function expectSound(story: Story): Promise<void> {
  const { world } = story;
  const { venue } = world;
  expect(venue.doubled).toBe(0);
  expect(await world.store.pendingCommands(KEY)).toEqual([]);
  const done = [...new Set(await world.done())];
  expect(done).toEqual(Array.from({ length: story.slices }, (_, index) => index + 1));
  const fills = await world.store.fillsAfter('paper', 0, 10_000);
  expect(fills.map((fill) => fill.accountSequence)).toEqual(fills.map((_, index) => index + 1));
  const told = venue.events.filter((event) => event.kind === 'filled');
  const executions = fills.filter((fill) => fill.kind === 'fill').map((fill) => fill.fillId);
  expect(executions).toEqual(told.map((event) => event.executionId));
  for (const order of await story.orders()) {
    const placed = venue.placed(order.orderId);
    expect(['submitting', 'unknown', 'replacing', 'cancelling']).not.toContain(order.state);
    if (placed === undefined) {
      expect(isTerminal(order.state)).toBe(true);
      continue;
    }
    const works = !isTerminal(order.state);
    expect(works && story.unwanted.has(order.orderId)).toBe(false);
    expect(works ? 'working' : order.state).toBe(placed.state);
    expect(order.executedQuantity ?? order.filledQuantity).toBe(placed.filled);
    expect(order.quantity).toBe(placed.terms.quantity);
  }
}

const PROFILES = [
  CAREFUL,
  { ...CAREFUL, enforcesClientOrderId: false },
  { ...CAREFUL, batchSubmitMax: 8 },
];

it('ends as the venue says, nothing lost or doubled, whatever happens and wherever its owners die', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PROFILES),
      fc.array(turn, { minLength: 4, maxLength: 16, size: 'max' }),
      async (capabilities, turns) => {
        const story = new Story(capabilities);
        for (const { happening: what, crash } of turns) {
          await story.tell(what);
          await story.world.run(crash);
        }
        await story.settle();
        await expectSound(story);
        await story.command('Flatten', {});
        await story.settle();
        await expectSound(story);
        const fills = await story.world.store.fillsAfter('paper', 0, 10_000);
        const busts = new Set(fills.map((fill) => fill.refersTo));
        const standing = fills.filter((fill) => fill.kind === 'fill' && !busts.has(fill.fillId));
        const held = standing.reduce(
          (sum, fill) => sum + (fill.side === 'buy' ? fill.quantity : -fill.quantity),
          0,
        );
        expect(held).toBe(0);
        expect((await story.orders()).filter((order) => !isTerminal(order.state))).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);

it('fills no more of an intent than was approved, over all of its attempts', async () => {
  let attemptsMost = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('reprice' as const, 'market' as const),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 20 }),
      async (action, fills, call) => {
        const story = new Story({ ...CAREFUL, replaces: false });
        const { world } = story;
        const rule = { action, afterUs: 60_000_000, collarBps: 500, repricesMax: 3 };
        world.settings = { ...world.settings, unfilledOf: () => rule };
        await story.tell({ kind: 'slice', orders: 1, cancels: 0 });
        await world.run();
        for (const amount of fills) {
          await story.tell({ kind: 'slice', orders: 0, cancels: 0 });
          const [last] = await story.orders();
          const placed = last === undefined ? undefined : world.venue.placed(last.orderId);
          const left = placed === undefined ? 0 : placed.terms.quantity - placed.filled;
          if (last !== undefined && placed?.state === 'working' && left > 0 && amount > 0) {
            world.venue.fill(last.orderId, Math.min(left, amount));
          }
          await world.run({ call, when: 'after' });
        }
        await story.settle();
        await expectSound(story);
        const attempts = await story.orders();
        attemptsMost = Math.max(attemptsMost, attempts.length);
        const total = attempts.reduce((sum, order) => sum + order.filledQuantity, 0);
        expect(total).toBeLessThanOrEqual(quantity(10));
        const open = attempts.filter((order) => !isTerminal(order.state));
        expect(open.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 40 },
  );
  expect(attemptsMost).toBeGreaterThan(1);
}, 120_000);
