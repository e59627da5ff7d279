import { CalendarBook } from '@capstan/calendar';
import { type BarsClosed, decodeBar, decodeBarsClosed, subjects } from '@capstan/contracts';
import { type Bar, type BotState, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import type { BarRecord, BotRecord, Clock } from '@capstan/ports';
import { StrategyRegistry } from '@capstan/strategy';
import {
  drained,
  type MarketScript,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryMarketVenue,
  MemoryStore,
  nullMeter,
  type Span,
  VirtualClock,
} from '@capstan/testkit';
import { LiveFeedOwner, type LiveFeedSettings, type LiveStatus } from './live-feed-owner.ts';
import type { LiveMarketRules } from './live-item.ts';
import type { Market } from './minute-grid.ts';
import { SALE_RULES } from './sale-conditions.ts';
import { wantedSymbols } from './wanted-symbols.ts';

const SECOND = 1_000_000;
/** The opening of a Monday's session in New York. */
export const OPEN_US = 1_767_623_400_000_000;
export const at = (minute: number, seconds = 0) =>
  timeUs(OPEN_US + minute * US_PER_MINUTE + seconds * SECOND);

const NYSE: Market = { calendar: new CalendarBook().get('XNYS'), hours: 'regular' };
const STRATEGIES = new StrategyRegistry();

/** A bot of the feed. */
export function botOf(botId: string, symbols: readonly string[], state: BotState): BotRecord {
  return {
    ...{ botId, accountId: 'paper', configRevision: 1, strategy: 'ma-cross', params: {} },
    ...{ symbols, timeframe: '1m', feed: 'live', state, restarts: 0, updatedAtUs: at(0) },
    ...{ sizing: { kind: 'equityFraction', fraction: 0.1 }, schedule: undefined },
    ...{ restartOnCrash: true, onShutdown: 'leave', createdAtUs: at(0) },
  } as unknown as BotRecord;
}

/** Sockets are read so long after the timers of a process that had stood still. */
const SOCKETS_MS = 100;

/** A clock of a process that stands still for a while. */
function thawing(clock: Clock, frozen: Span | undefined, laterMs: number): Clock {
  if (frozen === undefined) return clock;
  return {
    nowUs: () => clock.nowUs(),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal) => {
      const dueUs = clock.nowUs() + ms * 1_000;
      const isFrozen = dueUs >= frozen.fromUs && dueUs < frozen.toUs;
      const thawedMs = (frozen.toUs - clock.nowUs()) / 1_000 + laterMs;
      return clock.sleep(isFrozen ? thawedMs : ms, signal);
    },
  };
}

/** A clock of a machine that is asleep for a while: the one that never goes back stands still then, and timers with it. */
function waking(clock: VirtualClock, asleep: Span | undefined): Clock {
  if (asleep === undefined) return clock;
  const { fromUs, toUs } = asleep;
  const sleptUs = () => Math.min(Math.max(clock.nowUs() - fromUs, 0), toUs - fromUs);
  return {
    nowUs: () => clock.nowUs(),
    monotonicMs: () => clock.monotonicMs() - sleptUs() / 1_000,
    sleep: (ms, signal) => {
      const isAsleep = clock.nowUs() < toUs && clock.nowUs() + ms * 1_000 >= fromUs;
      const leftUs = toUs - Math.max(clock.nowUs(), fromUs);
      return clock.sleep(isAsleep ? ms + leftUs / 1_000 : ms, signal);
    },
  };
}

/** A live feed over the real owner, in virtual time. */
export class LiveWorld {
  readonly clock: VirtualClock;
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly bus: MemoryBus;
  readonly kv: MemoryKv;
  readonly venue: MemoryMarketVenue;
  status: LiveStatus | undefined;
  readonly #settings: LiveFeedSettings;
  readonly #ownClock: Clock;
  #owner: KeyedOwner;
  #lives = 0;

