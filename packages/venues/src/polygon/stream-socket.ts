import type { Clock } from '@capstan/ports';
import { WebSocket } from 'ws';
import { marketFailure } from '../requests/market-failure.ts';
import { CHANNELS_PER_MESSAGE, STREAM_STEP_MS } from './limits.ts';
import { readFrame, type WireMessage, type WireStatus } from './stream-messages.ts';
import type { PolygonCluster } from './symbols.ts';

/** What becomes of a socket that was open. */
export interface SocketEars {
  /** Messages other than of the protocol itself. */
  heard(messages: readonly WireMessage[]): void;
  /** It is over. @param failure where coming back makes no sense. */
  ended(reason: string, failure?: unknown): void;
}

export interface SocketSettings {
  readonly cluster: PolygonCluster;
  readonly url: string;
  /** Read at each login. */
  readonly key: () => string;
  /** Where the key comes from, for a person. */
  readonly keySource: string;
}

type Settled = (error?: unknown) => void;

/** Channels that were asked for and not yet answered. */
interface Asked {
  readonly channels: Set<string>;
  readonly verb: 'subscribed' | 'unsubscribed';
  readonly refused: Set<string>;
  /** What was said of a refusal. */
  said: string;
  readonly settle: Settled;
}

/**
 * One connection to a cluster: greeting, login, subscriptions, each confirmed before the next; then data. The vendor's own wrapper
 * sends the login from a handler that its user would replace, and knows no time-outs, so that this is the bare socket.
 */
export class StreamSocket {
  readonly #clock: Clock;
  readonly #settings: SocketSettings;
  readonly #ears: SocketEars;
  readonly #socket: WebSocket;
  readonly #over = new AbortController();
  readonly #channels = new Set<string>();
  #greeting: { readonly settle: Settled; login: 'waits' | 'sent' } | undefined;
  #asked: Asked | undefined;

  constructor(clock: Clock, settings: SocketSettings, ears: SocketEars) {
    this.#clock = clock;
    this.#settings = settings;
    this.#ears = ears;
    this.#socket = new WebSocket(settings.url, { perMessageDeflate: false });
    this.#socket.on('message', (data) => this.#hear(String(data)));
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', (code) => this.#end(`closed with ${code}`));
  }

  /** Channels that the vendor has confirmed. */
  get channels(): ReadonlySet<string> {
    return this.#channels;
  }

