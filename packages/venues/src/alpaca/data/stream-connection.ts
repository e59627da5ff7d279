import { streaming } from '@alpacahq/alpaca-trade-api';
import type { MarketEvent } from '@capstan/domain';
import type { Clock, StreamWish } from '@capstan/ports';
import type { AlpacaKey } from '../credentials.ts';
import { CONFIRMATION_MS, HANDSHAKE_MS } from './limits.ts';
import { StreamEvents } from './stream-events.ts';

/** Why a stream ended, or could not be opened. */
export interface StreamEnd {
  /** `lost`: may be back at once; `taken`: another process holds the connection; the others: going on makes no sense. */
  readonly kind: 'lost' | 'taken' | 'credentials' | 'entitlement';
  readonly why: string;
}

/** A connection that ended while something was awaited of it. */
export class StreamEnded extends Error {
  readonly end: StreamEnd;

  constructor(end: StreamEnd) {
    super(end.why);
    this.name = 'StreamEnded';
    this.end = end;
  }
}

/** What a stream is asked for, in Alpaca's channels. */
export type Channels = Readonly<Record<Channel, readonly string[]>>;
const CHANNELS = ['bars', 'updatedBars', 'trades', 'quotes', 'statuses'] as const;
type Channel = (typeof CHANNELS)[number];

/** Words of the client for the errors that it hands out without their codes. */
const END_KINDS: ReadonlyMap<string, StreamEnd['kind']> = new Map([
  ['connection limit exceeded', 'taken'],
  ['symbol limit exceeded', 'entitlement'],
  ['insufficient subscription', 'entitlement'],
  ['auth failed', 'credentials'],
]);

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly onEvent: (event: MarketEvent) => void;
}

/**
 * One connection to Alpaca's stream, until it ends. The client's own reconnecting is off: it gives up after ten attempts, and it goes
 * on where another process holds the connection.
 */
export class StreamConnection {
  readonly #clock: Clock;
  readonly #stream: streaming.StockDataStream;
  readonly #end = Promise.withResolvers<StreamEnd>();
  #lastError: string | undefined;
  #confirmed: Partial<Record<Channel, readonly string[]>> = {};
  #confirmation = Promise.withResolvers<void>();
  /** Set while symbols are asked for: an error is then the answer to that. */
  #refuse: ((end: StreamEnd) => void) | undefined;

