import type { Calendar } from '@capstan/calendar';
import { type AppError, type MarketEvent, US_PER_MINUTE, US_PER_MS } from '@capstan/domain';
import type { Clock, Log, MarketStream, StreamWish } from '@capstan/ports';
import { EventQueue } from '../../market/event-queue.ts';
import { marketFailure } from '../../requests/market-failure.ts';
import type { AlpacaCredentials } from '../credentials.ts';
import type { AlpacaFeed } from './feeds.ts';
import {
  HEARTBEAT_SYMBOL,
  RECONNECT_MS,
  RECONNECT_MS_MAX,
  SILENCE_MS_MAX,
  TAKEN_MS,
  TAKEN_MS_MAX,
  WATCH_MS,
} from './limits.ts';
import { channelsOf, StreamConnection, type StreamEnd, StreamEnded } from './stream-connection.ts';

export interface StreamPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: Calendar;
}

export interface StreamSettings {
  /** The host of the streams, without a slash at its end. */
  readonly dataStreamUrl: string;
  readonly feed: AlpacaFeed;
  readonly credentials: AlpacaCredentials;
}

/** How late a feed is by itself. */
const DELAY_US: Readonly<Record<AlpacaFeed, number>> = {
  iex: 0,
  sip: 0,
  delayed_sip: 15 * US_PER_MINUTE,
};

/**
 * Alpaca's stream, for as long as it is wanted: opened again whenever it ends, silent or not. Where another process holds the plan's
 * one connection it waits, longer each time, and says so.
 */
export class AlpacaStream implements MarketStream {
  readonly #ports: StreamPorts;
  readonly #settings: StreamSettings;
  readonly #events = new EventQueue();
  readonly #closing = new AbortController();
  #run: Promise<void> = Promise.resolve();
  #wish: StreamWish;
  /** What the vendor last gave its word for; a wish that it refuses gives way to it again. */
  #granted: StreamWish;
  #wishedBars: ReadonlySet<string>;
  #connection: StreamConnection | undefined;
  #changes: Promise<unknown> = Promise.resolve();
  #heardMs = 0;

  private constructor(ports: StreamPorts, settings: StreamSettings, wish: StreamWish) {
    this.#ports = ports;
    this.#settings = settings;
    this.#wish = wish;
    this.#granted = wish;
    this.#wishedBars = new Set(wish.bars);
  }

  /**
   * Opens the stream and returns after the first attempt: one that may yet succeed goes on by itself.
   * @throws MARKET.CREDENTIALS, MARKET.ENTITLEMENT
   */
  static async open(
    ports: StreamPorts,
    settings: StreamSettings,
    wish: StreamWish,
  ): Promise<AlpacaStream> {
    const stream = new AlpacaStream(ports, settings, wish);
    const first = await stream.#connect();
    const failure = first === undefined ? undefined : stream.#failureOf(first);
    if (failure !== undefined) throw failure;
    stream.#run = stream.#keep(first).catch((error: unknown) => stream.#events.fail(error));
    return stream;
  }

  next(): Promise<readonly MarketEvent[]> {
    return this.#events.next();
  }

  /** @throws MARKET.ENTITLEMENT; MARKET.UNAVAILABLE where it is not connected: what is wanted is then asked for as soon as it is. */
  want(wish: StreamWish): Promise<void> {
    this.#setWish(wish);
    const change = this.#changes.then(() => this.#change(wish));
    this.#changes = change.catch(() => undefined);
    return change;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#connection?.close();
    this.#events.close();
    await this.#run;
  }

