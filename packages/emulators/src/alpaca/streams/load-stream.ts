import type { AddressInfo } from 'node:net';
import { US_PER_MS } from '@capstan/domain';
import { type WebSocket, WebSocketServer } from 'ws';
import { MSGPACK_CODEC, StreamTime } from './stream-codec.ts';

const MESSAGES_PER_FRAME = 400;
const CHANNELS = ['bars', 'updatedBars', 'trades', 'quotes', 'statuses'] as const;

/** Where messages went, and when. */
export interface SentFrames {
  readonly messages: number;
  /** By this machine's clock, of each frame of up to 400 messages in their order. */
  readonly sentUs: readonly number[];
}

interface Asked {
  readonly action?: string;
  readonly [channel: string]: unknown;
}

/**
 * A stream of Alpaca's market data, in msgpack, that says what it is told to when it is told to: for measuring who listens. It takes any
 * key, and sends whatever is asked of it to whoever has subscribed to anything.
 */
export class LoadStream {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #wanted = new Map<WebSocket, Map<string, Set<string>>>();
  #isAway = false;

  private constructor(server: WebSocketServer, port: number) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${port}`;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(): Promise<LoadStream> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await new Promise<void>((resolve) => server.once('listening', resolve));
    return new LoadStream(server, (server.address() as AddressInfo).port);
  }

  /** Symbols of a channel that somebody listens to. */
  listened(channel: 'bars' | 'quotes'): number {
    return Math.max(0, ...[...this.#wanted.values()].map((one) => one.get(channel)?.size ?? 0));
  }

  /** Ends all connections, and takes none until it is back. */
  away(isAway: boolean): void {
    this.#isAway = isAway;
    if (isAway) for (const socket of this.#server.clients) socket.terminate();
  }

  /** Says a quote of each symbol, of the time at which it is sent. */
  quotes(symbols: readonly string[], bid: number): SentFrames {
    return this.#send(symbols, (S, nowUs) => ({
      ...{ T: 'q', S, bx: 'V', bp: bid, bs: 100, ax: 'V', ap: bid + 0.01, as: 100 },
      ...{ c: ['R'], z: 'C', t: new StreamTime(nowUs) },
    }));
  }

  /** Says the bar of each symbol of the minute that begins at a time. */
  bars(symbols: readonly string[], startUs: number): SentFrames {
    const t = new StreamTime(startUs);
    const prices = { o: 100, h: 100.05, l: 99.95, c: 100.01, v: 1_000, n: 10, vw: 100 };
    return this.#send(symbols, (S) => ({ T: 'b', S, ...prices, t }));
  }

  /** Resolves when no more than so many bytes wait for who reads. */
  async drained(bytes: number): Promise<void> {
    while ([...this.#server.clients].some(({ bufferedAmount }) => bufferedAmount > bytes)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #send(
    symbols: readonly string[],
    message: (symbol: string, nowUs: number) => object,
  ): SentFrames {
    const sentUs: number[] = [];
    for (let from = 0; from < symbols.length; from += MESSAGES_PER_FRAME) {
      const nowUs = Math.round((performance.timeOrigin + performance.now()) * US_PER_MS);
      const some = symbols.slice(from, from + MESSAGES_PER_FRAME);
      const frame = MSGPACK_CODEC.encode(some.map((symbol) => message(symbol, nowUs)));
      sentUs.push(nowUs);
      for (const socket of this.#wanted.keys()) socket.send(frame);
    }
    return { messages: symbols.length, sentUs };
  }

  #accept(socket: WebSocket): void {
    if (this.#isAway) {
      socket.terminate();
      return;
    }
    const wanted = new Map(CHANNELS.map((channel) => [channel as string, new Set<string>()]));
    const say = (message: object) => socket.send(MSGPACK_CODEC.encode([message]));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#wanted.delete(socket));
    socket.on('message', (data) => {
      const asked = MSGPACK_CODEC.decode(data as Buffer) as Asked;
      if (asked.action === 'auth') return say({ T: 'success', msg: 'authenticated' });
      for (const [channel, symbols] of wanted) {
        for (const symbol of (asked[channel] as readonly string[] | undefined) ?? []) {
          if (asked.action === 'subscribe') symbols.add(symbol);
          else symbols.delete(symbol);
        }
      }
      this.#wanted.set(socket, wanted);
      const state = [...wanted].map(([channel, symbols]) => [channel, [...symbols].sort()]);
      say({ T: 'subscription', ...Object.fromEntries(state) });
    });
    say({ T: 'success', msg: 'connected' });
  }
}
