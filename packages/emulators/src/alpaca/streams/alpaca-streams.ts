import type { WebSocket } from 'ws';
import type { EmulatorContext } from '../emulator-context.ts';
import { DataStream } from './data-stream.ts';
import { ShareChannels } from './stream-channels.ts';
import { JSON_CODEC, MSGPACK_CODEC } from './stream-codec.ts';
import { TradingStream } from './trading-stream.ts';

const TRADING_PATH = '/stream';
const FREE_SYMBOLS = 30;
const IEX_FRACTION = 0.025;

export interface StreamOptions {
  readonly isLive: boolean;
  readonly connections: number;
}

/** All streams of an emulated Alpaca, by path. */
export class AlpacaStreams {
  readonly #trading: TradingStream;
  readonly #data = new Map<string, DataStream>();

  constructor(context: EmulatorContext, { isLive, connections }: StreamOptions) {
    const { keys, faults, world, prices, plan, exchange } = context;
    this.#trading = new TradingStream(keys, faults, !isLive);
    exchange.onUpdate((accountId, update) => this.#trading.tell(accountId, update));
    const symbols = plan === 'free' ? FREE_SYMBOLS : Number.POSITIVE_INFINITY;
    const limits = { connections, symbols };
    const isHalted = (symbol: string): boolean => faults.isHalted(symbol);
    for (const feed of ['iex', 'sip', 'delayed_sip'] as const) {
      const fraction = feed === 'iex' ? IEX_FRACTION : 1;
      const source = new ShareChannels(world, prices, fraction, isHalted);
      const isEntitled = plan === 'paid' || feed !== 'sip';
      const stream = new DataStream({ keys, faults, source, limits, isEntitled });
      this.#data.set(`/v2/${feed}`, stream);
      exchange.addAudience(stream);
    }
  }

  has(path: string): boolean {
    return path === TRADING_PATH || this.#data.has(path);
  }

  /** Takes a connection to a path that there is. */
  connect(path: string, socket: WebSocket, contentType: string): void {
    if (path === TRADING_PATH) this.#trading.connect(socket);
    else this.#data.get(path)?.connect(socket, codecOf(contentType));
  }

  /** Tells that a symbol is halted, or trades again. */
  tellStatus(symbol: string, isHalted: boolean, atUs: number): void {
    for (const stream of this.#data.values()) stream.tellStatus(symbol, isHalted, atUs);
  }

  /** Ends connections, as a network does. */
  drop(which: 'trading' | 'data' | 'all'): void {
    if (which !== 'data') this.#trading.drop();
    if (which !== 'trading') for (const stream of this.#data.values()) stream.drop();
  }

  /** Connections that there are. */
  get connections(): { readonly trading: number; readonly data: number } {
    const data = [...this.#data.values()].reduce((sum, stream) => sum + stream.connections, 0);
    return { trading: this.#trading.connections, data };
  }
}

const codecOf = (contentType: string) =>
  contentType.includes('msgpack') ? MSGPACK_CODEC : JSON_CODEC;
