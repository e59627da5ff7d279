import { type Bar, type MarketEvent, type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import {
  type BarsRequest,
  type Clock,
  type MarketDataCapabilities,
  type MarketDataVenue,
  type MarketStream,
  STREAM_KINDS,
  type StreamWish,
} from '@capstan/ports';
import { portErrors } from '../memory/port-errors.ts';

/** What a vendor's stream says, and when by its own clock. */
export interface ScriptedEvent {
  readonly atUs: number;
  readonly event: MarketEvent;
}

/** A time from which on, and until which, something is so. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What a vendor tells, and what goes wrong there. */
export interface MarketScript {
  /** All bars that ever were, in whatever order. */
  readonly history: readonly Bar[];
  /** What the stream says to whoever wants it then. */
  readonly events: readonly ScriptedEvent[];
  /** How long after its end history has a bar. */
  readonly historyDelayUs?: number;
  /** Symbols that it knows; those of its history unless told. */
  readonly symbols?: readonly string[];
  /** The stream breaks off as such a span begins, says so, and is there again as it ends. */
  readonly broken?: readonly Span[];
  /** The stream stays connected and says nothing. */
  readonly silent?: readonly Span[];
  /** Nothing can be reached: history fails, and whoever connects fails. */
  readonly away?: readonly Span[];
  /** What its clock is ahead of the true time. */
  readonly clockAheadUs?: number;
}

/** What the venue stands on: the true time, and a clock to sleep by. */
interface MarketPorts {
  readonly trueNowUs: () => number;
  readonly clock: Pick<Clock, 'sleep'>;
}

const CAPABILITIES: MarketDataCapabilities = {
  timeframes: ['1m'],
  barsAlign: 'clock',
  history: { trades: false, quotes: false, options: false, actions: false, calendar: false },
  streams: STREAM_KINDS,
  adjustments: ['raw'],
  tellsTime: true,
};

/** A vendor of market data that follows a script, in virtual time. Each instance is one client of it. */
export class MemoryMarketVenue implements MarketDataVenue {
  readonly capabilities = CAPABILITIES;
  readonly #ports: MarketPorts;
  readonly #script: MarketScript;
  readonly #symbols: ReadonlySet<string>;
  /** Requests of history, and connections made. */
  readonly asked = { history: 0, streams: 0 };

  constructor(ports: MarketPorts, script: MarketScript) {
    this.#ports = ports;
    this.#script = script;
    this.#symbols = new Set(script.symbols ?? script.history.map(({ symbol }) => symbol));
  }

  /** By the vendor's clock. */
  #nowUs(): number {
    return this.#ports.trueNowUs() + (this.#script.clockAheadUs ?? 0);
  }

  async nowUs(): Promise<TimeUs> {
    this.#reach();
    return timeUs(this.#nowUs());
  }

  async check(): Promise<void> {
    this.#reach();
  }

  async *bars({ symbols, fromUs, toUs }: BarsRequest): AsyncGenerator<readonly Bar[]> {
    this.asked.history += 1;
    await this.#ports.clock.sleep(HISTORY_MS);
    this.#reach();
    const strange = symbols.find((symbol) => !this.#symbols.has(symbol));
    if (strange !== undefined) throw portErrors.unknownSymbol(strange);
    const { history, historyDelayUs = 0 } = this.#script;
    const knownUs = this.#nowUs() - historyDelayUs;
    for (const symbol of symbols) {
      const bars = history.filter(
        (bar) =>
          bar.symbol === symbol &&
          bar.startUs >= fromUs &&
          bar.startUs < toUs &&
          bar.endUs <= knownUs,
      );
      const sorted = bars.sort((a, b) => a.endUs - b.endUs);
      for (let at = 0; at < sorted.length; at += PAGE) yield sorted.slice(at, at + PAGE);
    }
  }

  async subscribe(wish: StreamWish): Promise<MarketStream> {
    this.asked.streams += 1;
    await this.#ports.clock.sleep(CONNECT_MS);
    this.#reach();
    return new ScriptedStream(this.#ports.clock, () => this.#nowUs(), this.#script, wish);
  }

  // biome-ignore lint/correctness/useYield: it has none.
  async *trades(): AsyncGenerator<never> {
    throw portErrors.marketUnavailable('this vendor has bars only.');
  }

  quotes = this.trades;
  actions = this.trades;
  optionContracts = this.trades;
  optionChain = this.trades;

  sessions(): Promise<never> {
    return Promise.reject(portErrors.marketUnavailable('this vendor has no calendar.'));
  }

  close(): void {}

  #reach(): void {
    if (within(this.#script.away, this.#nowUs())) {
      throw portErrors.marketUnavailable('the vendor cannot be reached.');
    }
  }
}

const HISTORY_MS = 40;
const CONNECT_MS = 80;
const CONFIRM_MS = 30;
const PAGE = 500;
/** Longest sleep of a stream: what it wants may change meanwhile. */
const SLEEP_MS = 1_000;

function within(spans: readonly Span[] | undefined, us: number): boolean {
  return (spans ?? []).some(({ fromUs, toUs }) => us >= fromUs && us < toUs);
}

/** Says what the script says from when it was opened, to whom it may concern. */
class ScriptedStream implements MarketStream {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #nowUs: () => number;
  readonly #script: MarketScript;
  readonly #events: readonly ScriptedEvent[];
  readonly #stop = new AbortController();
  #wish: StreamWish;
  #saidUs: number;
  #isBroken = true;

  constructor(
    clock: Pick<Clock, 'sleep'>,
    nowUs: () => number,
    script: MarketScript,
    wish: StreamWish,
  ) {
    this.#clock = clock;
    this.#nowUs = nowUs;
    this.#script = script;
    this.#wish = wish;
    this.#saidUs = nowUs();
    this.#events = script.events.toSorted((a, b) => a.atUs - b.atUs);
  }

  async next(): Promise<readonly MarketEvent[]> {
    for (;;) {
      if (this.#stop.signal.aborted) return [];
      const said = this.#say();
      if (said.length > 0) return said;
      const { broken = [] } = this.#script;
      const ahead =
        this.#events.find(({ atUs }) => atUs > this.#saidUs)?.atUs ?? Number.POSITIVE_INFINITY;
      const turns = broken.flatMap(({ fromUs, toUs }) => [fromUs, toUs]);
      const dueUs = Math.min(ahead, ...turns.filter((us) => us > this.#saidUs));
      const waitMs = Math.min(SLEEP_MS, (dueUs - this.#nowUs()) / US_PER_MS);
      await this.#clock.sleep(Math.max(1, waitMs), this.#stop.signal);
    }
  }

  async want(wish: StreamWish): Promise<void> {
    await this.#clock.sleep(CONFIRM_MS);
    this.#wish = wish;
  }

  close(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }

  #say(): readonly MarketEvent[] {
    const [fromUs, toUs] = [this.#saidUs, this.#nowUs()];
    this.#saidUs = toUs;
    const { broken, silent, away } = this.#script;
    const isLost = (us: number) => within(broken, us) || within(silent, us) || within(away, us);
    const said: MarketEvent[] = this.#events
      .filter(
        ({ atUs, event }) => atUs > fromUs && atUs <= toUs && !isLost(atUs) && this.#wants(event),
      )
      .map(({ event }) => event);
    const isBroken = within(broken, toUs);
    if (isBroken === this.#isBroken) return said;
    this.#isBroken = isBroken;
    return isBroken
      ? [...said, { kind: 'disconnected', reason: 'as written' }]
      : [{ kind: 'connected' }, ...said];
  }

  #wants(event: MarketEvent): boolean {
    const { bars, seconds = [], trades, quotes } = this.#wish;
    switch (event.kind) {
      case 'bar':
        return bars.includes(event.bar.symbol);
      case 'second':
        return seconds.includes(event.second.symbol);
      case 'trade':
        return trades.includes(event.trade.symbol);
      case 'tradeCancelled':
        return trades.includes(event.symbol);
      case 'quote':
        return quotes.includes(event.quote.symbol);
      default:
        return true;
    }
  }
}
