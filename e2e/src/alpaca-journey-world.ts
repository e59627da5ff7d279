import { join } from 'node:path';
import { CalendarBook } from '@capstan/calendar';
import { decodeBarsClosed, decodeOrderEvent, subjects } from '@capstan/contracts';
import { type TimeUs, timeUs, US_PER_MINUTE, US_PER_MS, ZERO_CASH } from '@capstan/domain';
import type { AlpacaEmulator } from '@capstan/emulators';
import { OwnerHost } from '@capstan/journal';
import type { Clock, MarketDataVenue } from '@capstan/ports';
import {
  defineConfig,
  instrumentsOf,
  loadConfig,
  platformSections,
  systemClock,
  type VenueFeedConfig,
} from '@capstan/runtime';
import { StrategyRegistry } from '@capstan/strategy';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { openMarketData } from '@capstan/venues';
import { LiveFeedOwner } from '../../services/market-data/src/live/live-feed-owner.ts';
import { SALE_RULES } from '../../services/market-data/src/live/sale-conditions.ts';
import { wantedSymbols } from '../../services/market-data/src/live/wanted-symbols.ts';
import { ReportOwner } from '../../services/reporting/src/report-owner.ts';
import { DayAccounts } from '../../services/reporting/src/sessions/day-accounts.ts';
import { settingsOf } from '../../services/risk/src/account-settings.ts';
import { BotOwner } from '../../services/signal/src/bot-owner.ts';
import { MarketReading } from '../../services/signal/src/market-reading.ts';
import {
  type AccountVenues,
  addAccount,
  emulatedBroker,
  emulatedEnvironment,
  inLedger,
  REQUESTS_PER_MINUTE,
} from './alpaca-owners.ts';
import type { Network } from './network.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Time goes on by so much at once: sockets have their turn in between. */
const STRIDE_MS = 6_000;
/** A wait as long as this, or longer, is a time-out, which needs time for sockets; the others are between two attempts. */
const TIMEOUT_FROM_MS = 10_000;
/** By so much time goes on with each look at what is waited for. */
const GLIMPSE_MS = 100;
const PATIENCE_MS = 40_000;

/** What `config/alpaca.yaml` runs, in this process and in a time that a test moves: feed, bot, risk, execution, position-sync, report. */
export class JourneyWorld {
  readonly config = loadConfig(defineConfig(platformSections), {
    file: join(ROOT, 'config', 'alpaca.yaml'),
    environment: {},
  }).config;
  readonly instruments = instrumentsOf(this.config);
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly bus: MemoryBus;
  readonly accountId: string;
  readonly feed: VenueFeedConfig;
  readonly #emulator: AlpacaEmulator;
  readonly #network: Network;
  readonly #clock: VirtualClock;
  readonly #kv: MemoryKv;
  readonly #host: OwnerHost;
  readonly #calendars = new CalendarBook();
  #venues: AccountVenues | undefined;
  #data: MarketDataVenue | undefined;

  constructor(emulator: AlpacaEmulator, network: Network) {
    const [account] = this.config.accounts;
    const [feed] = this.config.feeds;
    if (account === undefined || feed?.kind !== 'venue') throw new Error('no account or feed');
    this.accountId = account.accountId;
    this.feed = feed;
    this.#emulator = emulator;
    this.#network = network;
    this.#clock = new VirtualClock(timeUs(emulator.control.nowUs()));
    this.bus = new MemoryBus(this.#clock);
    this.#kv = new MemoryKv(this.#clock);
    this.#host = new OwnerHost(this.#ports, 'life');
  }

  get nowUs(): TimeUs {
    return this.#clock.nowUs();
  }

  get #ports() {
    const { store, log, bus } = this;
    return { store, log, bus, kv: this.#kv, clock: this.#clock, meter: nullMeter };
  }

  /** Who waits for a socket waits by the wall's clock, and not for long. */
  get #wall(): Clock {
    return {
      nowUs: () => this.#clock.nowUs(),
      monotonicMs: () => performance.now(),
      sleep: (ms, signal) => {
        const shorterMs = ms / (ms < TIMEOUT_FROM_MS ? 100 : 10);
        return systemClock.sleep(shorterMs, signal);
      },
    };
  }

  /** Starts an owner of everything there is. */
  async begin(): Promise<void> {
    await this.#addFeed();
    this.#addBots();
    this.#addAccount();
    this.#addReport();
  }

