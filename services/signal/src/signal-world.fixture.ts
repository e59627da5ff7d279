import { CalendarBook } from '@capstan/calendar';
import {
  decodeBotSlice,
  encodeBar,
  encodeBarsClosed,
  headerNames,
  subjects,
} from '@capstan/contracts';
import {
  type BotSlice,
  priceNanos,
  type Timeframe,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { sma } from '@capstan/indicators';
import { KeyedOwner } from '@capstan/journal';
import type { BarRecord, BotRecord, CommandRecord, Commit, Fence } from '@capstan/ports';
import {
  defineStrategy,
  maCross,
  marketFilter,
  ofField,
  ofSymbol,
  StrategyRegistry,
} from '@capstan/strategy';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  portErrors,
  VirtualClock,
} from '@capstan/testkit';
import type { BotConfig } from './bot-config.ts';
import { BotOwner } from './bot-owner.ts';
import type { BotSettings } from './bot-settings.ts';
import { MarketReading } from './market-reading.ts';

const START_US = 1_704_301_200_000_000;
export const at = (minute: number): TimeUs => timeUs(START_US + minute * US_PER_MINUTE);
const calendars = new CalendarBook();

/** Long above 100, flat below, with a count of bars as its state; it throws at a close of 666. */
export const fragile = defineStrategy({
  name: 'fragile',
  title: 'Fragile',
  description: 'Throws where the close is 666.',
  params: {},
  indicators: () => ({ close: ofField(sma, { period: 1 }, 'close') }),
  initialState: { bars: 0 },
  update: (_values, state) => ({ bars: state.bars + 1 }),
  decide: ({ close }, state) => {
    if (Math.round(close / 1e9) === 666) throw new Error('a bad price');
    const direction = close > 100e9 ? 'long' : 'flat';
    return { direction, strength: 1 / (1 + (state.bars % 7)), reason: `after ${state.bars} bars` };
  },
});

/** Long while the last five minutes of its symbol closed above those of SPY. */
export const spans = defineStrategy({
  name: 'spans',
  title: 'Spans',
  description: 'Reads longer bars of two symbols.',
  params: {
    span: { type: 'choice', choices: ['5m', '15m'], default: '5m', description: 'Length.' },
  },
  indicators: ({ span }) => ({
    own: ofField(sma, { period: 1 }, 'close', span as Timeframe),
    other: ofSymbol('SPY', ofField(sma, { period: 1 }, 'close', span as Timeframe)),
  }),
  initialState: null,
  decide: ({ own, other }) => {
    const isLong = own > other;
    return { direction: isLong ? 'long' : 'flat', strength: isLong ? 1 : 0, reason: 'spans' };
  },
});

export const CONFIG: BotConfig = {
  botId: 'bot',
  accountId: 'paper',
  strategy: 'fragile',
  params: {},
  symbols: ['SPY', 'QQQ'],
  timeframe: '1m',
  feed: 'demo',
  sizing: { kind: 'fixedQuantity', quantity: 1 },
  restartOnCrash: true,
  onShutdown: 'leave',
};

/** A journal whose connection breaks at one commit of the bot, before or after it is written. */
export class BreakingStore extends MemoryStore {
  readonly #at: number;
  readonly #when: 'before' | 'after';
  commits = 0;

  constructor(at = 0, when: 'before' | 'after' = 'before') {
    super();
    this.#at = at;
    this.#when = when;
  }

  override async commit(commit: Commit): Promise<void> {
    if (commit.fence.key !== 'bot/bot') return super.commit(commit);
    this.commits += 1;
    const breaks = this.commits === this.#at;
    if (!breaks || this.#when === 'after') await super.commit(commit);
    if (breaks) throw portErrors.storeUnavailable('the connection broke.');
  }
}

/** A bot over the real owner, and the feed that it hears. */
export class SignalWorld {
  readonly clock = new VirtualClock(timeUs(START_US));
  readonly bus = new MemoryBus(this.clock);
  readonly kv = new MemoryKv(this.clock);
  readonly log = new MemoryLog();
  readonly store: BreakingStore;
  readonly strategies = new StrategyRegistry([maCross, fragile, marketFilter, spans]);
  #settings: BotSettings;
  #owner: KeyedOwner;
  #lives = 0;
  #words = 0;
  readonly #feed: Fence = { key: 'feed/demo', epochUs: timeUs(1), token: 1 };

  constructor(config: Partial<BotConfig> | undefined = {}, store = new BreakingStore()) {
    this.store = store;
    this.#settings = {
      runId: 'run',
      botId: 'bot',
      config: config && { ...CONFIG, ...config },
      venueOf: () => 'TEST',
      calendarOf: () => calendars.get('XNYS'),
      market: new MarketReading(this.bus),
      catalogue: { strategies: this.strategies, feeds: ['demo'], accounts: ['paper'] },
      restart: true,
    };
    this.#owner = this.#make();
  }

