import { CalendarBook } from '@capstan/calendar';
import { encodeBotSlice, headerNames, subjects } from '@capstan/contracts';
import {
  type BotSlice,
  InstrumentBook,
  type PriceNanos,
  priceNanos,
  type Signal,
  type SizingRule,
  timeUs,
  US_PER_MINUTE,
  usEquity,
  ZERO_CASH,
} from '@capstan/domain';
import { type AlpacaEmulator, startAlpacaEmulator } from '@capstan/emulators';
import { OwnerHost, type OwnerPorts } from '@capstan/journal';
import type { BotRecord, Clock } from '@capstan/ports';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { systemClock } from '@capstan/runtime';
import { MemoryBus, MemoryKv, MemoryLog, MemoryStore, nullMeter } from '@capstan/testkit';
import type { AlpacaBroker } from '@capstan/venues';
import {
  addAccount,
  emulatedBroker,
  type Holdings,
  inLedger,
  REQUESTS_PER_MINUTE,
} from './alpaca-owners.ts';

/** A Tuesday, 10:30 in New York. */
const START_US = Date.UTC(2026, 0, 6, 15, 30) * 1_000;
export const ACCOUNT = 'main';
const RUN = 'live';
const PRICE = priceNanos(600e9);

/** How the bot of such an account trades: 20 whole shares unless told. */
export interface AlpacaWorldOptions {
  readonly sizing?: SizingRule;
  readonly quantityScale?: number;
  /** The close by which it is sized. */
  readonly price?: PriceNanos;
  /** Where the broker's secret key is mounted; it stands in the environment unless given. */
  readonly secretFile?: string;
  /** How many times faster than the clock its waits pass. */
  readonly haste?: number;
  /** Adds further owners to each process. */
  readonly also?: (host: OwnerHost, ports: OwnerPorts) => void;
}

/** Starts an emulated Alpaca whose time stands until it is told to go on. */
export const emulatedAlpaca = (): Promise<AlpacaEmulator> =>
  startAlpacaEmulator({
    clock: { kind: 'stepped', startUs: START_US },
    requestLimits: { trading: REQUESTS_PER_MINUTE },
  });

/** An account at an emulated Alpaca, and the owners of it that a cluster has: risk, execution, position-sync. */
export class AlpacaWorld {
  readonly emulator: AlpacaEmulator;
  readonly clock: Clock;
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly bus: MemoryBus;
  readonly kv: MemoryKv;
  readonly instruments: InstrumentBook;
  readonly #sizing: SizingRule;
  readonly #price: PriceNanos;
  readonly #options: AlpacaWorldOptions;
  #host: OwnerHost | undefined;
  #venues: AlpacaBroker[] = [];
  #lives = 0;
  #slices = 0;

  constructor(emulator: AlpacaEmulator, options: AlpacaWorldOptions = {}) {
    const { sizing = { kind: 'fixedQuantity', quantity: 20 }, quantityScale = 0 } = options;
    this.emulator = emulator;
    this.#options = options;
    this.#sizing = sizing;
    this.#price = options.price ?? PRICE;
    this.instruments = new InstrumentBook([{ ...usEquity('SPY'), quantityScale }]);
    // The emulator's clock stands between steps; no two looks are at one time all the same.
    let looks = 0;
    const nowUs = () => {
      looks += 1;
      return timeUs(emulator.control.nowUs() + looks);
    };
    const { haste = 1 } = options;
    const sleep: Clock['sleep'] = (ms, signal) => systemClock.sleep(ms / haste, signal);
    this.clock = { ...systemClock, nowUs, sleep };
    this.bus = new MemoryBus(this.clock);
    this.kv = new MemoryKv(this.clock);
  }

