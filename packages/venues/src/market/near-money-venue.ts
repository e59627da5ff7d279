import type { Calendar } from '@capstan/calendar';
import {
  AppError,
  hasCode,
  type MarketEvent,
  type TimeUs,
  timeUs,
  US_PER_DAY,
} from '@capstan/domain';
import type {
  ActionsRequest,
  BarsRequest,
  Clock,
  HistoryRequest,
  Log,
  MarketDataVenue,
  MarketStream,
  OptionsRequest,
  StreamWish,
} from '@capstan/ports';
import {
  type NearMoneySettings,
  NearMoneyTracker,
  type NearMoneyUpdate,
} from './near-money-tracker.ts';

export interface NearMoneyPorts {
  readonly venue: MarketDataVenue;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly log: Log;
}

/** Takes what the tracker has to say. */
export type TellNearMoney = (update: NearMoneyUpdate) => void;

/** How far back the mean of closes may have to reach, over the longest holidays. */
const PAST_US = 5 * US_PER_DAY;

/**
 * A vendor of market data whose streams follow the options around the money of an underlying too: over the same connection, as a key may
 * have one alone. Who opened the stream sees of it what it asked for; the rest is told apart.
 */
export class NearMoneyVenue implements MarketDataVenue {
  readonly capabilities;
  readonly #ports: NearMoneyPorts;
  readonly #settings: NearMoneySettings;
  readonly #tell: TellNearMoney;

  constructor(ports: NearMoneyPorts, settings: NearMoneySettings, tell: TellNearMoney) {
    this.capabilities = ports.venue.capabilities;
    this.#ports = ports;
    this.#settings = settings;
    this.#tell = tell;
  }

  check(signal?: AbortSignal) {
    return this.#ports.venue.check(signal);
  }

  bars(request: BarsRequest, signal?: AbortSignal) {
    return this.#ports.venue.bars(request, signal);
  }

  trades(request: HistoryRequest, signal?: AbortSignal) {
    return this.#ports.venue.trades(request, signal);
  }

  quotes(request: HistoryRequest, signal?: AbortSignal) {
    return this.#ports.venue.quotes(request, signal);
  }

  actions(request: ActionsRequest, signal?: AbortSignal) {
    return this.#ports.venue.actions(request, signal);
  }

  optionContracts(request: OptionsRequest, signal?: AbortSignal) {
    return this.#ports.venue.optionContracts(request, signal);
  }

  optionChain(request: OptionsRequest, signal?: AbortSignal) {
    return this.#ports.venue.optionChain(request, signal);
  }

  sessions(fromDate: string, toDate: string) {
    return this.#ports.venue.sessions(fromDate, toDate);
  }

  nowUs(): Promise<TimeUs> {
    return this.#ports.venue.nowUs();
  }

  close(): void {
    this.#ports.venue.close();
  }

