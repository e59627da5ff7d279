import { encodeFillEvent, subjects } from '@capstan/contracts';
import {
  cashMicros,
  type Fill,
  InstrumentBook,
  quantity,
  timeUs,
  usEquity,
  ZERO_CASH,
} from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import type {
  BrokerVenue,
  Commit,
  VenueAccount,
  VenueActivity,
  VenueCapabilities,
  VenueOrder,
} from '@capstan/ports';
import { decodeDrifts, type OpenDrifts } from '@capstan/risk';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { type PositionOptions, PositionOwner } from './position-owner.ts';

export const EVERY_MS = 15_000;

/** A broker and a ledger that agree on 1,000 of cash and 10 SPY, until a test says otherwise. */
export class World {
  readonly clock = new VirtualClock(timeUs(1_704_301_200_000_000));
  readonly store = new MemoryStore();
  readonly bus = new MemoryBus(this.clock);
  readonly kv = new MemoryKv(this.clock);
  readonly log = new MemoryLog();
  account: VenueAccount = {
    accountId: 'paper',
    currency: 'USD',
    cashMicros: cashMicros(1_000),
    sequence: 1,
    positions: [{ symbol: 'SPY', quantity: quantity(10), costMicros: cashMicros(5) }],
  };
  working: VenueOrder[] = [];
  /** What it tells of corporate actions and cash. */
  told: VenueActivity[] = [];
  activities: VenueCapabilities['activities'] = 'all';
  numbersEvents = true;
  options: PositionOptions = {
    ...{ everyMs: EVERY_MS, snapshotDays: 30, foreign: 'hold' },
    instruments: new InstrumentBook([usEquity('SPY'), usEquity('QQQ')]),
  };
  /** What the broker throws instead of answering. */
  failure: Error | undefined;
  onAccount: () => void = () => undefined;
  #lives = 0;
  #told = 0;
  #owner: KeyedOwner | undefined;
  readonly #fence = { key: 'risk/paper', epochUs: timeUs(1), token: 1 };

  static async start(): Promise<World> {
    const world = await World.unopened();
    await world.open();
    world.run();
    return world;
  }

  /** A broker that holds an account whose ledger risk has not opened; nothing runs. */
  static async unopened(): Promise<World> {
    const world = new World();
    await world.store.takeOwnership(world.#fence);
    return world;
  }

  /** Writes what risk writes first, and a position. */
  async open(): Promise<void> {
    await this.write({
      ledgerCash: [{ accountId: 'paper', botId: 'house', cashMicros: cashMicros(1_000) }],
      ledgerPositions: [
        {
          accountId: 'paper',
          botId: 'bot',
          symbol: 'SPY',
          quantity: quantity(10),
          costMicros: cashMicros(5),
          realisedMicros: ZERO_CASH,
          feesMicros: ZERO_CASH,
        },
      ],
    });
  }

  write(rows: Partial<Commit>): Promise<void> {
    return this.store.commit({ ...rows, fence: this.#fence });
  }

  run(): void {
    this.#lives += 1;
    const { store, bus, kv, clock, log } = this;
    const ports = { store, bus, kv, clock, log, meter: nullMeter };
    const venue: Partial<BrokerVenue> = {
      account: async () => {
        if (this.failure !== undefined) throw this.failure;
        this.onAccount();
        return this.account;
      },
      openOrders: async () => this.working,
      activities: async (_account, after) => {
        const place = this.told.findIndex((one) => one.activityId === after);
        return this.told.slice(place + 1);
      },
      capabilities: {
        ...{ activities: this.activities, numbersEvents: this.numbersEvents },
      } as VenueCapabilities,
    };
    const owned = { ...ports, venue: venue as BrokerVenue };
    const logic = () => new PositionOwner(owned, 'paper', this.options);
    this.#owner = new KeyedOwner(ports, 'position/paper', `life-${this.#lives}`, logic);
    void this.#owner.run();
  }

  async stop(): Promise<void> {
    let stopped = false;
    void this.#owner?.stop().then(() => {
      stopped = true;
    });
    while (!stopped) {
      await drained();
      this.clock.wakeNext();
    }
  }

  async snapshots(): Promise<number> {
    return (await this.store.snapshots('paper', 1_000)).length;
  }

  async drifts(openOnly = true) {
    return this.store.drifts({ accountId: 'paper', openOnly, limit: 100 });
  }

  /** What risk reads of the drifts. */
  async shown(): Promise<OpenDrifts | undefined> {
    const entry = await this.kv.get('switches', 'drifts/paper');
    return entry && decodeDrifts(new TextDecoder().decode(entry.value));
  }

  sent(subject: string): readonly Uint8Array[] {
    return this.bus
      .messages('POSITION')
      .filter((message) => message.subject === subject)
      .map((message) => message.data);
  }

  /** Tells of fills as execution does. */
  async tellFills(fills: readonly Fill[]): Promise<void> {
    const data = encodeFillEvent({ runId: 'run', accountId: 'paper', fills });
    this.#told += 1;
    const messageId = `told-${this.#told}`;
    await this.bus.publish([{ subject: subjects.fill('paper'), data, headers: {}, messageId }]);
  }

  /** Books an activity as execution does. */
  async book(commandId: string, { activityId, ...of }: VenueActivity): Promise<void> {
    const fence = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };
    await this.store.takeOwnership(fence);
    const { accountId, eventAtUs } = of;
    const amountMicros = 'amountMicros' in of ? of.amountMicros : ZERO_CASH;
    const event = { accountId, eventAtUs, amountMicros, activityId, accountSequence: 1 };
    await this.store.commit({
      fence,
      cashEvents: [{ ...event, cashEventId: 'c', kind: 'dividend', botId: 'house' }],
      commands: [{ commandId, state: 'done', result: 'booked' }],
    });
  }

  holds(units: number): void {
    const [position] = this.account.positions;
    if (position === undefined) throw new Error('expected a position');
    this.account = { ...this.account, positions: [{ ...position, quantity: quantity(units) }] };
  }
}

/** An order that works at the broker. */
export const working = (orderId: string, filled: number): VenueOrder => ({
  venueOrderId: 'v',
  orderId,
  symbol: 'SPY',
  state: 'working',
  filledQuantity: quantity(filled),
});