  constructor(
    script: MarketScript,
    options: {
      readonly startUs?: number;
      readonly symbols?: readonly string[];
      readonly rules?: Partial<LiveMarketRules>;
      /** The process stands still meanwhile: timers ring first afterwards, sockets are read then. */
      readonly frozen?: Span;
      /** The machine is asleep meanwhile. */
      readonly asleep?: Span;
    } = {},
  ) {
    const { startUs = at(20, 10), symbols = ['AAA'], rules = {}, frozen, asleep } = options;
    this.clock = new VirtualClock(timeUs(startUs));
    this.bus = new MemoryBus(this.clock);
    this.kv = new MemoryKv(this.clock);
    const machine = waking(this.clock, asleep);
    const clock = thawing(machine, frozen, 0);
    const sockets = thawing(machine, frozen, SOCKETS_MS);
    const delayed = { historyDelayUs: 2 * SECOND, ...script };
    this.venue = new MemoryMarketVenue({ trueNowUs: () => clock.nowUs(), clock: sockets }, delayed);
    const by = { feed: 'live', symbols, bots: [], strategies: STRATEGIES };
    this.#settings = {
      ...{ feed: 'live', venue: 'TEST', runId: 'run' },
      rules: {
        ...{ feed: 'live', from: 'bars', sales: SALE_RULES.alpaca, historySessions: 0 },
        ...{ graceUs: 4 * SECOND, settleUs: 3 * SECOND, staleUs: 120 * SECOND },
        marketOf: () => NYSE,
        ...rules,
      },
      wantedOf: (bots) => wantedSymbols(by, bots),
      onStatus: (status) => {
        this.status = status;
      },
    };
    this.#ownClock = clock;
    this.#owner = this.#make();
  }

  /** Lets time pass to a minute of the session. */
  async to(minute: number, seconds = 0): Promise<void> {
    await this.clock.advance((at(minute, seconds) - this.clock.nowUs()) / 1_000);
    await drained();
  }

  async restart(): Promise<void> {
    let stopped = false;
    void this.#owner.stop().then(() => {
      stopped = true;
    });
    for (let turn = 0; turn < 1_000 && !stopped; turn += 1) {
      await drained();
      this.clock.wakeNext();
    }
    this.#owner = this.#make();
  }

  async writeBots(...bots: readonly BotRecord[]): Promise<void> {
    this.#lives += 1;
    const fence = { key: 'bot/any', epochUs: at(0), token: this.#lives };
    await this.store.takeOwnership(fence);
    await this.store.commit({ fence, bots });
  }

  closings(): readonly BarsClosed[] {
    return this.bus
      .messages('MARKET')
      .filter(({ subject }) => subject === subjects.barsClosed('live'))
      .map(({ data }) => decodeBarsClosed(data));
  }

  /** The closings as `minute SYMBOL,SYMBOL`. */
  slices(): readonly string[] {
    return this.closings().map(({ endUs, symbols }) =>
      `${(endUs - OPEN_US) / US_PER_MINUTE} ${symbols.join(',')}`.trim(),
    );
  }

  /** Bars as they were published. */
  bars(): readonly Bar[] {
    return this.bus
      .messages('MARKET')
      .filter(({ subject }) => subject.startsWith('market.bar.'))
      .map(({ data }) => decodeBar(data));
  }

  journaled(symbol: string): Promise<readonly BarRecord[]> {
    return this.store.bars({
      ...{ runId: 'run', feed: 'live', symbols: [symbol], timeframe: '1m' },
      ...{ afterUs: timeUs(0), throughUs: at(1_000), limit: 100_000, revisions: 'all' },
    });
  }

  messagesOf(text: string): readonly unknown[] {
    return this.log.lines.filter(({ message }) => message.includes(text));
  }

  #make(): KeyedOwner {
    this.#lives += 1;
    const { bus, kv, store, log, venue } = this;
    const ports = { bus, kv, store, clock: this.#ownClock, log, meter: nullMeter };
    const logic = () => new LiveFeedOwner({ ...ports, venue }, this.#settings);
    const owner = new KeyedOwner(ports, 'feed/live', `life-${this.#lives}`, logic);
    void owner.run();
    return owner;
  }
}