  async subscribe(wish: StreamWish): Promise<MarketStream> {
    const { venue, calendar } = this.#ports;
    const tracker = new NearMoneyTracker(calendar, this.#settings);
    const near = new NearMoney(this.#ports, tracker, this.#tell);
    await near.start();
    try {
      const stream = await venue.subscribe(joined(wish, near.wish));
      return new NearMoneyStream(stream, near, wish);
    } catch (error) {
      if (!near.isRefused(error)) throw error;
      return new NearMoneyStream(await venue.subscribe(wish), near, wish);
    }
  }
}

/** A stream that carries the tracker's wish beside its own. */
class NearMoneyStream implements MarketStream {
  readonly #stream: MarketStream;
  readonly #near: NearMoney;
  #wish: StreamWish;
  #own: OwnSymbols;

  constructor(stream: MarketStream, near: NearMoney, wish: StreamWish) {
    this.#stream = stream;
    this.#near = near;
    this.#wish = wish;
    this.#own = ownSymbols(wish);
  }

  async next(): Promise<readonly MarketEvent[]> {
    for (;;) {
      const events = await this.#stream.next();
      if (events.length === 0) return events;
      let hasChosen = false;
      for (const event of events) hasChosen = (await this.#near.hear(event)) || hasChosen;
      if (hasChosen) await this.want(this.#wish);
      const own = events.filter((event) => isOwn(this.#own, event));
      if (own.length > 0) return own;
    }
  }

  async want(wish: StreamWish): Promise<void> {
    this.#wish = wish;
    this.#own = ownSymbols(wish);
    try {
      await this.#stream.want(joined(wish, this.#near.wish));
    } catch (error) {
      if (!this.#near.isRefused(error)) throw error;
      await this.#stream.want(wish);
    }
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}

/** The tracker, and what it needs of the vendor's history. */
class NearMoney {
  readonly #ports: NearMoneyPorts;
  readonly #tracker: NearMoneyTracker;
  readonly #tell: TellNearMoney;
  #isOff = false;

  constructor(ports: NearMoneyPorts, tracker: NearMoneyTracker, tell: TellNearMoney) {
    this.#ports = ports;
    this.#tracker = tracker;
    this.#tell = tell;
  }

  get wish(): StreamWish {
    return this.#isOff ? NOTHING : this.#tracker.wish;
  }

  /** The past of the session, and the contracts of its expiry. */
  async start(): Promise<void> {
    await this.#asked('the past', () => this.#past());
    await this.#asked('the options', () => this.#list());
  }

  /** Takes an event. @returns true where other options are wanted now. */
  async hear(event: MarketEvent): Promise<boolean> {
    if (this.#isOff) return false;
    const before = this.#tracker.choice;
    this.#say(this.#tracker.hear(event));
    // After a break the minutes that were missed come first.
    if (event.kind === 'connected') await this.#asked('the past', () => this.#past());
    await this.#asked('the options', () => this.#list());
    return this.#tracker.choice !== before;
  }

  /** Tells whether the plan refuses something, which is then done without: bars count more than options. */
  isRefused(error: unknown): boolean {
    if (this.#isOff || !hasCode(error, 'MARKET.ENTITLEMENT')) return false;
    this.#isOff = true;
    const { underlying } = this.#tracker;
    this.#ports.log.error('options around the money are not followed', {
      underlying,
      reason: error.message,
    });
    return true;
  }

  /** What fails for now is asked for again with the next event; the stream goes on. */
  async #asked(what: string, ask: () => Promise<void>): Promise<void> {
    if (this.#isOff) return;
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (this.isRefused(error)) return;
      const { underlying } = this.#tracker;
      this.#ports.log.warn(`${what} of an underlying cannot be had now`, { underlying, error });
    }
  }

  /** Brings the minutes from where the tracker stands, or from as long ago as it reaches back. Of them the last word is told. */
  async #past(): Promise<void> {
    const { venue, clock } = this.#ports;
    const nowUs = clock.nowUs();
    const fromUs = this.#tracker.values?.endUs ?? timeUs(nowUs - PAST_US);
    if (fromUs >= nowUs) return;
    const last = new Map<NearMoneyUpdate['kind'], NearMoneyUpdate>();
    const request = { symbols: [this.#tracker.underlying], fromUs, toUs: nowUs };
    for await (const bars of venue.bars({ ...request, timeframe: '1m', adjustment: 'raw' })) {
      for (const bar of bars) {
        for (const one of this.#tracker.hear({ kind: 'bar', bar })) last.set(one.kind, one);
      }
    }
    this.#say([...last.values()]);
  }

  /** Lists the contracts of the next expiries where a new day asks for it. */
  async #list(): Promise<void> {
    const { venue, clock } = this.#ports;
    const wanted = this.#tracker.wantedExpiries(clock.nowUs());
    if (wanted === undefined) return;
    const { underlying } = this.#tracker;
    const request = { underlying, fromExpiration: wanted.from, toExpiration: wanted.to };
    const contracts = [];
    for await (const page of venue.optionContracts(request)) contracts.push(...page);
    this.#say(this.#tracker.list(wanted.from, contracts));
  }

  #say(updates: readonly NearMoneyUpdate[]): void {
    for (const update of updates) this.#tell(update);
  }
}

const NOTHING: StreamWish = { bars: [], trades: [], quotes: [] };

function joined(a: StreamWish, b: StreamWish): StreamWish {
  const both = (one: readonly string[], other: readonly string[]) => [
    ...new Set([...one, ...other]),
  ];
  return {
    bars: both(a.bars, b.bars),
    trades: both(a.trades, b.trades),
    quotes: both(a.quotes, b.quotes),
  };
}

interface OwnSymbols {
  readonly bars: ReadonlySet<string>;
  readonly trades: ReadonlySet<string>;
  readonly quotes: ReadonlySet<string>;
}

const ownSymbols = ({ bars, trades, quotes }: StreamWish): OwnSymbols => ({
  bars: new Set(bars),
  trades: new Set(trades),
  quotes: new Set(quotes),
});

/** What is of no symbol, such as a break, is everybody's. */
function isOwn(own: OwnSymbols, event: MarketEvent): boolean {
  switch (event.kind) {
    case 'bar':
      return own.bars.has(event.bar.symbol);
    case 'trade':
      return own.trades.has(event.trade.symbol);
    case 'tradeCancelled':
      return own.trades.has(event.symbol);
    case 'quote':
      return own.quotes.has(event.quote.symbol);
    default:
      return true;
  }
}