  /** Starts a process of each service. */
  begin(): void {
    this.#lives += 1;
    const { store, bus, kv, clock, log, instruments } = this;
    const ports = { store, bus, kv, clock, log, meter: nullMeter };
    const calendars = new CalendarBook();
    const risk = {
      ...{ runId: RUN, accountId: ACCOUNT, instruments, limits: DEFAULT_LIMITS },
      calendarOf: (name: string) => calendars.get(name),
      ...{ eventTime: false, venueReportsSlices: false, cashMicros: ZERO_CASH },
      bots: [{ botId: 'trend', feed: 'live' }],
    };
    const host = new OwnerHost(ports, `life-${this.#lives}`);
    const venues = { trading: this.#broker(), looking: this.#broker() };
    this.#venues = Object.values(venues);
    addAccount(host, ports, { risk, venues, everyMs: 200 });
    this.#options.also?.(host, ports);
    this.#host = host;
  }

  #broker(): AlpacaBroker {
    const { instruments, emulator } = this;
    const { secretFile } = this.#options;
    return emulatedBroker(this, { url: emulator.url, instruments, secretFile });
  }

  /** Ends the processes. */
  async end(): Promise<void> {
    await this.#host?.stop();
    for (const venue of this.#venues) venue.close();
  }

  async addBot(): Promise<void> {
    const bot: BotRecord = {
      ...{ botId: 'trend', accountId: ACCOUNT, strategy: 'x', params: {}, symbols: ['SPY'] },
      ...{ timeframe: '1m', feed: 'live', sizing: this.#sizing },
      ...{ configRevision: 1, restartOnCrash: true, onShutdown: 'leave', state: 'running' },
      ...{ restarts: 0, updatedAtUs: timeUs(START_US) },
    };
    const fence = { key: 'bot/trend', epochUs: timeUs(1), token: 1 };
    await this.store.takeOwnership(fence);
    await this.store.commit({ fence, bots: [bot] });
  }

  /** Has the bot speak of a slice that ended just now. */
  async say(
    direction?: Signal['direction'],
    exits: Pick<Signal, 'stopPriceNanos' | 'takeProfitPriceNanos'> = {},
  ): Promise<void> {
    this.#slices += 1;
    const nowUs = this.clock.nowUs();
    const endUs = timeUs(nowUs - (nowUs % US_PER_MINUTE));
    const mark = { symbol: 'SPY', priceNanos: this.#price, barEndUs: endUs };
    const signal = {
      ...{ signalId: `s${this.#slices}`, runId: RUN, botId: 'trend', accountId: ACCOUNT },
      ...({ configRevision: 1, symbol: 'SPY', timeframe: '1m', barEndUs: endUs } as const),
      ...{ inputRevision: 0, strength: 1, referencePriceNanos: mark.priceNanos },
      ...exits,
      reason: 'a test',
    } as const;
    const slice: BotSlice = {
      ...{ runId: RUN, botId: 'trend', accountId: ACCOUNT, feed: 'live', sliceEndUs: endUs },
      ...{ state: 'running', marks: [mark] },
      signals: direction === undefined ? [] : [{ ...signal, direction }],
    };
    const id = `slice-${this.#slices}`;
    const headers = { [headerNames.eventId]: id, [headerNames.correlationId]: id };
    const subject = subjects.signal('trend');
    await this.bus.publish([{ subject, data: encodeBotSlice(slice), headers, messageId: id }]);
  }

  async orders() {
    return await this.store.orders({ accountId: ACCOUNT, limit: 99 });
  }

  /** Counts the orders, where the broker has taken the last. */
  async accepted(): Promise<number> {
    const orders = await this.orders();
    return orders.some(({ state }) => state === 'accepted') ? orders.length : 0;
  }

  /** What the broker has: by symbol, and the cash. */
  async atBroker(): Promise<Holdings> {
    const { positions, cashMicros: cash } = await this.#broker().account(ACCOUNT);
    return { held: positions.map(({ symbol, quantity }) => [symbol, quantity]), cash };
  }

  inLedger(): Promise<Holdings> {
    return inLedger(this.store, ACCOUNT);
  }
}
