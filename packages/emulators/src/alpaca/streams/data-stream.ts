import { US_PER_MINUTE } from '@capstan/domain';
import type { WebSocket } from 'ws';
import type { FaultBook } from '../../control/faults.ts';
import type { Slot } from '../../market/market-loop.ts';
import type { TradingDay } from '../../market/session-days.ts';
import type { MarketAudience } from '../alpaca-exchange.ts';
import type { KeyRing } from '../keys.ts';
import { CHANNELS, type Channel, type ChannelSource } from './stream-channels.ts';
import type { StreamCodec } from './stream-codec.ts';

/** What a connection may do by its plan. */
export interface StreamLimits {
  readonly connections: number;
  /** Symbols of trades and quotes together. */
  readonly symbols: number;
}

interface Client {
  readonly socket: WebSocket;
  readonly codec: StreamCodec;
  accountId: string | undefined;
  readonly wanted: Map<Channel, Set<string>>;
  readonly timer: NodeJS.Timeout;
}

const AUTH_SECONDS = 10;
const MESSAGES_PER_FRAME = 400;
/** Bytes that may wait for a client before it is too slow. */
const BACKLOG_MAX = 64 * 1024 * 1024;

const ERRORS: Readonly<Record<number, string>> = {
  400: 'invalid syntax',
  401: 'not authenticated',
  402: 'auth failed',
  403: 'already authenticated',
  404: 'auth timeout',
  405: 'symbol limit exceeded',
  406: 'connection limit exceeded',
  407: 'slow client',
  409: 'insufficient subscription',
  410: 'invalid subscribe action for this feed',
};

export interface DataStreamParts {
  readonly keys: KeyRing;
  readonly faults: FaultBook;
  readonly source: ChannelSource;
  readonly limits: StreamLimits;
  /** Whether the plan of the account holds this feed. */
  readonly isEntitled: boolean;
}

/** A stream of market data: one feed, to whom has subscribed. */
export class DataStream implements MarketAudience {
  readonly #parts: DataStreamParts;
  readonly #clients = new Set<Client>();

  constructor(parts: DataStreamParts) {
    this.#parts = parts;
  }

  get connections(): number {
    return this.#clients.size;
  }

  get isIdle(): boolean {
    for (const { wanted } of this.#clients) {
      for (const symbols of wanted.values()) if (symbols.size > 0) return false;
    }
    return true;
  }

  /** Takes a connection. */
  connect(socket: WebSocket, codec: StreamCodec): void {
    const timer = setTimeout(() => this.#refuse(client, 404), AUTH_SECONDS * 1_000);
    const wanted = new Map(CHANNELS.map((channel) => [channel, new Set<string>()]));
    const client: Client = { socket, codec, timer, wanted, accountId: undefined };
    this.#clients.add(client);
    socket.on('close', () => {
      clearTimeout(timer);
      this.#clients.delete(client);
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => this.#onMessage(client, data as Buffer));
    if (!this.#hangs()) send(client, [{ T: 'success', msg: 'connected' }]);
  }

  onSlot(slot: Slot): void {
    this.#publish(['quotes', 'trades'], (channel, symbol) =>
      this.#parts.source.slotMessage(channel as 'quotes' | 'trades', symbol, slot),
    );
    this.#publish(['updatedBars'], (_channel, symbol) =>
      this.#parts.source.updatedMessage(symbol, slot),
    );
  }

  onMinute(day: TradingDay, minute: number): void {
    const startUs = day.midnightUs + minute * US_PER_MINUTE;
    this.#publish(['bars', 'dailyBars'], (channel, symbol) =>
      this.#parts.source.minuteMessage(channel as 'bars' | 'dailyBars', symbol, startUs, day),
    );
  }

  /** Tells that a symbol is halted, or trades again. */
  tellStatus(symbol: string, isHalted: boolean, atUs: number): void {
    this.#publish(['statuses'], (_channel, one) =>
      one === symbol ? this.#parts.source.statusMessage(symbol, isHalted, atUs) : undefined,
    );
  }

  /** Ends all connections, as a network does. */
  drop(): void {
    for (const { socket } of this.#clients) socket.terminate();
  }

  #hangs(): boolean {
    const fault = this.#parts.faults.find('hangStream');
    return fault !== undefined && fault.stream !== 'trading';
  }