  constructor({ clock, onEvent }: ConnectionPorts, url: string, credentials: AlpacaKey) {
    this.#clock = clock;
    this.#stream = new streaming.StockDataStream({
      url,
      credentials: { keyId: credentials.keyId, secret: credentials.secretKey },
      reconnect: false,
    });
    this.#listen(onEvent);
  }

  /** Resolves when the connection has ended, with why. */
  get ended(): Promise<StreamEnd> {
    return this.#end.promise;
  }

  /** Connects, and returns when the vendor has taken the key. @throws StreamEnded */
  async open(): Promise<void> {
    const stream = this.#stream;
    stream.connect();
    const result = await this.#within(HANDSHAKE_MS, stream.whenAuthenticated(), 'take the key');
    if (result.authenticated) return;
    const isRefused = result.status === streaming.STREAM_AUTH_STATUS.SERVER_REJECTED;
    const why = this.#lastError ?? result.message;
    throw this.#over({ kind: isRefused && result.code !== 404 ? 'credentials' : kindOf(why), why });
  }

  /** Asks for symbols, for no others, and returns when the vendor says that it sends just those. @throws StreamEnded */
  async want(channels: Channels): Promise<void> {
    const now = this.#stream.getSubscriptions();
    const refused = Promise.withResolvers<never>();
    refused.promise.catch(() => undefined);
    this.#refuse = (end) => refused.reject(new StreamEnded(end));
    try {
      for (const channel of CHANNELS) {
        const { added, removed } = changes(now[channel], channels[channel]);
        if (added.length > 0) this.#subscribe(channel, added);
        if (removed.length > 0) this.#unsubscribe(channel, removed);
      }
      const confirmed = Promise.race([this.#untilConfirmed(channels), refused.promise]);
      await this.#within(CONFIRMATION_MS, confirmed, 'confirm what it sends');
    } finally {
      this.#refuse = undefined;
    }
  }

  /** Ends the connection. */
  close(why = 'closed'): void {
    this.#over({ kind: 'lost', why });
  }

  async #untilConfirmed(channels: Channels): Promise<void> {
    while (!CHANNELS.every((name) => isSame(this.#confirmed[name] ?? [], channels[name]))) {
      await this.#confirmation.promise;
    }
  }

  /** Waits for something, no longer than a while, and no longer than the connection lasts. */
  async #within<T>(ms: number, awaited: Promise<T>, what: string): Promise<T> {
    const timer = new AbortController();
    const late = (): StreamEnd => ({ kind: 'lost', why: `Alpaca did not ${what} within ${ms} ms` });
    const slept = this.#clock.sleep(ms, timer.signal).then(late);
    const ended = Promise.race([slept, this.#end.promise]).then((end) => {
      // A sleep that was cut short says nothing.
      if (timer.signal.aborted) return awaited;
      throw this.#over(end);
    });
    ended.catch(() => undefined);
    try {
      return await Promise.race([awaited, ended]);
    } finally {
      timer.abort();
    }
  }

  #over(end: StreamEnd): StreamEnded {
    this.#end.resolve(end);
    this.#stream.disconnect();
    return new StreamEnded(end);
  }

  #listen(onEvent: (event: MarketEvent) => void): void {
    const stream = this.#stream;
    const events = new StreamEvents();
    // What cannot be read is not passed over in silence: the gap is filled after the next connection.
    const taking =
      <T>(read: (told: T) => MarketEvent | readonly MarketEvent[] | undefined) =>
      (told: T): void => {
        try {
          for (const event of [read(told) ?? []].flat()) onEvent(event);
        } catch (error) {
          this.close(error instanceof Error ? error.message : String(error));
        }
      };
    stream
      .onBar(taking((bar) => events.bar(bar)))
      .onUpdatedBar(taking((bar) => events.updatedBar(bar)))
      .onTrade(taking((trade) => events.trade(trade)))
      .onCorrection(taking((told) => events.correction(told)))
      .onCancelError(taking((told) => events.cancelled(told)))
      .onQuote(taking((quote) => events.quote(quote)))
      .onStatus(taking((status) => events.status(status)))
      .onError((message) => this.#onError(message))
      .onDisconnect(() => {
        const why = this.#lastError ?? 'the connection ended';
        this.#over({ kind: kindOf(why), why });
      })
      .on(streaming.EVENT.SUBSCRIPTION, (sets: Partial<Record<Channel, readonly string[]>>) => {
        this.#confirmed = sets;
        this.#confirmation.resolve();
        this.#confirmation = Promise.withResolvers();
      });
  }

  #onError(message: string): void {
    const kind = kindOf(message);
    if (this.#refuse !== undefined && kind === 'entitlement') {
      this.#refuse({ kind, why: message });
      return;
    }
    this.#lastError = message;
    if (kind === 'taken' || message.startsWith('failed to ')) {
      this.#over({ kind, why: message });
    }
  }

  #subscribe(channel: Channel, symbols: string[]): void {
    const stream = this.#stream;
    const by: Readonly<Record<Channel, (symbols: string[]) => void>> = {
      bars: (all) => stream.subscribeForBars(all),
      updatedBars: (all) => stream.subscribeForUpdatedBars(all),
      trades: (all) => stream.subscribeForTrades(all),
      quotes: (all) => stream.subscribeForQuotes(all),
      statuses: (all) => stream.subscribeForStatuses(all),
    };
    by[channel](symbols);
  }

  #unsubscribe(channel: Channel, symbols: string[]): void {
    const stream = this.#stream;
    const by: Readonly<Record<Channel, (symbols: string[]) => void>> = {
      bars: (all) => stream.unsubscribeFromBars(all),
      updatedBars: (all) => stream.unsubscribeFromUpdatedBars(all),
      trades: (all) => stream.unsubscribeFromTrades(all),
      quotes: (all) => stream.unsubscribeFromQuotes(all),
      statuses: (all) => stream.unsubscribeFromStatuses(all),
    };
    by[channel](symbols);
  }
}

/** Returns the channels that bring what is wished, and the bars of a symbol that is heard of in every minute. */
export function channelsOf(wish: StreamWish, heartbeat: string): Channels {
  const bars = [...new Set([...wish.bars, heartbeat])].sort();
  const all = new Set([...wish.bars, ...wish.trades, ...wish.quotes]);
  return {
    bars,
    updatedBars: [...wish.bars].sort(),
    trades: [...wish.trades].sort(),
    quotes: [...wish.quotes].sort(),
    statuses: [...all].sort(),
  };
}

const kindOf = (message: string): StreamEnd['kind'] => END_KINDS.get(message) ?? 'lost';

function changes(now: readonly string[], wanted: readonly string[]) {
  const had = new Set(now);
  const wants = new Set(wanted);
  return {
    added: wanted.filter((symbol) => !had.has(symbol)),
    removed: now.filter((symbol) => !wants.has(symbol)),
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one);
  return set.size === new Set(other).size && other.every((symbol) => set.has(symbol));
}