  /** Waits until the vendor has taken the key. @throws MARKET.CREDENTIALS, MARKET.ENTITLEMENT, MARKET.UNAVAILABLE */
  login(): Promise<void> {
    return this.#step('the login', (settle) => {
      this.#greeting = { settle, login: 'waits' };
    });
  }

  /**
   * Asks for channels or no longer for them, and waits for each to be confirmed.
   * @throws MARKET.ENTITLEMENT naming those that the vendor refuses, once the others are confirmed; MARKET.UNAVAILABLE
   */
  async ask(action: 'subscribe' | 'unsubscribe', channels: readonly string[]): Promise<void> {
    for (let at = 0; at < channels.length; at += CHANNELS_PER_MESSAGE) {
      await this.#askSome(action, channels.slice(at, at + CHANNELS_PER_MESSAGE));
    }
  }

  /** Ends it without a word to the ears. */
  close(): void {
    this.#over.abort();
    this.#socket.terminate();
  }

  async #askSome(action: 'subscribe' | 'unsubscribe', channels: readonly string[]): Promise<void> {
    const verb = `${action}d` as Asked['verb'];
    const refused = new Set<string>();
    let asked: Asked | undefined;
    await this.#step(`${action} ${channels.length} channels`, (settle) => {
      asked = { channels: new Set(channels), verb, refused, said: '', settle };
      this.#asked = asked;
      this.#socket.send(JSON.stringify({ action, params: channels.join(',') }));
    }).catch((error: unknown) => {
      // A refusal that names no channel means those of which nothing else was said.
      if (asked === undefined || asked.said === '') throw error;
      for (const channel of asked.channels) refused.add(channel);
    });
    if (refused.size > 0) throw unentitled(this.#settings.cluster, [...refused], asked?.said ?? '');
  }

  /** Waits for a step of the protocol, within its time. */
  async #step(what: string, begin: (settle: Settled) => void): Promise<void> {
    const done = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const over = () => reject(this.#unavailable(`the connection ended at ${what}`));
    this.#over.signal.addEventListener('abort', over, { once: true });
    void this.#clock.sleep(STREAM_STEP_MS, done.signal).then(() => {
      if (!done.signal.aborted) reject(this.#unavailable(`no answer to ${what} in time`));
    });
    try {
      if (this.#over.signal.aborted) over();
      else begin((error) => (error === undefined ? resolve() : reject(error)));
      await promise;
    } finally {
      done.abort();
      this.#over.signal.removeEventListener('abort', over);
    }
  }

  #hear(text: string): void {
    const messages = readFrame(text);
    if (messages === undefined) {
      this.#end('what was said is no JSON of messages');
      return;
    }
    const told: WireMessage[] = [];
    for (const message of messages) {
      if (message.ev === 'status') this.#status(message);
      else told.push(message);
    }
    if (!this.#over.signal.aborted) this.#ears.heard(told);
  }

  #status({ status, message = '' }: WireStatus): void {
    if (status === 'connected') this.#sendKey();
    else if (status === 'auth_success') this.#greeting?.settle();
    else if (status === 'auth_failed' || status === 'auth_timeout') {
      this.#end(status, refusedKey(this.#settings, message));
    } else if (status === 'max_connections') this.#end(status, tooMany(this.#settings));
    else if (status === 'success') this.#confirmed(message);
    else if (status === 'error') this.#refused(message);
  }

  #sendKey(): void {
    if (this.#greeting?.login !== 'waits') return;
    this.#greeting.login = 'sent';
    this.#socket.send(JSON.stringify({ action: 'auth', params: this.#settings.key() }));
  }

  #confirmed(message: string): void {
    const asked = this.#asked;
    const prefix = `${asked?.verb} to: `;
    if (asked === undefined || !message.startsWith(prefix)) return;
    // The vendor may confirm several in one message.
    for (const one of message.slice(prefix.length).split(',')) {
      const channel = one.trim();
      asked.channels.delete(channel);
      if (asked.verb === 'subscribed') this.#channels.add(channel);
      else this.#channels.delete(channel);
    }
    if (asked.channels.size === 0) asked.settle();
  }

  #refused(message: string): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    asked.said = message;
    const words = new Set(message.split(/[\s,]+/));
    for (const channel of asked.channels) {
      if (!words.has(channel)) continue;
      asked.channels.delete(channel);
      asked.refused.add(channel);
    }
    if (asked.channels.size === 0) asked.settle();
  }

  #end(reason: string, failure?: unknown): void {
    if (this.#over.signal.aborted) return;
    if (failure !== undefined) {
      this.#greeting?.settle(failure);
      this.#asked?.settle(failure);
    }
    this.close();
    this.#ears.ended(reason, failure);
  }

  #unavailable(why: string) {
    return marketFailure('MARKET.UNAVAILABLE', {
      why: `Polygon's stream of ${this.#settings.cluster}: ${why}.`,
      fix: 'Look at the network and at the status page of Polygon; it is tried again by itself.',
    });
  }
}

function unentitled(cluster: PolygonCluster, channels: readonly string[], said: string) {
  const shown = channels.slice(0, 5).join(', ');
  const more = channels.length > 5 ? ` and ${channels.length - 5} more` : '';
  return marketFailure('MARKET.ENTITLEMENT', {
    why: `Polygon's stream of ${cluster} refuses ${shown}${more}: ${said}.`,
    fix: 'Ask for what the plan holds (AM needs any paid plan, T and Q need their own), or change the plan.',
  });
}

function refusedKey({ cluster, keySource }: SocketSettings, said: string) {
  return marketFailure('MARKET.CREDENTIALS', {
    why: `Polygon's stream of ${cluster} refuses the key of ${keySource}: ${said}.`,
    fix: 'Check it on the page of your account at Polygon, and that the plan holds streams.',
  });
}

function tooMany({ cluster }: SocketSettings) {
  return marketFailure('MARKET.ENTITLEMENT', {
    why: `Another process took the one connection to Polygon's stream of ${cluster} that the key has.`,
    fix: 'Stop the other process, or give it a key of its own: coming back would send it away in turn.',
  });
}