  /** Makes each message once, and sends each client those that it wants. */
  #publish(
    channels: readonly Channel[],
    make: (channel: Channel, symbol: string) => object | undefined,
  ): void {
    if (this.#clients.size === 0 || this.#hangs()) return;
    const made = new Map<string, object | undefined>();
    const times = this.#parts.faults.use('duplicateFrames') === undefined ? 1 : 2;
    for (const client of this.#clients) {
      const messages: object[] = [];
      for (const channel of channels) {
        for (const symbol of this.#wantedOf(client, channel)) {
          const key = `${channel} ${symbol}`;
          if (!made.has(key)) made.set(key, make(channel, symbol));
          const message = made.get(key);
          if (message !== undefined) messages.push(message);
        }
      }
      for (let time = 0; time < times; time += 1) this.#sendAll(client, messages);
    }
  }

  #wantedOf(client: Client, channel: Channel): Iterable<string> {
    const wanted = client.wanted.get(channel) ?? new Set<string>();
    return wanted.has('*') ? this.#parts.source.symbols : wanted;
  }

  #sendAll(client: Client, messages: readonly object[]): void {
    for (let from = 0; from < messages.length; from += MESSAGES_PER_FRAME) {
      send(client, messages.slice(from, from + MESSAGES_PER_FRAME));
    }
    if (client.socket.bufferedAmount > BACKLOG_MAX) this.#refuse(client, 407);
  }

  #onMessage(client: Client, data: Buffer): void {
    if (this.#hangs()) return;
    const asked = read(client.codec, data);
    const action = asked?.action;
    if (asked !== undefined && action === 'auth') this.#authenticate(client, asked);
    else if (client.accountId === undefined) this.#say(client, asked === undefined ? 400 : 401);
    else if (asked === undefined || (action !== 'subscribe' && action !== 'unsubscribe')) {
      this.#say(client, 400);
    } else {
      const problem = this.#subscribe(client, asked, action === 'subscribe');
      if (problem !== undefined) this.#say(client, problem);
    }
  }

  #authenticate(client: Client, asked: Readonly<Record<string, unknown>>): void {
    if (client.accountId !== undefined) {
      this.#say(client, 403);
      return;
    }
    const account = this.#parts.keys.find(asked.key, asked.secret);
    const accountId = account?.settings.accountId;
    const refusal = accountId === undefined ? 402 : this.#refusalOf(accountId);
    if (refusal !== undefined) {
      this.#refuse(client, refusal);
      return;
    }
    clearTimeout(client.timer);
    client.accountId = accountId;
    send(client, [{ T: 'success', msg: 'authenticated' }]);
  }

  #refusalOf(accountId: string): number | undefined {
    const { limits, faults, isEntitled } = this.#parts;
    if (!isEntitled) return 409;
    const refused = faults.use('refuseStream');
    if (refused !== undefined) return refused.code ?? 406;
    const others = [...this.#clients].filter((other) => other.accountId === accountId).length;
    return others >= limits.connections ? 406 : undefined;
  }

  /** Changes what a client wants; returns the code of what stands against it. */
  #subscribe(
    client: Client,
    asked: Readonly<Record<string, unknown>>,
    adds: boolean,
  ): number | undefined {
    const next = new Map([...client.wanted].map(([channel, set]) => [channel, new Set(set)]));
    for (const channel of CHANNELS) {
      const symbols = asked[channel];
      if (!Array.isArray(symbols)) continue;
      if (!this.#parts.source.channels.includes(channel) && symbols.length > 0) {
        return 410;
      }
      const set = next.get(channel) ?? new Set<string>();
      for (const symbol of symbols) {
        if (adds) set.add(String(symbol));
        else set.delete(String(symbol));
      }
    }
    const counted = (next.get('trades')?.size ?? 0) + (next.get('quotes')?.size ?? 0);
    if (counted > this.#parts.limits.symbols) return 405;
    for (const [channel, set] of next) client.wanted.set(channel, set);
    const state = this.#parts.source.channels.map((channel) => [
      channel,
      [...(client.wanted.get(channel) ?? [])].sort(),
    ]);
    send(client, [{ T: 'subscription', ...Object.fromEntries(state) }]);
    return undefined;
  }

  #say(client: Client, code: number): void {
    send(client, [{ T: 'error', code, msg: ERRORS[code] ?? 'internal error' }]);
  }

  #refuse(client: Client, code: number): void {
    this.#say(client, code);
    client.socket.close();
  }
}

function send({ socket, codec }: Client, messages: readonly unknown[]): void {
  if (socket.readyState === socket.OPEN) socket.send(codec.encode(messages));
}

function read(codec: StreamCodec, data: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = codec.decode(data);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
