import type { Calendar } from '@capstan/calendar';
import type { MarketEvent } from '@capstan/domain';
import { hasCode } from '@capstan/domain';
import type { Clock, Log } from '@capstan/ports';
import { RECONNECT_MS, RECONNECT_MS_MAX, SILENCE_MS } from './limits.ts';
import type { PolygonKey } from './settings.ts';
import { eventOf, type WireMessage } from './stream-messages.ts';
import { StreamSocket } from './stream-socket.ts';
import type { PolygonCluster } from './symbols.ts';

export interface FeedPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: Calendar;
}

export interface FeedSettings {
  readonly cluster: PolygonCluster;
  readonly url: string;
  readonly key: PolygonKey;
  readonly silenceMs?: number;
}

/** Who hears what a cluster says. */
export interface FeedEars {
  event(event: MarketEvent): void;
  /** It listens to all that is wanted, or no longer does. */
  state(isConnected: boolean, reason: string): void;
  /** Going on makes no sense. */
  failed(error: unknown): void;
}

/** A cluster's connection for as long as it is wanted: it comes back by itself, with all channels, after longer and longer waits. */
export class ClusterFeed {
  readonly #ports: FeedPorts;
  readonly #settings: FeedSettings;
  readonly #ears: FeedEars;
  readonly #over = new AbortController();
  /** Channels that are wanted; a connection is brought to them. */
  #wanted: ReadonlySet<string> = new Set();
  #socket: StreamSocket | undefined;
  /** The last change under way: one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #heardAtMs = 0;
  #attempts = 0;

  constructor(ports: FeedPorts, settings: FeedSettings, ears: FeedEars) {
    this.#ports = ports;
    this.#settings = settings;
    this.#ears = ears;
  }

  /** Changes the channels, and connects where it is not. @throws MARKET.CREDENTIALS, MARKET.ENTITLEMENT, MARKET.UNAVAILABLE */
  want(channels: ReadonlySet<string>): Promise<void> {
    this.#wanted = channels;
    return this.#inTurn(async () => {
      if (this.#socket === undefined) await this.#connect();
      else await this.#bring(this.#socket);
    });
  }

  close(): void {
    this.#over.abort();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #connect(): Promise<void> {
    const { cluster, url, key } = this.#settings;
    const ended = (reason: string, failure?: unknown): void => {
      if (this.#socket === socket) this.#lost(reason, failure);
    };
    const socket: StreamSocket = new StreamSocket(
      this.#ports.clock,
      { cluster, url, key: () => key.reveal(), keySource: key.source },
      { heard: (messages) => this.#heard(messages), ended },
    );
    try {
      await socket.login();
      await this.#bring(socket);
    } catch (error) {
      socket.close();
      throw error;
    }
    if (this.#over.signal.aborted) {
      socket.close();
      return;
    }
    this.#socket = socket;
    this.#attempts = 0;
    this.#heardAtMs = this.#ports.clock.monotonicMs();
    this.#ears.state(true, '');
    void this.#watch(socket);
  }

  /** Has a connection listen to what is wanted, and to nothing else. */
  async #bring(socket: StreamSocket): Promise<void> {
    const has = socket.channels;
    const wanted = this.#wanted;
    const gone = [...has].filter((channel) => !wanted.has(channel)).sort();
    const fresh = [...wanted].filter((channel) => !has.has(channel)).sort();
    await socket.ask('unsubscribe', gone);
    await socket.ask('subscribe', fresh);
  }

  #heard(messages: readonly WireMessage[]): void {
    this.#heardAtMs = this.#ports.clock.monotonicMs();
    for (const message of messages) {
      try {
        const event = eventOf(message);
        if (event !== undefined) this.#ears.event(event);
      } catch (error) {
        this.#ports.log.warn('a message of Polygon cannot be read', {
          error,
          message: JSON.stringify(message).slice(0, 200),
        });
        if (message.ev === 'AM' || message.ev === 'A') this.#giveUp('a bar cannot be read');
      }
    }
  }

  #lost(reason: string, failure?: unknown): void {
    this.#socket = undefined;
    if (this.#over.signal.aborted) return;
    const { cluster } = this.#settings;
    this.#ears.state(false, `${cluster}: ${reason}`);
    if (failure !== undefined) this.#ears.failed(failure);
    else void this.#inTurn(() => this.#comeBack());
  }

  /** Ends a connection that has not told all: the gap is found with the next one. */
  #giveUp(reason: string): void {
    if (this.#socket === undefined) return;
    this.#socket.close();
    this.#lost(reason);
  }

  /** Connects again until it succeeds or makes no sense. */
  async #comeBack(): Promise<void> {
    while (!this.#over.signal.aborted && this.#socket === undefined) {
      const planned = Math.min(RECONNECT_MS * 2 ** this.#attempts, RECONNECT_MS_MAX);
      this.#attempts += 1;
      // The vendor takes a moment to forget a connection that broke off.
      await this.#ports.clock.sleep(planned, this.#over.signal);
      if (this.#over.signal.aborted) return;
      try {
        await this.#connect();
      } catch (error) {
        const { cluster, key } = this.#settings;
        const isKey = hasCode(error, 'MARKET.CREDENTIALS') && !key.refresh();
        if (isKey || hasCode(error, 'MARKET.ENTITLEMENT')) return this.#ears.failed(error);
        this.#ports.log.warn('a stream of Polygon cannot be opened; trying again', {
          cluster,
          error,
        });
      }
    }
  }

  /** Ends a connection that says nothing while the market is open: it stands, and is dead. */
  async #watch(socket: StreamSocket): Promise<void> {
    const { clock, calendar } = this.#ports;
    const silenceMs = this.#settings.silenceMs ?? SILENCE_MS;
    while (this.#socket === socket) {
      const leftMs = this.#heardAtMs + silenceMs - clock.monotonicMs();
      await clock.sleep(Math.max(leftMs, 1), this.#over.signal);
      if (this.#over.signal.aborted || this.#socket !== socket) return;
      const silentMs = clock.monotonicMs() - this.#heardAtMs;
      if (silentMs < silenceMs) continue;
      if (calendar.isOpen(clock.nowUs()) && this.#saysEachMinute()) {
        this.#giveUp(`nothing was said for ${Math.round(silentMs / 1_000)} s`);
        return;
      }
      this.#heardAtMs = clock.monotonicMs();
    }
  }

  /** Options may be without a trade for hours; stocks and indices that somebody watches are not. */
  #saysEachMinute(): boolean {
    return this.#wanted.size > 0 && this.#settings.cluster !== 'options';
  }
}
