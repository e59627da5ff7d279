import { CalendarBook } from '@capstan/calendar';
import {
  type ApprovedSlice,
  decodeFillEvent,
  decodeOrderEvent,
  encodeApprovedSlice,
  type FillEvent,
  headerNames,
  type OrderEvent,
  subjects,
} from '@capstan/contracts';
import {
  InstrumentBook,
  type Order,
  type OrderTerms,
  type PriceNanos,
  quantity,
  type TimeUs,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { OwnerSession, type OwnerSource } from '@capstan/journal';
import type { BusMessage, CommandRecord, Store } from '@capstan/ports';
import { DEFAULT_LIMITS, type KillMode } from '@capstan/risk';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { ExecutionAccount } from './execution-account.ts';
import { KillBrake } from './kill-brake.ts';
import { KillSwitches } from './kill-switches.ts';
import type { AccountPorts, AccountSettings } from './settings.ts';
import { AccountState } from './state.ts';
import { TestVenue } from './test-venue.ts';
import type { VenueThrottle } from './throttle.ts';

export const KEY = 'execution/paper';
const calendars = new CalendarBook();
const START_US = timeUs(1_767_623_400_000_000);
/** The end of the slice of a number. */
export const at = (slice: number): TimeUs => timeUs(START_US + slice * 60_000_000);

export function terms(orderId: string, of: Partial<OrderTerms> = {}): OrderTerms {
  return {
    orderId,
    intentId: `intent-${orderId}`,
    runId: 'live',
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    side: 'buy',
    quantity: quantity(10),
    type: 'market',
    timeInForce: 'day',
    reducing: false,
    leg: 0,
    attempt: 1,
    decidedAtUs: at(1),
    expiresAtUs: at(2),
    ...of,
  };
}

/** Where a life ends: at its nth port call, before or after what the call does. */
export interface Crash {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** How a life ended. */
export type Ending =
  | { readonly kind: 'idle' }
  | { readonly kind: 'crashed' }
  | { readonly kind: 'failed'; readonly error: unknown };

type Item = { readonly source: number; readonly items: readonly unknown[]; done(): void };

/** Most times that a life is let sleep before it counts as idle. */
const SLEEPS_MAX = 60;

/** An account's world: what outlives the owners of its key. */
export class World<Venue extends TestVenue = TestVenue> {
  readonly clock = new VirtualClock(START_US);
  readonly store = new MemoryStore();
  readonly kv = new MemoryKv(this.clock);
  readonly bus = new MemoryBus(this.clock);
  readonly log = new MemoryLog();
  readonly venue: Venue;
  settings: AccountSettings = {
    runId: 'live',
    accountId: 'paper',
    instruments: new InstrumentBook([usEquity('SPY'), usEquity('QQQ')]),
    limits: DEFAULT_LIMITS,
    breakerFailuresMax: 5,
    calendarOf: (name) => calendars.get(name),
    eventTime: true,
  };
  /** The brake of the last life. */
  brake: KillBrake | undefined;
  /** Keeps to the venue's limits, where there is one. */
  throttle: VenueThrottle | undefined;
  /** Answers whether the lease is held, each time it is asked. */
  held: () => boolean = () => true;
  /** Called before each port call of a life, with its name. */
  onCall: (name: string) => void = () => undefined;
  readonly #messages: BusMessage[] = [];
  #token = 0;

  constructor(venue: Venue = new TestVenue() as Venue) {
    this.venue = venue;
  }

  /** Publishes what risk approved for a slice. */
  slice(
    number: number,
    orders: readonly OrderTerms[],
    of: Partial<Pick<ApprovedSlice, 'activeBots' | 'cancelOrderIds' | 'crosses'>> = {},
  ): void {
    const sequence = this.#messages.length + 1;
    const data = encodeApprovedSlice({
      runId: this.settings.runId,
      accountId: 'paper',
      feed: 'demo',
      sliceEndUs: at(number),
      orders,
      activeBots: 1,
      cancelOrderIds: [],
      ...of,
    });
    this.message(data, {
      [headerNames.eventId]: `approved-${sequence}`,
      [headerNames.correlationId]: `slice-${number}`,
      traceparent: `trace-${number}`,
    });
  }

  /** Stores the minute that ends with the slice of a number; it opens and closes at its low. */
  async bar(number: number, lowNanos: PriceNanos, highNanos = lowNanos): Promise<void> {
    const fence = { key: 'feed/demo', epochUs: START_US, token: number };
    await this.store.takeOwnership(fence);
    const [startUs, endUs] = [at(number - 1), at(number)];
    const bar = { symbol: 'SPY', timeframe: '1m', startUs, endUs, revision: 0, volume: 1 } as const;
    const prices = { openNanos: lowNanos, highNanos, lowNanos, closeNanos: lowNanos };
    const of = { runId: 'live', feed: 'demo', venue: 'SIM' };
    await this.store.commit({ fence, bars: [{ ...bar, ...prices, ...of }] });
  }

  message(data: Uint8Array, headers: Record<string, string> = {}): void {
    this.#messages.push({
      stream: 'TRADING',
      sequence: this.#messages.length + 1,
      subject: subjects.approved('paper'),
      data,
      headers,
      storedAtUs: START_US,
    });
  }

  async command(kind: string, payload: object): Promise<CommandRecord> {
    const commandId = `command-${this.#token}-${kind}-${JSON.stringify(payload)}`;
    await this.store.addCommand({
      commandId,
      key: KEY,
      kind,
      payload: JSON.stringify(payload),
      actor: 'operator',
      createdAtUs: this.clock.nowUs(),
      state: 'pending',
    });
    await this.run();
    const answered = await this.store.command(commandId);
    if (answered === undefined) throw new Error('the command is gone');
    return answered;
  }

  /** Sets the kill switch as another process would. */
  async setSwitch(mode: KillMode, reason = 'a drill'): Promise<void> {
    const others = new KillSwitches({ kv: this.kv, clock: this.clock });
    await others.set('paper', { mode, actor: 'operator', reason });
  }

  /** Lives one life of the key's owner, until nothing more happens. */
  async run(crash?: Crash): Promise<Ending & { readonly calls: readonly string[] }> {
    this.#token += 1;
    const life = new Life(this, this.#token, this.#messages, crash);
    const ending = await life.live();
    return { ...ending, calls: life.calls };
  }

  /** What the last owner has written. */
  async state(): Promise<AccountState> {
    this.#token += 1;
    const fence = { key: KEY, epochUs: START_US, token: this.#token };
    const record = await this.store.takeOwnership(fence);
    const parts = { lease: { fence }, clock: this.clock, log: this.log };
    return AccountState.restore(new OwnerSession(parts as never, record).state, []);
  }

  async order(orderId: string): Promise<Order> {
    const order = await this.store.order(orderId);
    if (order === undefined) throw new Error(`there is no order ${orderId}`);
    return order;
  }

  async told(): Promise<{
    readonly orders: readonly OrderEvent[];
    readonly fills: readonly FillEvent[];
    readonly subjects: readonly string[];
  }> {
    const outbox = await this.store.outbox(KEY, 0, 10_000);
    const of = (subject: string) => outbox.filter((message) => message.subject === subject);
    return {
      orders: of(subjects.order('paper')).map((message) => decodeOrderEvent(message.data)),
      fills: of(subjects.fill('paper')).map((message) => decodeFillEvent(message.data)),
      subjects: outbox.map((message) => message.subject),
    };
  }

  /** The slices declared done, by number, in order. */
  async done(): Promise<readonly number[]> {
    const { orders } = await this.told();
    return orders.flatMap(({ sliceDone }) =>
      sliceDone === undefined ? [] : [(sliceDone.sliceEndUs - START_US) / 60_000_000],
    );
  }
}

/** One life of an owner: no port call of a dead one settles. */
class Life {
  readonly calls: string[] = [];
  readonly #world: World;
  readonly #token: number;
  readonly #messages: readonly BusMessage[];
  readonly #crash: Crash | undefined;
  readonly #items: Item[] = [];
  #dead = false;
  #die: () => void = () => undefined;
  readonly #death = new Promise<void>((resolve) => {
    this.#die = resolve;
  });

  constructor(world: World, token: number, messages: readonly BusMessage[], crash?: Crash) {
    this.#world = world;
    this.#token = token;
    this.#messages = messages;
    this.#crash = crash;
  }

  async live(): Promise<Ending> {
    let sources: readonly OwnerSource[] = [];
    try {
      await Promise.race([
        this.#death,
        this.#own((opened) => {
          sources = opened;
        }),
      ]);
      return { kind: this.#dead ? 'crashed' : 'idle' };
    } catch (error) {
      return { kind: 'failed', error };
    } finally {
      this.#dead = true;
      for (const source of sources) void source.close();
      await drained();
    }
  }

  async #own(opened: (sources: readonly OwnerSource[]) => void): Promise<void> {
    const world = this.#world;
    const fence = { key: KEY, epochUs: START_US, token: this.#token };
    const record = await world.store.takeOwnership(fence);
    const store = this.#mortal('store', world.store as Store);
    const ports: AccountPorts = {
      venue: this.#mortal('venue', world.venue),
      ...(world.throttle === undefined ? {} : { throttle: world.throttle }),
      store,
      bus: this.#mortal('bus', world.bus),
      kv: this.#mortal('kv', world.kv),
      clock: world.clock,
      log: world.log,
      meter: nullMeter,
    };
    const parts = {
      lease: { fence, held: () => world.held() },
      store,
      publisher: { publishedThrough: 0, enqueue: () => undefined },
      clock: world.clock,
      log: world.log,
    };
    const session = new OwnerSession(parts as never, record);
    const switches = new KillSwitches({ kv: ports.kv, clock: ports.clock });
    const brake = new KillBrake(ports, world.settings.accountId, switches);
    world.brake = brake;
    const logic = new ExecutionAccount(ports, world.settings, switches, brake);
    await logic.load(session);
    const sources = await logic.openSources();
    opened(sources);
    for (const [index, source] of sources.entries()) void this.#pump(index, source);
    for (const command of await world.store.pendingCommands(KEY)) {
      await logic.onCommand(session, command);
    }
    await this.#process(logic, session);
  }

  async #pump(source: number, from: OwnerSource): Promise<void> {
    for (;;) {
      const items = await from.next();
      if (items.length === 0 || this.#dead) return;
      await new Promise<void>((done) => this.#items.push({ source, items, done }));
    }
  }

  async #process(logic: ExecutionAccount, session: OwnerSession): Promise<void> {
    let next = session.position('TRADING')?.sequence ?? 0;
    let sleeps = 0;
    for (;;) {
      await drained();
      const item = this.#items.shift();
      const message = this.#messages[next];
      if (item !== undefined) {
        await logic.onItems(session, item.source, item.items);
        item.done();
      } else if (message !== undefined) {
        next += 1;
        const position = { stream: 'TRADING', epochUs: START_US, sequence: message.sequence };
        session.noteDelivered(position, undefined);
        await logic.onMessage(session, message);
      } else {
        sleeps += 1;
        if (sleeps > SLEEPS_MAX || !this.#world.clock.wakeNext()) return;
      }
    }
  }

  /** Wraps a port so that it dies with its life. */
  #mortal<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        // It asks nobody.
        if (key === 'keepsExits') return member.bind(target) as unknown;
        return (...args: unknown[]) =>
          this.#call(`${name}.${String(key)}`, () => member.apply(target, args) as unknown);
      },
    });
  }

  async #call(name: string, run: () => unknown): Promise<unknown> {
    const never = new Promise<never>(() => undefined);
    if (this.#dead) return never;
    this.#world.onCall(name);
    this.calls.push(name);
    const isLast = this.#crash?.call === this.calls.length;
    if (isLast && this.#crash?.when === 'before') return this.#end(never);
    try {
      const result = await run();
      if (isLast) return this.#end(never);
      return this.#dead ? never : result;
    } catch (error) {
      if (isLast) return this.#end(never);
      if (this.#dead) return never;
      throw error;
    }
  }

  #end(never: Promise<never>): Promise<never> {
    this.#dead = true;
    this.#die();
    return never;
  }
}