  async #change(wish: StreamWish): Promise<void> {
    const connection = this.#connection;
    try {
      if (connection === undefined) throw new StreamEnded({ kind: 'lost', why: 'it is off' });
      await connection.want(channelsOf(wish, HEARTBEAT_SYMBOL));
      this.#granted = wish;
    } catch (error) {
      if (!(error instanceof StreamEnded)) throw error;
      const { end } = error;
      if (end.kind === 'entitlement') await this.#takeBack(wish, connection);
      throw this.#failureOf(end) ?? unavailable(end.why);
    }
  }

  /** Goes back from a wish that was refused to what was granted before it. */
  async #takeBack(refused: StreamWish, connection: StreamConnection | undefined): Promise<void> {
    if (this.#wish === refused) this.#setWish(this.#granted);
    // Where this fails the connection has ended, and the next one asks for what is wished then.
    await connection
      ?.want(channelsOf(this.#granted, HEARTBEAT_SYMBOL))
      .catch((error: unknown) => connection.close(String(error)));
  }

  #setWish(wish: StreamWish): void {
    this.#wish = wish;
    this.#wishedBars = new Set(wish.bars);
  }

  /** Takes up the stream whenever it ends, until it is closed or there is no sense in it. */
  async #keep(first: StreamEnd | undefined): Promise<void> {
    let end = first ?? (await this.#watched());
    for (let failures = 1; !this.#closing.signal.aborted; ) {
      const failure = this.#failureOf(end);
      if (failure !== undefined) return this.#events.fail(failure);
      this.#tell(end, failures);
      await this.#ports.clock.sleep(waitMs(end, failures), this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      const refused = await this.#connect();
      failures = refused === undefined ? 1 : failures + 1;
      end = refused ?? (await this.#watched());
    }
  }

  /** Opens a connection that listens to all that is wished. @returns why it could not. */
  async #connect(): Promise<StreamEnd | undefined> {
    const { dataStreamUrl, feed, credentials } = this.#settings;
    credentials.refresh();
    const ports = { clock: this.#ports.clock, onEvent: (event: MarketEvent) => this.#take(event) };
    const key = credentials.reveal();
    const connection = new StreamConnection(ports, `${dataStreamUrl}/v2/${feed}`, key);
    try {
      await connection.open();
      for (let asked: StreamWish | undefined; asked !== this.#wish; ) {
        asked = this.#wish;
        await connection.want(channelsOf(asked, HEARTBEAT_SYMBOL));
        this.#granted = asked;
      }
    } catch (error) {
      connection.close();
      if (error instanceof StreamEnded) return error.end;
      throw error;
    }
    if (this.#closing.signal.aborted) connection.close();
    this.#connection = connection;
    this.#heardMs = this.#ports.clock.monotonicMs();
    this.#events.push({ kind: 'connected' });
    return undefined;
  }

  /** Waits until the connection ends, and ends it where it says nothing for too long. */
  async #watched(): Promise<StreamEnd> {
    const connection = this.#connection;
    if (connection === undefined) return { kind: 'lost', why: 'it is off' };
    const over = new AbortController();
    const watch = this.#watch(connection, over.signal);
    const end = await connection.ended;
    over.abort();
    await watch;
    this.#connection = undefined;
    return end;
  }

  async #watch(connection: StreamConnection, over: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!over.aborted) {
      await clock.sleep(WATCH_MS, over);
      const silentMs = clock.monotonicMs() - this.#heardMs;
      if (over.aborted || silentMs < SILENCE_MS_MAX || !this.#shouldSpeak()) continue;
      connection.close(`nothing came for ${Math.round(silentMs / 1_000)} s of a session`);
    }
  }

  /** Whether the session has lasted for so long that the heartbeat symbol must have been heard of. */
  #shouldSpeak(): boolean {
    const { clock, calendar } = this.#ports;
    const nowUs = clock.nowUs() - DELAY_US[this.#settings.feed];
    const session = calendar.sessionAt(nowUs);
    return session !== undefined && nowUs - session.openUs >= SILENCE_MS_MAX * US_PER_MS;
  }

  #take(event: MarketEvent): void {
    this.#heardMs = this.#ports.clock.monotonicMs();
    if (event.kind === 'bar' && !this.#wishedBars.has(event.bar.symbol)) return;
    this.#events.push(event);
  }

  #tell(end: StreamEnd, failures: number): void {
    const words =
      end.kind === 'taken'
        ? "another process holds the one connection of these keys to Alpaca's stream; waiting for it"
        : end.why;
    if (failures === 1) this.#events.push({ kind: 'disconnected', reason: words });
    this.#ports.log.warn("Alpaca's stream is off and will be opened again", {
      reason: words,
      attempt: failures,
    });
  }

  /** The failure that an end is where going on makes no sense. */
  #failureOf({ kind, why }: StreamEnd): AppError | undefined {
    const { credentials, feed } = this.#settings;
    if (kind === 'credentials') {
      return marketFailure('MARKET.CREDENTIALS', {
        why: `Alpaca's stream refuses the keys of ${credentials.source}: ${why}.`,
        fix: 'Check both; a key that was made anew has another secret too.',
      });
    }
    if (kind !== 'entitlement') return undefined;
    const isLimit = why.startsWith('symbol limit');
    return marketFailure('MARKET.ENTITLEMENT', {
      why: `Alpaca's stream of ${feed} does not give this plan what is wanted: ${why}.`,
      fix: isLimit
        ? 'Ask for fewer symbols, or set `stream: poll`, which has no such limit for bars.'
        : 'Set `feed: iex`, which every plan has.',
    });
  }
}

function waitMs({ kind }: StreamEnd, failures: number): number {
  const [first, most] =
    kind === 'taken' ? [TAKEN_MS, TAKEN_MS_MAX] : [RECONNECT_MS, RECONNECT_MS_MAX];
  return Math.min(most, first * 2 ** (failures - 1));
}

function unavailable(why: string): AppError {
  return marketFailure('MARKET.UNAVAILABLE', {
    why: `Alpaca's stream is not connected now (${why}); what is wanted is asked for as soon as it is.`,
  });
}
