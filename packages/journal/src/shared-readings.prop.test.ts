import { hasCode, timeUs } from '@capstan/domain';
import type { BusMessage, Subscription } from '@capstan/ports';
import { drained, MemoryBus, subjectMatches, VirtualClock } from '@capstan/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SharedReadings } from './shared-readings.ts';

const STREAM = 'MARKET';
const SYMBOLS = ['A', 'B', 'C'] as const;
const READERS = 3;
const subjectOf = (symbol: string) => `market.bar.V.${symbol}.1m`;

type Step =
  | { readonly kind: 'publish'; readonly symbols: readonly string[] }
  | {
      readonly kind: 'open';
      readonly reader: number;
      readonly back: number;
      readonly filter: number;
    }
  | { readonly kind: 'read'; readonly reader: number }
  | { readonly kind: 'close'; readonly reader: number }
  | { readonly kind: 'drop'; readonly kept: number }
  | { readonly kind: 'recreate' };

const reader = fc.integer({ min: 0, max: READERS - 1 });
const read = fc.record({ kind: fc.constant('read' as const), reader });
const publish = fc.record({
  kind: fc.constant('publish' as const),
  symbols: fc.array(fc.constantFrom(...SYMBOLS), { minLength: 1, maxLength: 6 }),
});
const open = fc.record({
  kind: fc.constant('open' as const),
  reader,
  back: fc.integer({ min: 0, max: 20 }),
  filter: fc.integer({ min: 0, max: 3 }),
});
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: read },
    { weight: 5, arbitrary: publish },
    { weight: 3, arbitrary: open },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), reader }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('drop' as const),
        kept: fc.integer({ min: 0, max: 8 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'recreate' as const }) },
  ),
  { maxLength: 60 },
);

const FILTERS = [
  [subjectOf('A')],
  [subjectOf('B'), subjectOf('C')],
  ['market.bar.V.*.1m'],
  ['market.closed.*', subjectOf('C')],
] as const;

/** An owner's input: a place, what it is to hear from there, and what it has heard. */
class Hearer {
  readonly #world: World;
  readonly filters: readonly string[];
  #subscription: Subscription | undefined;
  #position: number;
  #epochUs = 0;
  #busy = false;
  readonly heard: string[] = [];
  readonly expected: string[] = [];

  constructor(world: World, filters: readonly string[], position: number) {
    this.#world = world;
    this.filters = filters;
    this.#position = position;
  }

  async open(): Promise<void> {
    const state = await this.#world.shared.streamState(STREAM);
    const isSame = this.#epochUs === 0 || this.#epochUs === state.epochUs;
    this.#epochUs = state.epochUs;
    // What is lost beyond is the journal's business.
    const first = state.firstSequence - 1;
    this.#position = isSame ? Math.max(this.#position, first) : first;
    this.expected.length = 0;
    this.heard.length = 0;
    this.expect(this.#world.log.filter((one) => one.sequence > this.#position));
    this.#subscription = await this.#world.shared.subscribe({
      stream: STREAM,
      filters: this.filters,
      afterSequence: this.#position,
      maxBatch: 2,
    });
  }

  expect(messages: readonly Pick<BusMessage, 'subject' | 'sequence'>[]): void {
    for (const { subject, sequence } of messages) {
      if (this.filters.some((filter) => subjectMatches(filter, subject)))
        this.expected.push(`${this.#world.epoch}/${sequence}`);
    }
  }

  /** Reads once, unless it is about to. */
  read(): void {
    if (this.#busy) return;
    this.#busy = true;
    void this.#read().finally(() => {
      this.#busy = false;
    });
  }

  async #read(): Promise<void> {
    try {
      for (const { data, sequence } of (await this.#subscription?.next()) ?? []) {
        this.heard.push(new TextDecoder().decode(data));
        this.#position = sequence;
      }
    } catch (error) {
      if (!hasCode(error, 'BUS.STREAM_CHANGED')) throw error;
      await this.#subscription?.close();
      await this.open();
    }
  }

  async close(): Promise<void> {
    await this.#subscription?.close();
  }
}

/** One stream, its readers, and what was ever published in its epoch. */
class World {
  readonly #bus = new MemoryBus(new VirtualClock(timeUs(1)));
  readonly shared = new SharedReadings(this.#bus, {
    stream: STREAM,
    filters: ['market.>'],
    messagesMax: 3,
  });
  readonly hearers: (Hearer | undefined)[] = [];
  log: { readonly subject: string; readonly sequence: number }[] = [];
  epoch = 1;
  #words = 0;

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'publish':
        for (const symbol of step.symbols) await this.#publish(subjectOf(symbol));
        return;
      case 'open': {
        await this.hearers[step.reader]?.close();
        const { lastSequence } = await this.#bus.streamState(STREAM);
        const filters = FILTERS[step.filter] ?? FILTERS[0];
        const hearer = new Hearer(this, filters, Math.max(0, lastSequence - step.back));
        this.hearers[step.reader] = hearer;
        return hearer.open();
      }
      case 'read':
        this.hearers[step.reader]?.read();
        return;
      case 'close':
        await this.hearers[step.reader]?.close();
        this.hearers[step.reader] = undefined;
        return;
      case 'drop': {
        const { lastSequence } = await this.#bus.streamState(STREAM);
        this.#bus.dropThrough(STREAM, lastSequence - step.kept);
        return;
      }
      case 'recreate':
        this.#bus.recreateStream(STREAM);
        this.epoch += 1;
        this.log = [];
        return;
    }
  }

  async #publish(subject: string): Promise<void> {
    this.#words += 1;
    const { lastSequence } = await this.#bus.streamState(STREAM);
    const sequence = lastSequence + 1;
    const data = new TextEncoder().encode(`${this.epoch}/${sequence}`);
    await this.#bus.publish([{ subject, data, headers: {}, messageId: String(this.#words) }]);
    this.log.push({ subject, sequence });
    for (const hearer of this.hearers) hearer?.expect([{ subject, sequence }]);
  }

  /** Lets everybody read until nothing more comes. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn += 1) {
      for (const hearer of this.hearers) hearer?.read();
      await drained();
    }
  }
}

it('hands each reader all that it wants after its place, once, in order, whoever else reads', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world = new World();
      for (const step of all) {
        await world.take(step);
        if (step.kind === 'read') await Promise.resolve();
        for (const hearer of world.hearers) {
          const known = hearer?.expected.slice(0, hearer.heard.length);
          // A reader that has not yet heard that the stream is another goes on with what was kept.
          const own = hearer?.heard.filter((one) => one.startsWith(`${world.epoch}/`)) ?? [];
          if (own.length === hearer?.heard.length) expect(hearer.heard).toEqual(known);
        }
      }
      await world.settle();
      for (const hearer of world.hearers) expect(hearer?.heard).toEqual(hearer?.expected);
    }),
    { numRuns: 3_000 },
  );
});