  /** A world without a configured bot. */
  static empty(): SignalWorld {
    const world = new SignalWorld();
    world.#settings = { ...world.#settings, config: undefined };
    return world;
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>, wakes = 3_000): Promise<void> {
    for (let turn = 0; turn < wakes; turn += 1) {
      if (await isSo()) return;
      await drained();
      this.clock.wakeNext();
    }
    const status = JSON.stringify(this.#owner.status);
    throw new Error(`never came: ${what}; ${status}; ${JSON.stringify(this.said())}`);
  }

  /** Lets the world go on for a while, so that what must not happen had its chance. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn += 1) {
      await drained();
      this.clock.wakeNext();
    }
  }

  get status() {
    return this.#owner.status;
  }

  async bot(): Promise<BotRecord> {
    const [bot] = await this.store.bots({ botId: 'bot' });
    if (bot === undefined) throw new Error('expected a bot');
    return bot;
  }

  /** All that the bot said, oldest first. */
  slices(): readonly BotSlice[] {
    return this.bus
      .messages('TRADING')
      .filter((message) => message.subject === subjects.signal('bot'))
      .map((message) => decodeBotSlice(message.data));
  }

  /** What the bot said as short texts: minute, state, directions by symbol. */
  said(): readonly string[] {
    return this.slices().map((slice) => {
      const minute =
        slice.sliceEndUs === 0 ? 'none' : (slice.sliceEndUs - START_US) / US_PER_MINUTE;
      const wants = slice.signals.map((signal) => ` ${signal.symbol} ${signal.direction}`);
      return `${minute} ${slice.state}${wants.join('')}`;
    });
  }

  /** Journals bars of the past. @param prices close by symbol, the first one minute 1. */
  async past(...prices: readonly Readonly<Record<string, number>>[]): Promise<void> {
    await this.store.takeOwnership(this.#feed);
    const bars = prices.flatMap((price, index) => this.#bars(index + 1, price));
    await this.store.commit({ fence: this.#feed, bars });
  }

  /** Says that the feed is open. */
  async open(minute = 0): Promise<void> {
    await this.close(minute, []);
  }

  /** Journals and publishes a slice. @param price close by symbol. */
  async slice(minute: number, price: Readonly<Record<string, number>>, last = false) {
    const bars = await this.journal(minute, price);
    for (const bar of bars) await this.publishBar(bar);
    await this.close(minute, Object.keys(price).sort(), last);
  }

  async journal(minute: number, price: Readonly<Record<string, number>>) {
    const bars = this.#bars(minute, price);
    await this.store.takeOwnership(this.#feed);
    await this.store.commit({ fence: this.#feed, bars });
    return bars;
  }

  async publishBar(bar: BarRecord): Promise<void> {
    await this.#publish(subjects.bar('TEST', bar.symbol, '1m'), encodeBar(bar));
  }

  async close(minute: number, symbols: readonly string[], last = false): Promise<void> {
    const endUs = minute === 0 ? timeUs(0) : at(minute);
    const data = encodeBarsClosed({ runId: 'run', feed: 'demo', endUs, symbols, last });
    await this.#publish(subjects.barsClosed('demo'), data);
  }

  /** Publishes a slice and waits until the bot has said what it has to say of it. */
  async step(minute: number, price: Readonly<Record<string, number>>, last = false) {
    await this.slice(minute, price, last);
    await this.heard(minute);
  }

  async heard(minute: number): Promise<void> {
    await this.until(`word of ${minute}`, () =>
      this.slices().some((slice) => slice.sliceEndUs >= at(minute)),
    );
  }

  async command(kind: string, payload = '{}'): Promise<CommandRecord> {
    const command = await this.ask(kind, payload);
    await this.until(`the answer to ${kind}`, async () => {
      return (await this.store.command(command.commandId))?.state !== 'pending';
    });
    return (await this.store.command(command.commandId)) ?? command;
  }

  /** Writes a command without waiting for its answer. */
  async ask(kind: string, payload = '{}'): Promise<CommandRecord> {
    this.#words += 1;
    const command: CommandRecord = {
      commandId: `command-${this.#words}`,
      key: 'bot/bot',
      kind,
      payload,
      actor: 'ana',
      createdAtUs: this.clock.nowUs(),
      state: 'pending',
    };
    await this.store.addCommand(command);
    await this.bus.notify(subjects.command('bot/bot'), new Uint8Array());
    return command;
  }

  async restart(changes: Partial<BotSettings> = {}): Promise<void> {
    let stopped = false;
    void this.#owner.stop().then(() => {
      stopped = true;
    });
    await this.until('the stop', () => stopped);
    this.#settings = { ...this.#settings, ...changes };
    this.#owner = this.#make();
  }

  #bars(minute: number, price: Readonly<Record<string, number>>): BarRecord[] {
    return Object.entries(price).map(([symbol, close]) => {
      const nanos = priceNanos(close * 1e9);
      return {
        symbol,
        timeframe: '1m',
        startUs: at(minute - 1),
        endUs: at(minute),
        revision: 0,
        openNanos: nanos,
        highNanos: nanos,
        lowNanos: nanos,
        closeNanos: nanos,
        volume: 10,
        runId: 'run',
        feed: 'demo',
        venue: 'TEST',
      };
    });
  }

  async #publish(subject: string, data: Uint8Array): Promise<void> {
    this.#words += 1;
    const headers = { [headerNames.eventId]: `event-${this.#words}` };
    await this.bus.publish([{ subject, data, headers, messageId: `m-${this.#words}` }]);
  }

  #make(): KeyedOwner {
    this.#lives += 1;
    const { bus, kv, store, clock, log } = this;
    const ports = { bus, kv, store, clock, log, meter: nullMeter };
    const logic = () => new BotOwner(ports, this.#settings);
    const owner = new KeyedOwner(ports, 'bot/bot', `life-${this.#lives}`, logic);
    void owner.run();
    return owner;
  }
}
