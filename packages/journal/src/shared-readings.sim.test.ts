import { AppError } from '@capstan/domain';
import type { Bus, BusMessage, OutboxMessage, Store, Subscription } from '@capstan/ports';
import { drained, portErrors, Random } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { away, HandProducer, JournalWorld, textOf, withMethods } from './journal.test-support.ts';
import type { OwnerLogic } from './owner.ts';
import { KeyedOwner } from './owner.ts';
import type { OwnerSession } from './session.ts';
import { SharedReadings } from './shared-readings.ts';

const STREAM = 'TRADING';
const SUBJECT = 'trading.approved.paper';
const OWNERS = 4;
const STEPS = 60;
const SEEDS = 150;

/** A bus whose answers take their time and come in any order, and which fails now and then until it is `calm`. */
class SlowBus {
  readonly bus: Bus;
  readonly #world: JournalWorld;
  readonly #random: Random;
  calm = false;

  constructor(world: JournalWorld, random: Random) {
    this.#world = world;
    this.#random = random;
    const { bus } = world;
    this.bus = withMethods<Bus>(bus, {
      streamState: (stream) => this.#answer(() => bus.streamState(stream)),
      subscribe: async (options) => this.#slow(await this.#answer(() => bus.subscribe(options))),
    });
  }

  async #answer<T>(ask: () => Promise<T>): Promise<T> {
    await this.#sleep();
    if (this.#strikes()) throw away();
    const answer = await ask();
    await this.#sleep();
    return answer;
  }

  #slow(subscription: Subscription): Subscription {
    let isBroken = false;
    return {
      next: async () => {
        const messages = await subscription.next();
        await this.#sleep();
        isBroken ||= this.#strikes();
        if (isBroken) throw portErrors.streamChanged('the reading broke off.');
        return messages;
      },
      close: async () => {
        await this.#sleep();
        await subscription.close();
      },
    };
  }

  #strikes(): boolean {
    return !this.calm && this.#random.chance(0.05);
  }

  #sleep(): Promise<void> {
    return this.#world.clock.sleep(this.#random.integer(0, 40));
  }
}

/** Notes what it has heard and committed. */
class Hearing implements OwnerLogic {
  readonly inputs;
  readonly #heard: string[];

  constructor(heard: string[], through: SharedReadings) {
    this.#heard = heard;
    this.inputs = [{ stream: STREAM, filters: [SUBJECT], through }];
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    await session.commit({});
    this.#heard.push(textOf(message.data));
  }
}

/** Owners of one process that come and go, a producer, and a stream that is not what it was. */
class Company {
  readonly #world = new JournalWorld();
  readonly #random: Random;
  readonly #slow: SlowBus;
  readonly #through: SharedReadings;
  readonly #store: Store;
  readonly #heard = Array.from({ length: OWNERS }, (): string[] => []);
  readonly #running: (KeyedOwner | undefined)[] = Array.from({ length: OWNERS });
  #words = 0;
  #lives = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#slow = new SlowBus(this.#world, this.#random);
    const shared = { stream: STREAM, filters: ['trading.>'], messagesMax: 8 };
    this.#through = new SharedReadings(this.#slow.bus, shared);
    const { store } = this.#world;
    this.#store = withMethods<Store>(store, {
      outboxBeyond: async (...asked) => {
        await this.#pause(400);
        return store.outboxBeyond(...asked);
      },
    });
  }

  #pause(msMax: number): Promise<void> {
    return this.#world.clock.sleep(this.#random.integer(0, msMax));
  }

  async run(): Promise<void> {
    const producer = await HandProducer.start(this.#world, 'risk/paper');
    const flight = this.#world.clock.fly();
    try {
      for (let step = 0; step < STEPS; step += 1) await this.#step(producer);
      this.#slow.calm = true;
      for (let one = 0; one < OWNERS; one += 1) this.#start(one);
      await this.#publish(await this.#say(producer, 1));
    } finally {
      flight.stop();
    }
    const all = Array.from({ length: this.#words }, (_, index) => String(index + 1));
    await this.#world.until(() => this.#heard.every((heard) => heard.length >= all.length));
    for (const heard of this.#heard) expect(heard).toEqual(all);
    await this.#goOn(producer);
  }

  /** What was said and not heard yet comes at once, to everybody: nobody waits for something that does not come. */
  async #goOn(producer: HandProducer): Promise<void> {
    await this.#publish(await this.#say(producer, 3));
    await this.#world.until(() => this.#heard.every((heard) => heard.length === this.#words));
    await Promise.all([...this.#running.keys()].map((one) => this.#stop(one)));
  }

  async #step(producer: HandProducer): Promise<void> {
    const draw = this.#random.integer(0, 99);
    const one = this.#random.integer(0, OWNERS - 1);
    if (draw < 40) await this.#publish(await this.#say(producer, this.#random.integer(1, 6)));
    else if (draw < 70) this.#start(one);
    else if (draw < 82) void this.#stop(one);
    else if (draw < 86) await this.#say(producer, 1);
    else if (draw < 90) this.#world.bus.recreateStream(STREAM);
    else if (draw < 94) await this.#drop();
    await this.#pause(120);
    await drained();
  }

  async #say(producer: HandProducer, count: number): Promise<readonly OutboxMessage[]> {
    const words = Array.from({ length: count }, (_, index) => String(this.#words + index + 1));
    this.#words += count;
    return producer.commit(SUBJECT, words);
  }

  async #publish(messages: readonly OutboxMessage[]): Promise<void> {
    for (const { producer, sequence, subject, data, headers } of messages) {
      const from = { 'capstan-producer': producer, 'capstan-sequence': String(sequence) };
      const messageId = `${producer}:${sequence}`;
      await this.#world.bus.publish([
        { subject, data, headers: { ...headers, ...from }, messageId },
      ]);
    }
  }

  async #drop(): Promise<void> {
    const { lastSequence } = await this.#world.bus.streamState(STREAM);
    this.#world.bus.dropThrough(STREAM, lastSequence - this.#random.integer(0, 6));
  }

  #start(one: number): void {
    if (this.#running[one] !== undefined) return;
    this.#lives += 1;
    const make = () => new Hearing(this.#heard[one] ?? [], this.#through);
    const { bus, kv, clock, log, meter } = this.#world;
    const ports = { bus, kv, clock, log, meter, store: this.#store };
    const owner = new KeyedOwner(ports, `bot/${one}`, `life ${this.#lives}`, make);
    this.#running[one] = owner;
    owner.run().catch((error: unknown) => {
      throw new AppError({ code: 'TEST', why: String(error) });
    });
  }

  async #stop(one: number): Promise<void> {
    const owner = this.#running[one];
    this.#running[one] = undefined;
    await owner?.stop();
  }
}

describe('owners that share a reading of a bus that is slow, fails, and forgets', () => {
  const { CAPSTAN_SEED } = process.env;
  const seeds =
    CAPSTAN_SEED === undefined
      ? Array.from({ length: SEEDS }, (_, seed) => seed)
      : [Number(CAPSTAN_SEED)];

  it('all hear everything, once and in order', async () => {
    for (const seed of seeds) {
      await new Company(seed).run().catch((error: unknown) => {
        throw new Error(`replay: CAPSTAN_SEED=${seed}`, { cause: error });
      });
    }
  });
});