  async #addFeed(): Promise<void> {
    const { feed, venue, provider, source, from, hours } = this.feed;
    const { graceMs, settleMs, staleSeconds, historySessions } = this.feed;
    const data = await openMarketData(
      provider,
      emulatedEnvironment(this.#network.url),
      { feed: source, requestsPerMinute: REQUESTS_PER_MINUTE },
      { clock: this.#wall, log: this.log },
    );
    this.#data = data;
    const market = { calendar: this.#calendars.get('XNYS'), hours };
    const strategies = new StrategyRegistry();
    const by = { feed, symbols: [], bots: this.config.bots, strategies };
    const settings = {
      ...{ feed, venue, runId: this.config.run.id },
      rules: {
        ...{ feed, from, sales: SALE_RULES[provider], historySessions },
        ...{ graceUs: graceMs * US_PER_MS, settleUs: settleMs * US_PER_MS },
        staleUs: staleSeconds * 1_000 * US_PER_MS,
        marketOf: () => market,
      },
      wantedOf: wantedSymbols.bind(undefined, by),
    };
    this.#host.add(
      `feed/${feed}`,
      () => new LiveFeedOwner({ ...this.#ports, venue: data }, settings),
    );
  }

  #addBots(): void {
    const market = new MarketReading(this.bus);
    const { feed, venue } = this.feed;
    const strategies = new StrategyRegistry();
    for (const config of this.config.bots) {
      const settings = {
        ...{ runId: this.config.run.id, botId: config.botId, config, market, restart: true },
        ...{ venueOf: () => venue, calendarOf: () => this.#calendars.get('XNYS') },
        catalogue: { strategies, feeds: [feed], accounts: [this.accountId] },
      };
      this.#host.add(`bot/${config.botId}`, () => new BotOwner(this.#ports, settings));
    }
  }

  #addAccount(): void {
    const { config, instruments } = this;
    const of = { url: this.#network.url, instruments };
    const ports = { clock: { ...this.#wall, sleep: systemClock.sleep }, log: this.log };
    const venues = { trading: emulatedBroker(ports, of), looking: emulatedBroker(ports, of) };
    this.#venues = venues;
    for (const account of config.accounts) {
      const risk = settingsOf(
        { ...account, cashMicros: ZERO_CASH },
        {
          ...{ runId: config.run.id, feeds: config.feeds, bots: config.bots, instruments },
          calendarOf: (name) => this.#calendars.get(name),
        },
      );
      addAccount(this.#host, this.#ports, { risk, venues, everyMs: 5_000 });
    }
  }

  #addReport(): void {
    const { accountId, instruments } = this;
    const calendar = this.#calendars.get('XNYS');
    const pace = { everyMs: 60_000, isLive: true, tradeDate: calendar.tradeDate.bind(calendar) };
    const settings = { runId: this.config.run.id, accountId, openingMicros: ZERO_CASH };
    this.#host.add(
      `report/${accountId}`,
      () => new ReportOwner(this.#ports, { ...settings, instruments, pace }),
    );
  }

  /** Ends the owners; time flies for who waits. */
  async end(): Promise<void> {
    const flight = this.#clock.fly();
    await this.#host.stop();
    flight.stop();
    this.#venues?.trading.close();
    this.#venues?.looking.close();
    this.#data?.close();
  }

  /** Lets market time pass, for the vendor and for us. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= STRIDE_MS) {
      const strideMs = Math.min(leftMs, STRIDE_MS);
      this.#emulator.control.stepTo(this.nowUs + strideMs * US_PER_MS);
      await this.#clock.advance(strideMs);
      await drained();
    }
  }

  /** Waits until something is so, for so long by the wall; meanwhile a little time passes. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const startMs = performance.now();
    while (!(await isSo())) {
      if (performance.now() - startMs > PATIENCE_MS) throw new Error(`in vain: ${what}`);
      await this.pass(GLIMPSE_MS);
      await systemClock.sleep(2);
    }
  }

  /** Lets time go on to the end of the running minute, and waits until everybody is through with it. */
  async minute(): Promise<void> {
    const endUs = timeUs(this.nowUs - (this.nowUs % US_PER_MINUTE) + US_PER_MINUTE);
    await this.pass((endUs - this.nowUs) / US_PER_MS + 500);
    await this.#through(endUs);
  }

  /** Waits until bots, risk and execution are through with a slice. */
  async #through(endUs: TimeUs): Promise<void> {
    await this.until(`the slice of ${endUs}`, () => this.#doneThroughUs() >= endUs);
  }

  #doneThroughUs(): number {
    const events = this.bus
      .messages('TRADING')
      .filter(({ subject }) => subject === subjects.order(this.accountId))
      .map(({ data }) => decodeOrderEvent(data).sliceDone?.sliceEndUs ?? 0);
    return Math.max(0, ...events);
  }

  /** The ends of all slices that were published, in their order. */
  closings(): readonly TimeUs[] {
    return this.bus
      .messages('MARKET')
      .filter(({ subject }) => subject === subjects.barsClosed(this.feed.feed))
      .map(({ data }) => decodeBarsClosed(data).endUs);
  }

  async orders() {
    return await this.store.orders({ accountId: this.accountId, limit: 1_000 });
  }

  inLedger() {
    return inLedger(this.store, this.accountId);
  }

  /** What the report of a day says of the account. */
  async day(fromUs: TimeUs, throughUs: TimeUs) {
    const accounts = new DayAccounts(this.store, this.config.run.id, this.instruments);
    return await accounts.day(this.accountId, fromUs, throughUs);
  }
}
